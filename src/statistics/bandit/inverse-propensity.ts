import { NotComputable } from '../not-computable.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/** Sums over an arm's units of 1/propensity and of value/propensity. Summaries of parts add up. */
export interface PropensitySummary {
  /** Units of all arms: who could have been given this one. */
  eligible: number
  /** Units given this arm. */
  count: number
  /** Σ 1/p. */
  weightSum: number
  /** Σ 1/p². */
  weightSumOfSquares: number
  /** Σ y/p. */
  weightedSum: number
  /** Σ y/p². */
  weightedCross: number
  /** Σ y²/p². */
  weightedSumOfSquares: number
}

/**
 * Mean of an arm under an allocation that followed the results, each unit weighted by how unlikely it was to get the arm, and
 * normalized by the weights. Its interval holds asymptotically while every propensity stays above a floor.
 * @see Hájek (1971); Hadad, Hirshberg, Zhan, Wager, Athey (2021), PNAS 118, e2014602118
 * @returns mean with the variance of one eligible unit's contribution; or NotComputable: NO_UNITS, INSUFFICIENT_UNITS
 * @throws RangeError if the weights cannot come from propensities in (0, 1]
 */
export function inversePropensityEstimate(summary: PropensitySummary): ArmEstimate | NotComputable {
  const { eligible, count, weightSum, weightSumOfSquares, weightedSum, weightedCross, weightedSumOfSquares } = summary
  if (count > eligible) throw new RangeError(`${count} of ${eligible} units cannot have been given the arm.`)
  if (count === 0) return new NotComputable('NO_UNITS')
  if (count < 2) return new NotComputable('INSUFFICIENT_UNITS')
  if (!(weightSum >= count * (1 - 1e-9)))
    throw new RangeError(`A propensity exceeds 1: Σ 1/p is ${weightSum} of ${count} units.`)
  const mean = weightedSum / weightSum
  // Residuals (y − mean)/p, whose sum is 0; the delta method of a ratio of sums over all eligible units.
  const squares = weightedSumOfSquares - 2 * mean * weightedCross + mean * mean * weightSumOfSquares
  return { units: eligible, mean, unitVariance: (Math.max(0, squares) * eligible) / (weightSum * weightSum) }
}
