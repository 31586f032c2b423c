import { studentCriticalValue, studentUpper } from '../distributions.ts'
import { assertAlpha, assertNonNegative } from '../domain-checks.ts'
import type { Estimate } from '../estimate-test.ts'

/** Which way the metric should go. */
export type PreferredDirection = 'INCREASE' | 'DECREASE'

export interface NonInferiority {
  /** Distance from the margin in standard errors; positive inside. */
  statistic: number
  degreesOfFreedom: number
  /** One-sided, against being worse by the margin or more. */
  pValue: number
  /** The worst that the data do not contradict, one-sided at alpha. */
  bound: number
  isNonInferior: boolean
  /** Significantly better than control, one-sided at alpha. */
  isSuperior: boolean
  /** Significantly worse than control, one-sided at alpha: possible inside the margin too, and then worth saying. */
  isInferior: boolean
}

/**
 * Whether an effect is not worse than a margin: the test of a guardrail, which "not significantly worse" is not.
 * @param effect - difference with an absolute margin, or lift with a relative one
 * @param margin - the worst that is tolerated, at least 0, on the scale of the effect
 * @param alpha - one-sided significance level
 * @see CONSORT extension: Piaggio et al. (2012), JAMA 308, 2594–2604
 * @throws RangeError if a number is out of range
 */
export function nonInferiorityTest(
  { estimate, standardError, degreesOfFreedom }: Estimate,
  margin: number,
  direction: PreferredDirection,
  alpha: number,
): NonInferiority {
  assertAlpha(alpha)
  assertNonNegative(margin, 'margin')
  if (!(standardError > 0)) throw new RangeError(`standardError is ${standardError}; it must be positive.`)
  const sign = direction === 'INCREASE' ? 1 : -1
  // From here on, up is good.
  const gain = sign * estimate
  const statistic = (gain + margin) / standardError
  const pValue = studentUpper(statistic, degreesOfFreedom)
  const reach = studentCriticalValue(2 * Math.min(alpha, 0.5), degreesOfFreedom) * standardError
  return {
    statistic,
    degreesOfFreedom,
    pValue,
    bound: sign * (gain - reach),
    isNonInferior: pValue <= alpha,
    isSuperior: studentUpper(gain / standardError, degreesOfFreedom) <= alpha,
    isInferior: studentUpper(-gain / standardError, degreesOfFreedom) <= alpha,
  }
}
