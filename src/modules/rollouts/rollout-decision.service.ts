import { DomainError } from '../../shared/domain-error.ts'
import { unitIdProblem } from '../ingestion/unit-id.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { decideRollout } from './decide-rollout.ts'
import type { OrganizationRollouts, RolloutCache, RolloutDefinition } from './rollout-cache.ts'
import type { RolloutDecision } from './rollout-decision.types.ts'

export interface DecidedUnit {
  unitId: string
  attributes: Record<string, unknown> | null
}

/** Whether units are on new versions, from memory; nothing is stored. */
export class RolloutDecisionService {
  readonly #cache: RolloutCache
  readonly #viewer: Viewer

  constructor(cache: RolloutCache, viewer: Viewer) {
    this.#cache = cache
    this.#viewer = viewer
  }

  /** @throws DomainError ROLLOUT_NOT_FOUND */
  async byKey(key: string, unit: DecidedUnit): Promise<RolloutDecision> {
    const { byKey } = await this.#rollouts(unit)
    const rollout = byKey.get(key)
    if (!rollout) throw new DomainError('ROLLOUT_NOT_FOUND', `No rollout has the key ${key}.`)
    return decisionOf(rollout, unit)
  }

  /** By the newest started rollout that delivers it. @throws DomainError VERSION_NOT_FOUND */
  async byVersion(versionLabel: string, unit: DecidedUnit): Promise<RolloutDecision> {
    const { started } = await this.#rollouts(unit)
    const rollout = started.find((each) => each.versionLabel === versionLabel)
    if (!rollout) {
      throw new DomainError(
        'VERSION_NOT_FOUND',
        `No started rollout delivers a version with the label ${versionLabel}.`,
      )
    }
    return decisionOf(rollout, unit)
  }

  /** Every started rollout for units of the type, newest first. */
  async all(unitType: string, unit: DecidedUnit): Promise<RolloutDecision[]> {
    const { started } = await this.#rollouts(unit)
    return started.filter((rollout) => rollout.unitType === unitType).map((rollout) => decisionOf(rollout, unit))
  }

  #rollouts({ unitId }: DecidedUnit): OrganizationRollouts | Promise<OrganizationRollouts> {
    this.#viewer.assertCan('rollout:decide')
    const problem = unitIdProblem(unitId)
    if (problem) throw new DomainError(problem.code, problem.message, { path: ['unitId'] })
    return this.#cache.of(this.#viewer.organizationId)
  }
}

function decisionOf(rollout: RolloutDefinition, { unitId, attributes }: DecidedUnit): RolloutDecision {
  const decision = decideRollout(rollout, { unitId, attributes: attributes ?? {} })
  return {
    rolloutKey: rollout.key,
    unitId,
    versionLabel: rollout.versionLabel,
    ...decision,
    config: decision.isOnNewVersion ? rollout.config : rollout.controlConfig,
  }
}
