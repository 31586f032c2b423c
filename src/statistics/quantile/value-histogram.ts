import { assertFraction, assertOpenFraction, assertWithin } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { estimateRatio } from '../ratio-summary.ts'
import type { ArmEstimate } from '../sample-summary.ts'
import { estimateQuantile, MANY_LOOKS_REACH, quantileBounds } from './quantile-estimate.ts'

/** Ratio of a bucket's bounds. */
const WIDTH = 1.01
/** Bucket that begins at a billionth; smaller values count as 0. */
const FIRST = 2084
/** Bucket whose bounds are still doubles. */
const LAST = 73_000
/** Standard errors of a spacing, 1/√values of itself, that chance is taken to reach. */
const CHANCE = 3
/** Between the distances at which gaps are looked for: 17 from 5 standard errors down to 1. */
const REACH_STEP = MANY_LOOKS_REACH ** (1 / 16)

/**
 * Values by bucket, with what tells how much they cluster by unit. With h values of a unit in a bucket, b in it and those below,
 * and n in all, each bucket has sums over units. Histograms of parts add up, bucket by bucket.
 */
export interface ValueHistogram {
  /** Ascending; only those that have values. */
  buckets: readonly number[]
  /** Σ h. */
  counts: readonly number[]
  /** Σ n·h. */
  products: readonly number[]
  /** Σ (b² − (b − h)²). */
  squares: readonly number[]
}

/** Values of the units whose quantile is asked for. */
export interface ClusteredValues {
  /** Units, those without values among them. */
  units: number
  /** Σ n over the units. */
  values: number
  /** Σ n². */
  valuesSquared: number
  histogram: ValueHistogram
}

/** Between which values a bucket lies: 1 % apart, 0 alone, and mirrored below 0. @throws RangeError unless it has finite ones */
export function bucketBounds(bucket: number): { lower: number; upper: number } {
  if (!(Number.isInteger(bucket) && Math.abs(bucket) <= LAST)) throw new RangeError(`There is no bucket ${bucket}.`)
  if (bucket === 0) return { lower: 0, upper: 0 }
  const upper = WIDTH ** (Math.abs(bucket) - FIRST)
  return bucket > 0 ? { lower: upper / WIDTH, upper } : { lower: -upper, upper: -upper / WIDTH }
}

/** The bucket that a value falls into. @throws RangeError unless it lies within ±1e300 */
export function bucketOf(value: number): number {
  assertWithin(value, 1e300, 'value')
  const size = Math.abs(value)
  return size < 1e-9 ? 0 : Math.sign(value) * (Math.ceil(Math.log(size) / Math.log(WIDTH)) + FIRST)
}

/**
 * A quantile of the values of units, with the variance that follows from its order statistics, grown by how much values cluster
 * by unit: by how much the share of values below the quantile varies between units, against independent values. Within a bucket
 * values are taken as evenly spread, although all may be one value: the standard error is at least half the width of the bucket
 * that the quantile falls into, so that quantiles within one bucket are at most √2 standard errors apart, p = 0.16.
 * @see Deng, Knoblich, Lu (2018), KDD, section 4.3
 * @returns per unit, so that it compares with other estimates; or NotComputable: NO_UNITS, NO_VALUES, INSUFFICIENT_VALUES where too few
 * values lie beyond the quantile: 25 q/(1 − q) in all are needed, or 25 (1 − q)/q, 475 for p95
 * @throws RangeError if the quantile is not between 0 and 1
 */
export function histogramQuantile(arm: ClusteredValues, quantile: number): ArmEstimate | NotComputable {
  const { units, values: count, histogram } = arm
  assertOpenFraction(quantile, 'quantile')
  if (units === 0) return new NotComputable('NO_UNITS')
  if (count === 0) return new NotComputable('NO_VALUES')
  const bounds = quantileBounds(quantile, count, MANY_LOOKS_REACH)
  if (bounds.lower <= 0 || bounds.upper >= 1) return new NotComputable('INSUFFICIENT_VALUES')
  const read = readerOf(histogram)
  const { value, width } = read(quantile)
  const summary = { count, boundsCount: count, value, lower: read(bounds.lower).value, upper: read(bounds.upper).value }
  const independent = estimateQuantile(summary, quantile, MANY_LOOKS_REACH)
  if (independent instanceof NotComputable) return new NotComputable('INSUFFICIENT_VALUES')
  const effect = designEffect(arm, quantile)
  const variance = Math.max(
    (independent.unitVariance / count) * effect,
    gapVariance(read, quantile, count / effect),
    (width / 2) ** 2,
  )
  return { units, mean: value, unitVariance: variance * units }
}

/** The value that a share of all values lies below; null without values. @throws RangeError unless 0 ≤ share ≤ 1 */
export function valueBelow(histogram: ValueHistogram, share: number): number | null {
  assertFraction(share, 'share')
  return histogram.buckets.length === 0 ? null : readerOf(histogram)(share).value
}

/** Reads the value that a share of all lies below, with the width of the bucket that it falls into. */
type QuantileReader = (share: number) => { value: number; width: number }

