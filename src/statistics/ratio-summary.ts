import { NotComputable } from './not-computable.ts'
import type { ArmEstimate } from './sample-summary.ts'

/** Sums over units of a numerator and a denominator, their squares and their product. */
export interface RatioSummary {
  count: number
  numeratorSum: number
  numeratorSumOfSquares: number
  denominatorSum: number
  denominatorSumOfSquares: number
  crossProduct: number
}

/**
 * Ratio of sums, with units as clusters, and its variance by the delta method:
 * v = vn/D² + vd N²/D⁴ − 2 cov N/D³ for one unit, N and D being means.
 * @see Deng, Knoblich, Lu (2018), Applying the delta method in metric analytics, KDD
 * @returns NotComputable: INSUFFICIENT_UNITS below 2 units, DENOMINATOR_ZERO
 */
export function estimateRatio(summary: RatioSummary): ArmEstimate | NotComputable {
  const { count, numeratorSum, numeratorSumOfSquares, denominatorSum, denominatorSumOfSquares, crossProduct } = summary
  if (count < 2) return new NotComputable(count === 0 ? 'NO_UNITS' : 'INSUFFICIENT_UNITS')
  if (denominatorSum === 0) return new NotComputable('DENOMINATOR_ZERO')
  const numerator = numeratorSum / count
  const denominator = denominatorSum / count
  const central = (products: number, a: number, b: number) => (products - count * a * b) / (count - 1)
  const ratio = numerator / denominator
  const variance =
    (central(numeratorSumOfSquares, numerator, numerator) +
      ratio * ratio * central(denominatorSumOfSquares, denominator, denominator) -
      2 * ratio * central(crossProduct, numerator, denominator)) /
    (denominator * denominator)
  return { units: count, mean: ratio, unitVariance: Math.max(0, variance) }
}
