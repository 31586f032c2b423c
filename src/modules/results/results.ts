import type { Aggregates } from '../ingestion/aggregates.read-model.ts'
import { countedUnits } from './arm-sums.ts'
import { type Decision, decide } from './decision.ts'
import type { StoredLook } from './group-sequential-looks.ts'
import { type Health, healthOf } from './health.ts'
import { type MetricResult, metricResult } from './metric-result.ts'
import { type Performance, performanceOf } from './performance.ts'
import type { ResultSubject } from './result-subject.ts'
import { familiesOf, judged } from './verdicts.ts'

/** Everything that is known of an experiment at one version of its aggregates. */
export interface Results {
  experimentId: number
  experimentKey: string
  version: number
  computedAt: Date
  exposedUnits: number
  metrics: MetricResult[]
  performance: Performance[]
  health: Health
  decision: Decision
  /** Looks that have been reached and are not stored yet. */
  dueLooks: StoredLook[]
}

/**
 * The results, from aggregates alone: their cost does not grow with events.
 * @param looks - those of a group-sequential test that are stored, in order
 */
export function resultsOf(
  subject: ResultSubject,
  aggregates: Aggregates,
  computedAt: Date,
  looks: readonly StoredLook[] = [],
): Results {
  const exposedUnits = aggregates.exposures.reduce((sum, cell) => sum + cell.units, 0)
  const families = familiesOf(subject)
  const measured = subject.metrics.map((metric) => {
    const family = families.get(metric.metric.id)!
    return metricResult(subject, metric, aggregates, { family, countedUnits: countedUnits(aggregates, metric), looks })
  })
  const metrics = judged(subject, families, measured)
  const health = healthOf(subject, aggregates)
  return {
    experimentId: subject.id,
    experimentKey: subject.key,
    version: aggregates.version,
    computedAt,
    exposedUnits,
    metrics,
    performance: performanceOf(subject.variants, metrics),
    health,
    decision: decide(subject, metrics, health, exposedUnits),
    dueLooks: metrics.flatMap(({ comparisons }) => comparisons.flatMap(({ dueLook }) => dueLook ?? [])),
  }
}