function readerOf({ buckets, counts }: ValueHistogram): QuantileReader {
  let total = 0
  const upTo = Float64Array.from(counts, (count) => {
    total += count
    return total
  })
  return (share) => {
    const target = share * total
    let place = 0
    let last = upTo.length - 1
    while (place < last) {
      const middle = (place + last) >> 1
      if (upTo[middle]! >= target) last = middle
      else place = middle + 1
    }
    const { lower, upper } = bucketBounds(buckets[place]!)
    const width = upper - lower
    const inside = Math.min(1, 1 - (upTo[place]! - target) / counts[place]!)
    return { value: lower + inside * width, width }
  }
}

/**
 * Variance where values leave a gap beside the quantile, as whole numbers do: there the order statistics lie as far apart within
 * one standard error of the share as within five, and chance may put the quantile on either side. It follows from the steepest
 * rise of the quantile function over 1 to 5 standard errors, of those that the spacing of as many values cannot have by chance:
 * two arms then differ by no more standard errors than their shares below the gap do, or by √2 where each is within one of it.
 * @param count - of independent values that say as much
 */
function gapVariance(read: QuantileReader, quantile: number, count: number): number {
  const deviation = Math.sqrt((quantile * (1 - quantile)) / count)
  const riseOver = (reach: number) => {
    const lower = Math.max(0, quantile - reach * deviation)
    const upper = Math.min(1, quantile + reach * deviation)
    return { slope: (read(upper).value - read(lower).value) / (upper - lower), values: (upper - lower) * count }
  }
  const widest = riseOver(MANY_LOOKS_REACH).slope
  let steepest = 0
  for (let reach = MANY_LOOKS_REACH; reach > 0.99; reach /= REACH_STEP) {
    const { slope, values } = riseOver(reach)
    if (slope > widest * (1 + CHANCE / Math.sqrt(values))) steepest = Math.max(steepest, slope)
  }
  return (steepest * deviation) ** 2
}

/** How many times the variance of a share of values is that of independent ones, at the bound nearest to the quantile. */
function designEffect({ units, values, valuesSquared, histogram }: ClusteredValues, quantile: number): number {
  const { buckets, counts, products, squares } = histogram
  let best = { below: 0, squares: 0, products: 0 }
  let distance = quantile
  let [below, squaresBelow, productsBelow] = [0, 0, 0]
  for (let index = 0; index < buckets.length; index++) {
    below += counts[index]!
    squaresBelow += squares[index]!
    productsBelow += products[index]!
    if (Math.abs(below / values - quantile) >= distance) continue
    distance = Math.abs(below / values - quantile)
    best = { below, squares: squaresBelow, products: productsBelow }
  }
  const share = best.below / values
  // All values in one bucket: as if all of a unit's values went together.
  if (share === 0 || share === 1) return valuesSquared / values
  const clustered = estimateRatio({
    count: units,
    numeratorSum: best.below,
    numeratorSumOfSquares: best.squares,
    denominatorSum: values,
    denominatorSumOfSquares: valuesSquared,
    crossProduct: best.products,
  })
  if (clustered instanceof NotComputable) return valuesSquared / values
  return clustered.unitVariance / units / ((share * (1 - share)) / values)
}

export function addHistograms(a: ValueHistogram, b: ValueHistogram): ValueHistogram {
  if (a.buckets.length === 0) return b
  if (b.buckets.length === 0) return a
  const buckets = [...new Set([...a.buckets, ...b.buckets])].sort((one, other) => one - other)
  const both = (name: 'counts' | 'products' | 'squares') => {
    const sums = new Map(buckets.map((bucket) => [bucket, 0]))
    for (const part of [a, b]) {
      for (const [index, bucket] of part.buckets.entries()) sums.set(bucket, sums.get(bucket)! + part[name][index]!)
    }
    return [...sums.values()]
  }
  return { buckets, counts: both('counts'), products: both('products'), squares: both('squares') }
}

/** The histogram of units, each with its values. */
export function histogramOf(units: Iterable<readonly number[]>): ClusteredValues {
  const counter = new ValueCounter()
  for (const values of units) counter.add(values)
  return counter
}

/** Counts the values of units as they come. */
export class ValueCounter implements ClusteredValues {
  units = 0
  values = 0
  valuesSquared = 0
  readonly histogram = {
    buckets: [] as number[],
    counts: [] as number[],
    products: [] as number[],
    squares: [] as number[],
  }
  /** Where each bucket stands in the histogram. */
  readonly #places = new Map<number, number>()

  /** @param values - of one unit */
  add(values: readonly number[]): void {
    const { counts, products, squares } = this.histogram
    this.units++
    this.values += values.length
    this.valuesSquared += values.length ** 2
    const buckets = values.map(bucketOf).sort((a, b) => a - b)
    for (let below = 0; below < buckets.length; below++) {
      const place = this.#placeOf(buckets[below]!)
      counts[place]! += 1
      products[place]! += buckets.length
      squares[place]! += (below + 1) ** 2 - below ** 2
    }
  }

  #placeOf(bucket: number): number {
    const known = this.#places.get(bucket)
    if (known !== undefined) return known
    const { buckets, counts, products, squares } = this.histogram
    const next = buckets.findIndex((other) => other > bucket)
    const place = next < 0 ? buckets.length : next
    buckets.splice(place, 0, bucket)
    for (const sums of [counts, products, squares]) sums.splice(place, 0, 0)
    for (const [index, each] of buckets.entries()) this.#places.set(each, index)
    return place
  }
}
