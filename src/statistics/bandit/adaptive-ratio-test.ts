import { logNormalTwoSided } from '../distributions.ts'
import { assertOpenFraction } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'

/** Units of an arm with the sums of 1/π and 1/π² over them, π being the probability with which each got the arm. */
export interface PropensityCount {
  units: number
  w: number
  ww: number
}

/** Units of each arm below which the normal approximation does not hold. */
const LEAST_UNITS = 10

/** Chance with which the bound on the variance may fall short. */
const SHORTFALL = 1e-4

/**
 * Sample ratio mismatch where the allocation adapts: in every arm Σ1/π estimates all units N, and its error is a martingale
 * with the variance Σ(1/π − 1) over all units. Its estimate from the arm's own units, Σ(1/π)(1/π − 1), is near nothing while
 * none of those with a small π has got the arm; taken is what it can be at most, for terms that are bounded (Chernoff's
 * bound for martingales). The smallest p of the arms, times their number (Bonferroni).
 * @param leastPropensity - that any unit has for any arm, between 0 and 1
 * @see Horvitz, Thompson (1952), Journal of the American Statistical Association 47, 663–685; Freedman (1975), Annals of
 * Probability 3, 100–118
 * @returns NotComputable: NO_UNITS, FEWER_THAN_TWO_ARMS, INSUFFICIENT_UNITS while an arm has fewer than 10 units
 * @throws RangeError if the propensity is not between 0 and 1
 */
export function adaptiveRatioTest(
  arms: readonly PropensityCount[],
  leastPropensity: number,
): { pValue: number } | NotComputable {
  assertOpenFraction(leastPropensity, 'leastPropensity')
  const units = arms.reduce((sum, arm) => sum + arm.units, 0)
  if (arms.length < 2) return new NotComputable('FEWER_THAN_TWO_ARMS')
  if (units === 0) return new NotComputable('NO_UNITS')
  if (arms.some((arm) => arm.units < LEAST_UNITS)) return new NotComputable('INSUFFICIENT_UNITS')
  const pValues = arms.map(({ w, ww }) => {
    const variance = Math.min(units * mostOf(leastPropensity), varianceAtMost(ww - w, leastPropensity))
    return Math.exp(logNormalTwoSided((w - units) / Math.sqrt(variance)))
  })
  return { pValue: Math.min(1, arms.length * Math.min(...pValues)) }
}

function mostOf(leastPropensity: number): number {
  return 1 / leastPropensity - 1
}

/** The V at which a sum of terms between 0 and M with the expectation V falls to the estimate with the chance SHORTFALL. */
function varianceAtMost(estimate: number, leastPropensity: number): number {
  const slack = (mostOf(leastPropensity) / leastPropensity) * -Math.log(SHORTFALL)
  return estimate + slack + Math.sqrt(slack * (slack + 2 * estimate))
}
