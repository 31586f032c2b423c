import { NotComputable } from './not-computable.ts'

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

/** Relative rounding of a sum of doubles that is still good enough for a variance. */
const LEAST_RELATIVE_SPREAD = 1e-11

/**
 * Mean and sample variance (n − 1).
 * @returns NotComputable: INSUFFICIENT_UNITS below 2 units, PRECISION_LOST where Σx² − (Σx)²/n drowns in rounding
 */
export function estimateMean({ count, sum, sumOfSquares }: SampleSummary): ArmEstimate | NotComputable {
  if (count < 2) return new NotComputable(count === 0 ? 'NO_UNITS' : 'INSUFFICIENT_UNITS')
  const squaresAboutMean = sumOfSquares - (sum * sum) / count
  if (squaresAboutMean !== 0 && Math.abs(squaresAboutMean) < sumOfSquares * LEAST_RELATIVE_SPREAD) {
    return new NotComputable('PRECISION_LOST')
  }
  return { units: count, mean: sum / count, unitVariance: Math.max(0, squaresAboutMean) / (count - 1) }
}

/** Rate and Bernoulli variance p(1 − p). @param conversions - 0 to units */
export function estimateProportion(units: number, conversions: number): ArmEstimate | NotComputable {
  if (conversions < 0 || conversions > units)
    throw new RangeError(`${conversions} of ${units} units cannot have converted.`)
  if (units === 0) return new NotComputable('NO_UNITS')
  const rate = conversions / units
  return { units, mean: rate, unitVariance: rate * (1 - rate) }
}
