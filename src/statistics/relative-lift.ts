import { type Difference, type LiftParts, liftBaseOf, nullStandardErrorOf, standardErrorOf } from './comparison.ts'
import type { Interval } from './interval.ts'
import { NotComputable } from './not-computable.ts'

export interface RelativeLift {
  /** Difference over |control mean|, a fraction: 0.05 is +5 %. */
  estimate: number
  interval: Interval | NotComputable
}

/**
 * Relative lift with Fieller's interval: all r for which difference − r·control is within q of its own standard errors from
 * zero. With the variances and the critical value of the deciding test it excludes 0 exactly when that test is significant.
 * @param criticalValue - q of the deciding test: a normal or t quantile, a group-sequential boundary, or the half-width of a
 *   confidence sequence in standard errors
 * @see Fieller (1954), Journal of the Royal Statistical Society B 16, 175–185
 * @returns NotComputable CONTROL_MEAN_ZERO; the interval alone is NotComputable where it is unbounded or nothing varies
 * @throws RangeError if the critical value is not positive
 */
export function relativeLift(
  difference: LiftParts,
  criticalValue: number,
  alpha: number,
): RelativeLift | NotComputable {
  if (!(criticalValue > 0)) throw new RangeError(`criticalValue is ${criticalValue}; it must be positive.`)
  const { mean } = difference.base ?? difference.control
  if (mean === 0) return new NotComputable('CONTROL_MEAN_ZERO')
  const estimate = difference.estimate / Math.abs(mean)
  const interval = fiellerInterval(difference, criticalValue / Math.abs(mean), alpha)
  return { estimate, interval }
}

/** Solves (l − r)² = vd − 2 r c + r² g, all in critical errors of |control|, written so that equal values give exactly 0. */
function fiellerInterval(difference: LiftParts, scale: number, alpha: number): Interval | NotComputable {
  const standardError = nullStandardErrorOf(difference)
  if (standardError === 0) return new NotComputable('ZERO_VARIANCE')
  const { control, treatment } = difference.nullVariance
  const base = difference.base ?? { variance: control, covariance: -control }
  const { mean } = difference.base ?? difference.control
  const sign = Math.sign(mean)
  const lift = difference.estimate / mean
  const g = base.variance * scale * scale
  if (!(g < 1)) return new NotComputable('CONTROL_MEAN_NOT_SEPARATED_FROM_ZERO')
  // What the variance of the difference has beyond the base's, and its covariance beyond −1 times that; exactly the treatment's
  // variance and 0 where the base is the control's own mean.
  const rest = difference.base ? (standardError * scale) ** 2 - g : treatment * scale * scale
  const excess = difference.base ? base.covariance * scale * scale + g : 0
  const ratio = difference.base ? 1 + lift : difference.treatment.mean / mean
  const half = Math.sqrt(Math.max(0, g * ratio ** 2 + rest * (1 - g) - 2 * excess * (lift + g) + excess * excess))
  const centre = lift + g - excess
  const ends = [(sign * (centre - half)) / (1 - g), (sign * (centre + half)) / (1 - g)]
  return { lower: Math.min(...ends), upper: Math.max(...ends), level: 1 - alpha }
}

/**
 * Standard error of the lift by the delta method. A test by it can disagree with the test of the difference; where the two
 * must agree, use relativeLift's interval.
 * @see Deng, Knoblich, Lu (2018), Applying the delta method in metric analytics, KDD, section 3.1
 * @returns NotComputable: CONTROL_MEAN_ZERO, ZERO_VARIANCE
 */
export function deltaLift(
  difference: Difference,
): { estimate: number; standardError: number; degreesOfFreedom: number } | NotComputable {
  const { mean, variance, covariance } = liftBaseOf(difference)
  if (mean === 0) return new NotComputable('CONTROL_MEAN_ZERO')
  const lift = difference.estimate / mean
  // Var = v_t/c² + v_c t²/c⁴ where the base is the control's own mean.
  const own = difference.base === undefined
  const rest = own ? difference.treatment.variance : standardErrorOf(difference) ** 2 - variance
  const excess = own ? 0 : covariance + variance
  // t/c itself where it is at hand: 1 + lift loses its digits near −100 %.
  const ratio = own ? difference.treatment.mean / mean : 1 + lift
  const scaled = rest + variance * ratio ** 2 - 2 * lift * excess
  if (!(scaled > 0)) return new NotComputable('ZERO_VARIANCE')
  return {
    estimate: difference.estimate / Math.abs(mean),
    standardError: Math.sqrt(scaled) / Math.abs(mean),
    degreesOfFreedom: difference.degreesOfFreedom,
  }
}
