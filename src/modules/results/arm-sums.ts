import { addHistograms, type ValueHistogram } from '../../statistics/quantile/value-histogram.ts'
import type { RatioSummary } from '../../statistics/ratio-summary.ts'
import { countedCells, type Moments, type SliceCells } from '../ingestion/aggregates.read-model.ts'
import type { MetricDefinition } from '../metrics/metric-definition.ts'

interface Sums extends Moments {
  units: number
  /** Σ1/π and Σ1/π² over the units, π being the probability with which each got its variant. */
  w: number
  ww: number
  wx: number
  wy: number
  wwx: number
  wwy: number
  wwxx: number
  wwyy: number
  wwxy: number
}

/** What the aggregates hold of one variant, for one metric, in one epoch or over several. */
export interface ArmSums extends Sums {
  /** Of a metric that measures a quantile; else empty. */
  histogram: ValueHistogram
}

const EMPTY: ValueHistogram = { buckets: [], counts: [], products: [], squares: [] }

const NOTHING: Sums = {
  units: 0,
  w: 0,
  ww: 0,
  x: 0,
  y: 0,
  xx: 0,
  yy: 0,
  xy: 0,
  c: 0,
  d: 0,
  cc: 0,
  dd: 0,
  cd: 0,
  xc: 0,
  xd: 0,
  yc: 0,
  yd: 0,
  wx: 0,
  wy: 0,
  wwx: 0,
  wwy: 0,
  wwxx: 0,
  wwyy: 0,
  wwxy: 0,
}

const NAMES = Object.keys(NOTHING) as Array<keyof Sums>

interface Counted {
  metric: { id: number }
  definition: MetricDefinition
}

function counted(cells: SliceCells, { metric, definition }: Counted) {
  return countedCells(cells, { metricId: metric.id, kind: definition.kind })
}

/** Units of all variants together that count for a metric. */
export function countedUnits(cells: SliceCells, metric: Counted): number {
  return counted(cells, metric).reduce((sum, { units }) => sum + units, 0)
}

/** The sums of a variant by epoch, in the order of the epochs; only those in which it has units that count for the metric. */
export function armSumsByEpoch(cells: SliceCells, metric: Counted, variantId: number): ReadonlyMap<number, ArmSums> {
  const byEpoch = new Map<number, ArmSums>()
  for (const { epoch, units, w, ww } of counted(cells, metric)
    .filter((cell) => cell.variantId === variantId && cell.units > 0)
    .sort((a, b) => a.epoch - b.epoch)) {
    byEpoch.set(epoch, { ...NOTHING, units, w, ww, histogram: EMPTY })
  }
  const isOwn = (cell: { metricId: number; variantId: number }) =>
    cell.metricId === metric.metric.id && cell.variantId === variantId
  for (const { metricId: _, variantId: __, epoch, weighted, ...moments } of cells.metrics.filter(isOwn)) {
    const sums = byEpoch.get(epoch)
    if (sums) byEpoch.set(epoch, { ...sums, ...moments, ...weighted })
  }
  for (const { metricId: _, variantId: __, epoch, ...histogram } of cells.histograms.filter(isOwn)) {
    const sums = byEpoch.get(epoch)
    if (sums) byEpoch.set(epoch, { ...sums, histogram })
  }
  return byEpoch
}

export function addUp(parts: Iterable<ArmSums>): ArmSums {
  const whole = { ...NOTHING, histogram: EMPTY }
  for (const part of parts) {
    for (const name of NAMES) whole[name] += part[name]
    whole.histogram = addHistograms(whole.histogram, part.histogram)
  }
  return whole
}

/** Of numerator and denominator, or of a value and nothing. */
export function ratioSummaryOf({ units, x, y, xx, yy, xy }: ArmSums): RatioSummary {
  return {
    count: units,
    numeratorSum: x,
    numeratorSumOfSquares: xx,
    denominatorSum: y,
    denominatorSumOfSquares: yy,
    crossProduct: xy,
  }
}
