import { type Difference, nullStandardErrorOf } from '../comparison.ts'
import { around, type Interval } from '../interval.ts'
import { NotComputable } from '../not-computable.ts'

export interface ConfidenceSequence {
  /** Always-valid, two-sided, in [0, 1]. */
  pValue: number
  /** ln of the e-value against no difference. */
  logEValue: number
  /** Of the difference, in the metric's unit; covers the truth at all looks together with probability 1 − alpha. */
  interval: Interval
  /** What the interval multiplies the standard error with, at this number of units. */
  criticalValue: number
}

/** N* where no sample size is planned. */
export const DEFAULT_TUNING_UNITS = 10_000

/**
 * Asymptotic confidence sequence of a normal mixture, on the absolute difference with the variance of the test (pooled for
 * rates): right at every look, however many.
 *
 * ρ² = (L + ln(L + 1)) / N*, L = −2 ln alpha; half-width = se · √(2 (nρ² + 1) / (nρ²) · ln(√(nρ² + 1) / alpha));
 * ln E = nρ² z² / (2 (nρ² + 1)) − ln(nρ² + 1) / 2.
 * @param tuningUnits - N*, units of both arms at which the sequence is narrowest; chosen before the data
 * @see Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), arXiv 2103.06476
 * @returns NotComputable ZERO_VARIANCE when both arms are constant
 */
export function confidenceSequence(
  difference: Difference,
  alpha: number,
  tuningUnits = DEFAULT_TUNING_UNITS,
): ConfidenceSequence | NotComputable {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is ${alpha}; it must lie between 0 and 1.`)
  if (!(tuningUnits > 0)) throw new RangeError(`tuningUnits is ${tuningUnits}; it must lie above 0.`)
  const standardError = nullStandardErrorOf(difference)
  if (standardError === 0) return new NotComputable('ZERO_VARIANCE')
  const l = -2 * Math.log(alpha)
  const information = (difference.units * (l + Math.log1p(l))) / tuningUnits
  const z = difference.estimate / standardError
  const logEValue = (information * z * z) / (2 * (information + 1)) - Math.log1p(information) / 2
  const criticalValue = Math.sqrt(
    (2 * (information + 1) * (Math.log1p(information) / 2 - Math.log(alpha))) / information,
  )
  return {
    pValue: Math.min(1, Math.exp(-logEValue)),
    logEValue,
    interval: around(difference.estimate, criticalValue * standardError, alpha),
    criticalValue,
  }
}
