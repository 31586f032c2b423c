import { assertCount, assertNonNegative, assertWithin } from './domain-checks.ts'
import { NotComputable } from './not-computable.ts'
import { centredProducts, centringNoise, greatestRounding } from './special-functions/centred-products.ts'

/** All that a test of means needs of a sample; summaries of parts add up to the summary of the whole. */
export interface SampleSummary {
  /** Units, a whole number not below 0. */
  count: number
  /** Sum of their values. */
  sum: number
  /** Sum of the squares of their values. */
  sumOfSquares: number
}

/** The mean of an arm with the variance of one unit, from which every comparison of two arms starts. */
export interface ArmEstimate {
  units: number
  mean: number
  /** Variance of one unit's contribution: the variance of the mean is this over `units`. */
  unitVariance: number
}

/** Sums beyond this are no measurements, and their squares would overflow. */
const MOST_SUM = 1e140

export function addSamples(a: SampleSummary, b: SampleSummary): SampleSummary {
  return { count: a.count + b.count, sum: a.sum + b.sum, sumOfSquares: a.sumOfSquares + b.sumOfSquares }
}

/**
 * Mean and sample variance (n − 1). The sum of squares is centred in twice the working precision, so that only what was
 * lost while the sums were accumulated is missing.
 * @returns NotComputable: NO_UNITS, INSUFFICIENT_UNITS below 2 units, PRECISION_LOST where Σx² − (Σx)²/n drowns in rounding
 * @throws RangeError if no set of numbers has this summary
 */
export function estimateMean(sample: SampleSummary): ArmEstimate | NotComputable {
  assertSample(sample)
  const { count, sum, sumOfSquares } = sample
  if (count < 2) return new NotComputable(count === 0 ? 'NO_UNITS' : 'INSUFFICIENT_UNITS')
  const squaresAboutMean = centredProducts(count, sum, sum, sumOfSquares)
  if (squaresAboutMean !== 0 && Math.abs(squaresAboutMean) <= centringNoise(count, sumOfSquares)) {
    return new NotComputable('PRECISION_LOST')
  }
  return { units: count, mean: sum / count, unitVariance: Math.max(0, squaresAboutMean) / (count - 1) }
}

/**
 * The mean alone, which a single unit has too.
 * @throws RangeError if no set of numbers has this summary
 */
export function meanOf(sample: SampleSummary): number | NotComputable {
  assertSample(sample)
  return sample.count === 0 ? new NotComputable('NO_UNITS') : sample.sum / sample.count
}

/**
 * Rate and Bernoulli variance p(1 − p), exactly 0 where all or none converted.
 * @param conversions - 0 to units
 * @throws RangeError if more units converted than there are, or a count is negative or broken
 */
export function estimateProportion(units: number, conversions: number): ArmEstimate | NotComputable {
  assertCount(units, 'units')
  assertCount(conversions, 'conversions')
  if (conversions > units) throw new RangeError(`${conversions} of ${units} units cannot have converted.`)
  if (units === 0) return new NotComputable('NO_UNITS')
  const rate = conversions / units
  return { units, mean: rate, unitVariance: rate * ((units - conversions) / units) }
}

/** @throws RangeError if no set of numbers has this summary */
export function assertSample({ count, sum, sumOfSquares }: SampleSummary): void {
  assertCount(count, 'count')
  assertWithin(sum, MOST_SUM, 'sum')
  assertNonNegative(sumOfSquares, 'sumOfSquares')
  assertWithin(sumOfSquares, MOST_SUM * MOST_SUM, 'sumOfSquares')
  if (count === 0) {
    if (sum !== 0 || sumOfSquares !== 0) throw new RangeError('A summary of no units must have zero sums.')
    return
  }
  if (centredProducts(count, sum, sum, sumOfSquares) < -greatestRounding(count, sumOfSquares)) {
    throw new RangeError(
      `sumOfSquares is ${sumOfSquares}; with sum ${sum} over ${count} units it must be at least ${(sum / count) * sum}.`,
    )
  }
}
