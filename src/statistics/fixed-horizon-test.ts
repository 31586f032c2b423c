import { type Difference, nullStandardErrorOf, standardErrorOf } from './comparison.ts'
import { logNormalTwoSided, logStudentTwoSided, normalCriticalValue, studentCriticalValue } from './distributions.ts'
import { around, type Interval } from './interval.ts'
import { NotComputable } from './not-computable.ts'

export interface FixedHorizonTest {
  /** z, or t where degreesOfFreedom is finite. */
  statistic: number
  degreesOfFreedom: number
  /** Two-sided, in [0, 1]; 0 only below 5e-324. */
  pValue: number
  log10PValue: number
  /** Of the difference, in the metric's unit. */
  interval: Interval
  /** What the interval multiplies the standard error with. */
  criticalValue: number
}

/**
 * The classical two-sided test of a difference: pooled z for rates, Welch's t for means, z by the delta method for ratios. Right at
 * exactly one look, planned beforehand.
 * @param alpha - two-sided significance level, 0 < alpha < 1
 * @returns NotComputable ZERO_VARIANCE when both arms are constant
 */
export function fixedHorizonTest(difference: Difference, alpha: number): FixedHorizonTest | NotComputable {
  const standardError = nullStandardErrorOf(difference)
  if (standardError === 0) return new NotComputable('ZERO_VARIANCE')
  const { estimate, degreesOfFreedom } = difference
  const statistic = estimate / standardError
  const isNormal = !Number.isFinite(degreesOfFreedom)
  const logP = isNormal ? logNormalTwoSided(statistic) : logStudentTwoSided(statistic, degreesOfFreedom)
  const criticalValue = isNormal ? normalCriticalValue(alpha) : studentCriticalValue(alpha, degreesOfFreedom)
  return {
    statistic,
    degreesOfFreedom,
    pValue: Math.min(1, Math.exp(logP)),
    log10PValue: logP / Math.LN10,
    interval: around(estimate, criticalValue * standardErrorOf(difference), alpha),
    criticalValue,
  }
}
