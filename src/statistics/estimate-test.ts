import { normalCriticalValue, studentCriticalValue } from './distributions.ts'
import { assertAlpha } from './domain-checks.ts'
import { pValuesOf } from './fixed-horizon-test.ts'
import { around, type Interval } from './interval.ts'

/** An estimate with its standard error and the distribution of their quotient. */
export interface Estimate {
  estimate: number
  /** Above 0. */
  standardError: number
  /** Infinity for the normal distribution. */
  degreesOfFreedom: number
}

/**
 * Two-sided test of an estimate against a value, with its interval: for lifts, quantiles and anything else whose standard
 * error is known.
 * @param alpha - two-sided significance level, 0 < alpha < 1
 * @throws RangeError if alpha or the standard error is out of range
 */
export function estimateTest(
  { estimate, standardError, degreesOfFreedom }: Estimate,
  alpha: number,
  against = 0,
): ReturnType<typeof pValuesOf> & { statistic: number; criticalValue: number; interval: Interval } {
  assertAlpha(alpha)
  if (!(standardError > 0)) throw new RangeError(`standardError is ${standardError}; it must be positive.`)
  const statistic = (estimate - against) / standardError
  const criticalValue = Number.isFinite(degreesOfFreedom)
    ? studentCriticalValue(alpha, degreesOfFreedom)
    : normalCriticalValue(alpha)
  return {
    statistic,
    criticalValue,
    ...pValuesOf(statistic, degreesOfFreedom),
    interval: around(estimate, criticalValue * standardError, alpha),
  }
}
