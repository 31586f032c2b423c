import { DomainError } from '../../shared/domain-error.ts'
import { checkNumber, fail, MAX_INT } from '../../shared/input-rules.ts'
import { isComputable } from '../../statistics/not-computable.ts'
import { runTimeDays } from '../../statistics/power/sample-plan.ts'
import type { DefinitionCache } from '../experiments/definition-cache.ts'
import type { AggregatesReadModel } from '../ingestion/aggregates.read-model.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { planSampleSize } from './plan-design.ts'
import type { PlanRunTimeInput } from './planning.inputs.ts'
import type { RunTimePlan } from './planning.types.ts'

const TRAFFIC_DAYS = 14

/** Plans that need to know how fast units come. */
export class PlanningService {
  readonly #definitions: DefinitionCache
  readonly #aggregates: AggregatesReadModel
  readonly #viewer: Viewer

  constructor(definitions: DefinitionCache, aggregates: AggregatesReadModel, viewer: Viewer) {
    this.#definitions = definitions
    this.#aggregates = aggregates
    this.#viewer = viewer
  }

  /** @throws DomainError BAD_USER_INPUT, EXPERIMENT_NOT_FOUND, NOT_PLANNABLE without traffic */
  async runTime(input: PlanRunTimeInput): Promise<RunTimePlan> {
    this.#viewer.assertCan('experiment:read')
    const sample = planSampleSize(input)
    const unitsPerDay = await this.#unitsPerDay(input)
    const days = runTimeDays(sample.totalUnits, unitsPerDay)
    if (!isComputable(days)) {
      throw new DomainError(
        'NOT_PLANNABLE',
        `No unit has come in the last ${TRAFFIC_DAYS} days; nothing tells how long it takes.`,
      )
    }
    if (days > MAX_INT) {
      const rule = `${sample.totalUnits} units then take more than ${MAX_INT} days, the most that a plan counts`
      fail('NOT_PLANNABLE', ['unitsPerDay'], `is ${unitsPerDay}; ${rule}.`)
    }
    return { days, unitsPerDay, sample }
  }

  async #unitsPerDay({ unitsPerDay, likeExperimentKey }: PlanRunTimeInput): Promise<number> {
    if ((unitsPerDay == null) === (likeExperimentKey == null)) {
      fail('BAD_USER_INPUT', ['unitsPerDay'], 'or likeExperimentKey is needed, and only one of them.')
    }
    if (unitsPerDay != null) return checkNumber(['unitsPerDay'], unitsPerDay, { above: 0, max: 1e12 })
    const { organizationId } = this.#viewer
    const experiment = await this.#definitions.byKey(organizationId, likeExperimentKey!)
    if (!experiment)
      throw new DomainError('EXPERIMENT_NOT_FOUND', `No started experiment has the key ${likeExperimentKey}.`)
    return this.#aggregates.unitsPerDay(organizationId, experiment.id, TRAFFIC_DAYS)
  }
}
