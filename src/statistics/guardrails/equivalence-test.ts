import { studentCriticalValue, studentUpper } from '../distributions.ts'
import { assertAlpha, assertFinite } from '../domain-checks.ts'
import type { Estimate } from '../estimate-test.ts'
import type { Interval } from '../interval.ts'

export interface EquivalenceTest {
  /** Against being at or below the lower margin. */
  pValueLower: number
  /** Against being at or above the upper margin. */
  pValueUpper: number
  /** The greater of both. */
  pValue: number
  /** At level 1 − 2·alpha; equivalence is its lying within the margins. */
  interval: Interval
  isEquivalent: boolean
}

/**
 * Whether an effect lies within margins, by two one-sided tests.
 * @param lowerMargin - below upperMargin, on the scale of the effect
 * @param alpha - of each one-sided test, 0 < alpha < ½
 * @see Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657–680
 * @throws RangeError if a number is out of range
 */
export function equivalenceTest(
  { estimate, standardError, degreesOfFreedom }: Estimate,
  lowerMargin: number,
  upperMargin: number,
  alpha: number,
): EquivalenceTest {
  assertAlpha(2 * alpha)
  assertFinite(lowerMargin, 'lowerMargin')
  assertFinite(upperMargin, 'upperMargin')
  if (!(lowerMargin < upperMargin)) throw new RangeError(`The margins are ${lowerMargin} and ${upperMargin}.`)
  if (!(standardError > 0)) throw new RangeError(`standardError is ${standardError}; it must be positive.`)
  const pValueLower = studentUpper((estimate - lowerMargin) / standardError, degreesOfFreedom)
  const pValueUpper = studentUpper((upperMargin - estimate) / standardError, degreesOfFreedom)
  const pValue = Math.max(pValueLower, pValueUpper)
  const halfWidth = studentCriticalValue(2 * alpha, degreesOfFreedom) * standardError
  return {
    pValueLower,
    pValueUpper,
    pValue,
    interval: { lower: estimate - halfWidth, upper: estimate + halfWidth, level: 1 - 2 * alpha },
    isEquivalent: pValue <= alpha,
  }
}
