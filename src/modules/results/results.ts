import type { Aggregates } from '../ingestion/aggregates.read-model.ts'
import type { Comparison } from './comparison.ts'
import { type Decision, decide } from './decision.ts'
import { familyOf, judgeFamily } from './families.ts'
import type { StoredLook } from './group-sequential-looks.ts'
import { type Health, healthOf } from './health.ts'
import { type MetricResult, metricResult } from './metric-result.ts'
import { type Performance, performanceOf } from './performance.ts'
import type { ResultSubject } from './result-subject.ts'

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
  const measured = subject.metrics.map((metric) => metricResult(subject, metric, aggregates, { exposedUnits, looks }))
  const metrics = judged(subject, measured)
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

/** Every comparison with the verdict that it gets within its family. */
function judged(subject: ResultSubject, metrics: readonly MetricResult[]): MetricResult[] {
  const families = new Map(subject.metrics.map((metric) => [metric.metric.id, familyOf(subject, metric)]))
  const isAdaptive = subject.algorithm === 'THOMPSON'
  const verdicts = new Map<Comparison, Comparison>()
  for (const members of Map.groupBy(metrics, ({ metric }) => families.get(metric.id)!.name).values()) {
    const comparisons = members.flatMap((metric) => metric.comparisons)
    const family = families.get(members[0]!.metric.id)!
    for (const [index, comparison] of judgeFamily(comparisons, family, subject.analysis, isAdaptive).entries()) {
      verdicts.set(comparisons[index]!, comparison)
    }
  }
  return metrics.map((metric) => ({
    ...metric,
    comparisons: metric.comparisons.map((comparison) => ({ ...comparison, ...verdicts.get(comparison)! })),
  }))
}
