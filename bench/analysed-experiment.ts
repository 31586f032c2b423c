import { DEFAULT_ANALYSIS_PLAN } from '../src/modules/experiments/analysis-plan.ts'
import type { Aggregates } from '../src/modules/ingestion/aggregates.read-model.ts'
import type { MetricDefinition } from '../src/modules/metrics/metric-definition.ts'
import type { ResultSubject } from '../src/modules/results/result-subject.ts'

const VARIANTS = 4
const METRICS = 10
const UNITS = 10_000

/** An experiment of four variants with five rates and five means. */
export const SUBJECT: ResultSubject = {
  id: 1,
  key: 'analysed',
  status: 'RUNNING',
  algorithm: 'HASH',
  analysis: { ...DEFAULT_ANALYSIS_PLAN, plannedSampleSize: 80_000 },
  variants: Array.from({ length: VARIANTS }, (_, id) => ({ id, key: `v${id}`, isControl: id === 0 })),
  metrics: Array.from({ length: METRICS }, (_, id) => ({
    metric: { id, key: `m${id}` },
    role: 'PRIMARY',
    margin: null,
    definition: definitionOf(id % 2 === 0 ? 'PROPORTION' : 'MEAN'),
  })),
  epochs: [{ number: 1, weights: new Map(Array.from({ length: VARIANTS }, (_, id) => [id, 2_500])) }],
}

function definitionOf(kind: 'PROPORTION' | 'MEAN'): MetricDefinition {
  return {
    kind,
    numerator: { eventName: 'paid', aggregate: kind === 'MEAN' ? 'SUM' : 'COUNT', filters: [] },
    denominator: null,
    direction: 'INCREASE',
    conversionWindowHours: null,
    capPerUnit: null,
  }
}

/** What it could have measured. @param round - so that no two are the same */
export function aggregatesOf(round: number): Aggregates {
  const none = { y: 0, c: 0, d: 0, yy: 0, cc: 0, dd: 0, xy: 0, xc: 0, xd: 0, yc: 0, yd: 0, cd: 0, weighted: null }
  const variantIds = SUBJECT.variants.map(({ id }) => id)
  return {
    experimentId: SUBJECT.id,
    version: round,
    exposures: variantIds.map((variantId) => {
      const units = UNITS + ((round + variantId) % 97)
      return { epoch: 1, variantId, units, contaminated: 0, w: 0, ww: 0 }
    }),
    metrics: SUBJECT.metrics.flatMap(({ metric: { id: metricId }, definition: { kind } }) =>
      variantIds.map((variantId) => {
        const conversions = 1_000 + 13 * variantId + ((round + metricId) % 31)
        const sums =
          kind === 'MEAN' ? { x: 20 * conversions, xx: 900 * conversions } : { x: conversions, xx: conversions }
        return { metricId, epoch: 1, variantId, ...none, ...sums }
      }),
    ),
    matured: [],
    histograms: [],
    series: [],
    strata: [],
  }
}
