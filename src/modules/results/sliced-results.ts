import type { Slice } from '../experiments/dimensions.ts'
import type { Aggregates } from '../ingestion/aggregates.read-model.ts'
import { countedUnits } from './arm-sums.ts'
import { type MetricResult, metricResult } from './metric-result.ts'
import type { ResultSubject } from './result-subject.ts'
import { familiesOf, judged } from './verdicts.ts'

/** The results of the units with one value of a dimension. */
export interface SliceResult {
  /** Null: none of the declared values. */
  value: string | null
  exposedUnits: number
  metrics: MetricResult[]
}

/** The results of an experiment by the values of one of its dimensions. */
export interface SlicedResults {
  experimentId: number
  experimentKey: string
  dimension: string
  version: number
  computedAt: Date
  /** In the order of the declared values, the rest last. */
  slices: SliceResult[]
}

/**
 * Each metric within each slice; all slices are corrected for together. No looks are planned for slices: where a group-sequential
 * test decides on the whole, the confidence sequence does here.
 * @param slices - with the aggregates of each
 */
export function slicedResultsOf(
  experiment: ResultSubject,
  slices: ReadonlyArray<{ slice: Slice; aggregates: Aggregates }>,
): SliceResult[] {
  const { analysis } = experiment
  const decisionMethod = analysis.decisionMethod === 'GROUP_SEQUENTIAL' ? 'ALWAYS_VALID' : analysis.decisionMethod
  const subject: ResultSubject = { ...experiment, analysis: { ...analysis, decisionMethod } }
  const families = familiesOf(subject, slices.length)
  const unitsOf = ({ exposures }: Aggregates) => exposures.reduce((sum, cell) => sum + cell.units, 0)
  // A plan counts the units of the experiment, all of which the slices of a dimension share out.
  const countedInAll = new Map(
    subject.metrics.map((metric) => [
      metric,
      slices.reduce((sum, { aggregates }) => sum + countedUnits(aggregates, metric), 0),
    ]),
  )
  const measured = slices.map(({ slice: { value }, aggregates }) => {
    const metrics = subject.metrics.map((metric) => {
      const family = families.get(metric.metric.id)!
      return metricResult(subject, metric, aggregates, { family, countedUnits: countedInAll.get(metric)!, looks: [] })
    })
    return { value, exposedUnits: unitsOf(aggregates), metrics }
  })
  const verdicts = judged(
    subject,
    families,
    measured.flatMap(({ metrics }) => metrics),
  )
  const size = subject.metrics.length
  return measured.map((slice, index) => ({ ...slice, metrics: verdicts.slice(index * size, (index + 1) * size) }))
}
