import type { Aggregates } from '../ingestion/aggregates.read-model.ts'
import { type Decision, decide } from './decision.ts'
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
}

/** The results, from aggregates alone: their cost does not grow with events. */
export function resultsOf(subject: ResultSubject, aggregates: Aggregates, computedAt: Date): Results {
  const exposedUnits = aggregates.exposures.reduce((sum, cell) => sum + cell.units, 0)
  const metrics = subject.metrics.map((metric) => metricResult(subject, metric, aggregates))
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
  }
}
