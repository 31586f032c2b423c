import { logNormalTwoSided } from '../distributions.ts'
import { NotComputable } from '../not-computable.ts'

/** Units of an arm with the sums of 1/π and 1/π² over them, π being the probability with which each got the arm. */
export interface PropensityCount {
  units: number
  w: number
  ww: number
}

/** Units of each arm below which the normal approximation does not hold. */
const LEAST_UNITS = 10

/**
 * Sample ratio mismatch where the allocation adapts: in every arm Σ1/π estimates all units N, and its error is a martingale
 * with the variance Σ(1/π − 1) over all units, estimated from the arm's own by Σ(1/π)(1/π − 1). The smallest p of the arms,
 * times their number (Bonferroni).
 * @see Horvitz, Thompson (1952), Journal of the American Statistical Association 47, 663–685
 * @returns NotComputable: NO_UNITS, FEWER_THAN_TWO_ARMS, INSUFFICIENT_UNITS while an arm has fewer than 10 units
 */
export function adaptiveRatioTest(arms: readonly PropensityCount[]): { pValue: number } | NotComputable {
  const units = arms.reduce((sum, arm) => sum + arm.units, 0)
  if (arms.length < 2) return new NotComputable('FEWER_THAN_TWO_ARMS')
  if (units === 0) return new NotComputable('NO_UNITS')
  if (arms.some((arm) => arm.units < LEAST_UNITS)) return new NotComputable('INSUFFICIENT_UNITS')
  const pValues = arms.map(({ w, ww }) => Math.exp(logNormalTwoSided((w - units) / Math.sqrt(ww - w))))
  return { pValue: Math.min(1, arms.length * Math.min(...pValues)) }
}
