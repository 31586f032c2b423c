import { assertFinite } from './domain-checks.ts'
import { NotComputable } from './not-computable.ts'
import { type ArmEstimate, assertSample, type SampleSummary } from './sample-summary.ts'
import { centredProducts, centringNoise, greatestRounding } from './special-functions/centred-products.ts'

/** Sums over units of a numerator and a denominator, their squares and their product. */
export interface RatioSummary {
  count: number
  numeratorSum: number
  numeratorSumOfSquares: number
  denominatorSum: number
  denominatorSumOfSquares: number
  crossProduct: number
}

export function addRatios(a: RatioSummary, b: RatioSummary): RatioSummary {
  return {
    count: a.count + b.count,
    numeratorSum: a.numeratorSum + b.numeratorSum,
    numeratorSumOfSquares: a.numeratorSumOfSquares + b.numeratorSumOfSquares,
    denominatorSum: a.denominatorSum + b.denominatorSum,
    denominatorSumOfSquares: a.denominatorSumOfSquares + b.denominatorSumOfSquares,
    crossProduct: a.crossProduct + b.crossProduct,
  }
}

/**
 * Σ numerator / Σ denominator, which a single unit has too.
 * @returns NotComputable: NO_UNITS, DENOMINATOR_ZERO, PRECISION_LOST where the quotient overflows
 * @throws RangeError if no set of pairs has this summary
 */
export function ratioOf(summary: RatioSummary): number | NotComputable {
  assertRatio(summary)
  if (summary.count === 0) return new NotComputable('NO_UNITS')
  if (summary.denominatorSum === 0) return new NotComputable('DENOMINATOR_ZERO')
  const ratio = summary.numeratorSum / summary.denominatorSum
  return Number.isFinite(ratio) ? ratio : new NotComputable('PRECISION_LOST')
}

/**
 * Ratio of sums, with units as clusters, and its variance by the delta method:
 * v = vn/D² + vd N²/D⁴ − 2 cov N/D³ for one unit, N and D being means; computed from the residuals n − R·d, whose sum is 0.
 * @see Deng, Knoblich, Lu (2018), Applying the delta method in metric analytics, KDD
 * @returns NotComputable: NO_UNITS, INSUFFICIENT_UNITS below 2 units, DENOMINATOR_ZERO, PRECISION_LOST
 * @throws RangeError if no set of pairs has this summary
 */
export function estimateRatio(summary: RatioSummary): ArmEstimate | NotComputable {
  const ratio = ratioOf(summary)
  if (ratio instanceof NotComputable) return ratio
  const { count, numeratorSum, numeratorSumOfSquares, denominatorSum, denominatorSumOfSquares, crossProduct } = summary
  if (count < 2) return new NotComputable('INSUFFICIENT_UNITS')
  const residual =
    centredProducts(count, numeratorSum, numeratorSum, numeratorSumOfSquares) -
    2 * ratio * centredProducts(count, numeratorSum, denominatorSum, crossProduct) +
    ratio * ratio * centredProducts(count, denominatorSum, denominatorSum, denominatorSumOfSquares)
  const magnitude = numeratorSumOfSquares + ratio * ratio * denominatorSumOfSquares
  const estimate = (variance: number) =>
    // A denominator near the smallest double overflows the quotient.
    Number.isFinite(variance)
      ? { units: count, mean: ratio, unitVariance: variance }
      : new NotComputable('PRECISION_LOST')
  if (residual > centringNoise(count, magnitude)) {
    return estimate(residual / (count - 1) / (denominatorSum / count) ** 2)
  }
  // A numerator proportional to the denominator: whole numbers cancel exactly, quotients to the last digits.
  if (Math.abs(residual) <= 8 * Number.EPSILON * magnitude) return estimate(0)
  return new NotComputable('PRECISION_LOST')
}

/** @throws RangeError if no set of pairs has this summary */
export function assertRatio(summary: RatioSummary): void {
  const { count, crossProduct } = summary
  const numerator = { count, sum: summary.numeratorSum, sumOfSquares: summary.numeratorSumOfSquares }
  const denominator = { count, sum: summary.denominatorSum, sumOfSquares: summary.denominatorSumOfSquares }
  assertSample(numerator)
  assertSample(denominator)
  assertProducts(numerator, denominator, crossProduct)
}

/** @throws RangeError if the covariance of two samples would exceed the product of their standard deviations */
export function assertProducts(x: SampleSummary, y: SampleSummary, crossProduct: number): void {
  assertFinite(crossProduct, 'crossProduct')
  if (x.count === 0) {
    if (crossProduct !== 0) throw new RangeError('A summary of no units must have zero sums.')
    return
  }
  const xx = centredProducts(x.count, x.sum, x.sum, x.sumOfSquares) + greatestRounding(x.count, x.sumOfSquares)
  const yy = centredProducts(y.count, y.sum, y.sum, y.sumOfSquares) + greatestRounding(y.count, y.sumOfSquares)
  const xy = centredProducts(x.count, x.sum, y.sum, crossProduct)
  const rounding = greatestRounding(x.count, Math.sqrt(x.sumOfSquares) * Math.sqrt(y.sumOfSquares))
  if (Math.abs(xy) > Math.sqrt(Math.max(0, xx)) * Math.sqrt(Math.max(0, yy)) * (1 + 1e-9) + rounding) {
    throw new RangeError(`The sum of products ${crossProduct} is impossible beside these sums of squares.`)
  }
}
