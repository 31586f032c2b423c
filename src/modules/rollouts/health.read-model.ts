import type { Clock } from '../../shared/clock.ts'
import { ALL_BASIS_POINTS } from '../experiments/variant-weights.ts'
import type { AggregatesReadModel } from '../ingestion/aggregates.read-model.ts'
import type { MetricDefinition } from '../metrics/metric-definition.ts'
import type { ArmHealthSums, CurrentWindow, HealthStore } from './health.store.ts'
import type { RolloutArm } from './health-check.ts'
import { metricData, reportedData } from './health-data.ts'
import type { Rollout } from './rollout.entity.ts'
import type { RolloutCheck } from './rollout-check.entity.ts'
import { type Assessment, assessHealth, type Look, type WatchedCheck } from './rollout-evidence.ts'

/** How a rollout fares in its present window. */
export interface RolloutHealthState {
  window: CurrentWindow
  arms: ReadonlyMap<RolloutArm, ArmHealthSums>
  look: Look
  /** In the order of the checks. */
  watched: WatchedCheck[]
  assessment: Assessment
}

/** Where the versions of metrics are found that checks keep. */
export interface MetricDefinitions {
  definition(metricId: number, version: number): Promise<MetricDefinition>
}

/** How rollouts fare now, from sums alone: the cost does not grow with requests or events. */
export class RolloutHealthReadModel {
  readonly #store: HealthStore
  readonly #aggregates: AggregatesReadModel
  readonly #clock: Clock

  constructor(store: HealthStore, aggregates: AggregatesReadModel, clock: Clock) {
    this.#store = store
    this.#aggregates = aggregates
    this.#clock = clock
  }

  /** In the order of the rollouts, whose checks are loaded; null for one that has not started. */
  async of(
    organizationId: string,
    rollouts: readonly Rollout[],
    metrics: MetricDefinitions,
    now: Date = this.#clock(),
  ): Promise<Array<RolloutHealthState | null>> {
    const windows = await this.#store.windows(
      organizationId,
      rollouts.map(({ id }) => id),
    )
    if (windows.length === 0) return rollouts.map(() => null)
    const sums = await this.#store.sums(organizationId, windows)
    const attributed = windows.flatMap(({ attributionId }) => attributionId ?? [])
    const aggregates = attributed.length > 0 ? await this.#aggregates.of(organizationId, attributed) : []
    return Promise.all(
      rollouts.map(async (rollout) => {
        const window = windows.find(({ rolloutId }) => rolloutId === rollout.id)
        if (!window) return null
        const own = sums.filter(({ rolloutId }) => rolloutId === rollout.id)
        const arms = new Map(own.map((arm) => [arm.arm, arm]))
        const watched = await Promise.all(
          rollout.checks.getItems().map(async (check) => {
            const rule = ruleOf(check)
            const metric = await metricOf(check, metrics)
            const found = aggregates.find(({ experimentId }) => experimentId === window.attributionId)
            const data = metric && found ? metricData(rule, metric, found, window) : reportedData(rule, arms)
            return { key: check.key, rule, data }
          }),
        )
        const look: Look = {
          alpha: rollout.alpha,
          windowNumber: window.number,
          now,
          isEverybody: rollout.shareBasisPoints === ALL_BASIS_POINTS,
          maximumSampleAgeSeconds: rollout.maximumSampleAgeSeconds,
        }
        return { window, arms, look, watched, assessment: assessHealth(watched, look) }
      }),
    )
  }
}

function ruleOf({ signal, comparison, isHigherWorse, limit, quantile, minimumSample, onFailure }: RolloutCheck) {
  return { signal, comparison, isHigherWorse, limit, quantile: quantile ?? null, minimumSample, onFailure }
}

async function metricOf({ metric, metricVersion }: RolloutCheck, metrics: MetricDefinitions) {
  if (!metric || metricVersion == null) return null
  return { id: metric.id, definition: await metrics.definition(metric.id, metricVersion) }
}
