import { type Difference, nullStandardErrorOf, standardErrorOf } from './comparison.ts'
import { logStudentTwoSided, normalCriticalValue, studentCriticalValue, studentUpper } from './distributions.ts'
import { assertAlpha } from './domain-checks.ts'
import { around, type Interval } from './interval.ts'
import { NotComputable } from './not-computable.ts'

export interface FixedHorizonTest {
  /** z, or t where degreesOfFreedom is finite. */
  statistic: number
  degreesOfFreedom: number
  /** Two-sided, in [0, 1]; 0 only below 5e-324. */
  pValue: number
  log10PValue: number
  /** One-sided, against treatment ≤ control. */
  pValueGreater: number
  /** One-sided, against treatment ≥ control. */
  pValueLess: number
  /** Of the difference, in the metric's unit. */
  interval: Interval
  /** What the interval multiplies the standard error with. */
  criticalValue: number
}

/**
 * The classical two-sided test of a difference: pooled z for rates, Welch's t for means and, by the delta method, for ratios.
 * Right at exactly one look, planned beforehand.
 * @param alpha - two-sided significance level, 0 < alpha < 1
 * @see Welch (1947), Biometrika 34, 28–35; for rates Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, ch. 3
 * @returns NotComputable ZERO_VARIANCE when both arms are constant
 * @throws RangeError if alpha is out of range
 */
export function fixedHorizonTest(difference: Difference, alpha: number): FixedHorizonTest | NotComputable {
  assertAlpha(alpha)
  const standardError = nullStandardErrorOf(difference)
  if (standardError === 0) return new NotComputable('ZERO_VARIANCE')
  const { estimate, degreesOfFreedom } = difference
  const statistic = estimate / standardError
  const criticalValue = criticalValueOf(difference, alpha)
  return {
    statistic,
    degreesOfFreedom,
    ...pValuesOf(statistic, degreesOfFreedom),
    interval: around(estimate, criticalValue * standardErrorOf(difference), alpha),
    criticalValue,
  }
}

/** Two-sided critical value of the distribution that a difference is tested by. */
export function criticalValueOf({ degreesOfFreedom }: Difference, alpha: number): number {
  return Number.isFinite(degreesOfFreedom) ? studentCriticalValue(alpha, degreesOfFreedom) : normalCriticalValue(alpha)
}

/** Two-sided p-value and its one-sided halves. @param degreesOfFreedom - Infinity for the normal distribution */
export function pValuesOf(
  statistic: number,
  degreesOfFreedom: number,
): Pick<FixedHorizonTest, 'pValue' | 'log10PValue' | 'pValueGreater' | 'pValueLess'> {
  const logP = logStudentTwoSided(statistic, degreesOfFreedom)
  return {
    pValue: Math.exp(logP),
    log10PValue: Math.max(logP * Math.LOG10E, -Number.MAX_VALUE) || 0,
    pValueGreater: studentUpper(statistic, degreesOfFreedom),
    pValueLess: studentUpper(-statistic, degreesOfFreedom),
  }
}
