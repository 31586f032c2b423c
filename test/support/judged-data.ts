import { type AnalysisPlan, DEFAULT_ANALYSIS_PLAN } from '../../src/modules/experiments/analysis-plan.ts'
import type { Aggregates } from '../../src/modules/ingestion/aggregates.read-model.ts'
import type { MetricKind } from '../../src/modules/metrics/metric-definition.ts'
import type { ResultSubject } from '../../src/modules/results/result-subject.ts'
import { resultsOf } from '../../src/modules/results/results.ts'

/** Of one variant in one epoch; a rate unless squares are given. */
export interface Sums {
  units: number
  x: number
  xx?: number
}

/** By metric, epoch and variant; the units of the first metric are those exposed. */
type Data = ReadonlyArray<ReadonlyArray<readonly Sums[]>>

/** A running experiment of equal variants, with these kinds of primary metrics. */
export function subjectOf(
  analysis: Partial<AnalysisPlan>,
  kinds: readonly MetricKind[],
  treatments = 1,
): ResultSubject {
  const ids = Array.from({ length: treatments + 1 }, (_, id) => id)
  return {
    id: 1,
    key: 'e',
    status: 'RUNNING',
    algorithm: 'HASH',
    analysis: { ...DEFAULT_ANALYSIS_PLAN, ...analysis },
    variants: ids.map((id) => ({ id, key: `v${id}`, isControl: id === 0 })),
    metrics: kinds.map((kind, id) => ({
      metric: { id, key: `m${id}` },
      role: 'PRIMARY',
      margin: null,
      definition: { kind, direction: 'INCREASE' } as ResultSubject['metrics'][number]['definition'],
    })),
    epochs: [{ number: 1, weights: new Map(ids.map((id) => [id, 1])) }],
  }
}

/** @param exposed - by epoch and variant, where they are others than those that count */
export function aggregatesOf(data: Data, exposed: ReadonlyArray<readonly Sums[]> = data[0]!): Aggregates {
  const none = { y: 0, yy: 0, xy: 0, c: 0, cc: 0, xc: 0, d: 0, dd: 0, cd: 0, xd: 0, yc: 0, yd: 0, weighted: null }
  const each = <Cell>(
    epochs: ReadonlyArray<readonly Sums[]>,
    cell: (epoch: number, variantId: number, sums: Sums) => Cell,
  ) => epochs.flatMap((variants, index) => variants.map((sums, variantId) => cell(index + 1, variantId, sums)))
  return {
    experimentId: 1,
    version: 1,
    exposures: each(exposed, (epoch, variantId, { units }) => ({
      epoch,
      variantId,
      units,
      contaminated: 0,
      w: units,
      ww: units,
    })),
    metrics: data.flatMap((epochs, metricId) =>
      each(epochs, (epoch, variantId, { x, xx = x }) => ({ metricId, epoch, variantId, x, xx, ...none })),
    ),
    matured: data.flatMap((epochs, metricId) =>
      each(epochs, (epoch, variantId, { units }) => ({ metricId, epoch, variantId, units, w: units, ww: units })),
    ),
    histograms: [],
    series: [],
    strata: [],
  }
}

/** The results, and the first comparison of them. */
export function judge(subject: ResultSubject, data: Data, looks: Parameters<typeof resultsOf>[3] = []) {
  const results = resultsOf(subject, aggregatesOf(data), new Date(0), looks)
  return { ...results, first: results.metrics[0]!.comparisons[0]! }
}

/** Two arms of a rate in one epoch. */
export const rates = (units: number, control: number, ...treatments: number[]) => [
  [control, ...treatments].map((x) => ({ units, x })),
]
