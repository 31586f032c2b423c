import { randomBytes } from 'node:crypto'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { checkKey, checkNotNull } from '../../shared/input-rules.ts'
import type { UnitOfWork } from '../../shared/unit-of-work.ts'
import { checkLongText, checkName, checkTargeting, checkUnitType } from '../experiments/experiment-rules.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { replaceChecks } from './replace-checks.ts'
import { Rollout } from './rollout.entity.ts'
import type { CreateRolloutInput, DeleteRolloutInput, UpdateRolloutInput } from './rollout.inputs.ts'
import type { RolloutRepository } from './rollout.repository.ts'
import {
  assertDraft,
  checkConfig,
  checkRolloutAlpha,
  checkSampleAge,
  checkStages,
  checkStartsAt,
  checkVersionLabel,
  DEFAULT_STAGES,
} from './rollout-plan.ts'
import { isUnderWay } from './rollout-status.ts'

/** Planning rollouts. */
export class RolloutService {
  readonly #work: UnitOfWork
  readonly #rollouts: RolloutRepository
  readonly #viewer: Viewer
  readonly #clock: Clock

  constructor(work: UnitOfWork, rollouts: RolloutRepository, viewer: Viewer, clock: Clock) {
    this.#work = work
    this.#rollouts = rollouts
    this.#viewer = viewer
    this.#clock = clock
  }

  /** @param promotedFromId - the experiment whose winner it delivers */
  async create(input: CreateRolloutInput, promotedFromId: number | null = null): Promise<Rollout> {
    this.#viewer.assertCan('rollout:write')
    const { organizationId } = this.#viewer
    const values = {
      key: checkKey(['key'], input.key),
      name: checkName(['name'], input.name),
      versionLabel: checkVersionLabel(['versionLabel'], input.versionLabel),
      ...this.#plan({ ...input, stages: input.stages ?? [...DEFAULT_STAGES] }),
    }
    return this.#work.transaction(async (em, record) => {
      await assertKeyIsFree(em, values.key)
      const rollout = em.create(Rollout, {
        organizationId,
        salt: randomBytes(9).toString('base64url'),
        promotedFrom: promotedFromId,
        ...values,
        stages: values.stages!,
      })
      await em.flush()
      await replaceChecks(em, rollout, input.healthChecks ?? [])
      record({ type: 'RolloutCreated', organizationId, subjectId: rollout.id })
      return rollout
    })
  }

  update(input: UpdateRolloutInput): Promise<Rollout> {
    this.#viewer.assertCan('rollout:write')
    const { organizationId } = this.#viewer
    return this.#rollouts.change(input, async (rollout, em, record) => {
      if (input.name !== undefined) rollout.name = checkName(['name'], input.name)
      const { description, ...plan } = this.#plan(input)
      if (description !== undefined) rollout.description = description
      if (input.versionLabel !== undefined) {
        const label = checkNotNull(['versionLabel'], input.versionLabel)
        Object.assign(plan, { versionLabel: checkVersionLabel(['versionLabel'], label) })
      }
      const changed = [...Object.keys(plan), ...(input.healthChecks === undefined ? [] : ['healthChecks'])]
      if (changed.length > 0) assertDraft(rollout, `${changed.join(', ')} can change`)
      Object.assign(rollout, plan)
      if (input.healthChecks !== undefined) await replaceChecks(em, rollout, input.healthChecks ?? [])
      record({ type: 'RolloutChanged', organizationId, subjectId: rollout.id })
    })
  }

  /** The rollout is not found any more; its key stays taken. */
  delete(input: DeleteRolloutInput): Promise<Rollout> {
    this.#viewer.assertCan('rollout:delete')
    const { organizationId } = this.#viewer
    return this.#rollouts.change(input, (rollout, _em, record) => {
      if (isUnderWay(rollout.status)) {
        throw new DomainError(
          'ROLLOUT_RUNNING',
          `The rollout ${rollout.key} is ${rollout.status}; complete it or roll it back before it is deleted.`,
        )
      }
      rollout.deletedAt = this.#clock()
      record({ type: 'RolloutDeleted', organizationId, subjectId: rollout.id })
    })
  }

  /** What an input says of the plan, checked; what it leaves out is not there, what it clears takes its default. */
  #plan(input: Omit<UpdateRolloutInput, 'rolloutKey' | 'name' | 'versionLabel'>) {
    return {
      ...(input.description !== undefined && { description: checkLongText(['description'], input.description) }),
      ...(input.config !== undefined && { config: checkConfig(['config'], input.config) }),
      ...(input.controlConfig !== undefined && { controlConfig: checkConfig(['controlConfig'], input.controlConfig) }),
      ...(input.unitType !== undefined && { unitType: checkUnitType(['unitType'], input.unitType ?? 'user') }),
      ...(input.targeting !== undefined && {
        targeting: input.targeting && checkTargeting(['targeting'], input.targeting),
      }),
      ...(input.stages !== undefined && { stages: checkStages(['stages'], input.stages ?? DEFAULT_STAGES) }),
      ...(input.startsAt !== undefined && {
        startsAt: input.startsAt && checkStartsAt(['startsAt'], input.startsAt, this.#clock()),
      }),
      ...(input.alpha !== undefined && { alpha: checkRolloutAlpha(['alpha'], input.alpha) }),
      ...(input.maximumSampleAgeSeconds !== undefined && {
        maximumSampleAgeSeconds: checkSampleAge(['maximumSampleAgeSeconds'], input.maximumSampleAgeSeconds),
      }),
    }
  }
}

async function assertKeyIsFree(em: EntityManager, key: string): Promise<void> {
  // Deleted rollouts hold their key: clients and logs still know it by that name.
  if (await em.findOne(Rollout, { key })) {
    throw new DomainError(
      'KEY_TAKEN',
      `The key ${key} is in use, or was used by a deleted rollout; keys are not reused.`,
    )
  }
}
