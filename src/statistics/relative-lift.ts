import type { Difference } from './comparison.ts'
import type { Interval } from './interval.ts'
import { NotComputable } from './not-computable.ts'

export interface RelativeLift {
  /** Difference over |control mean|, a fraction: 0.05 is +5 %. */
  estimate: number
  interval: Interval | NotComputable
}

/**
 * Relative lift with Fieller's interval: all R with (m_t − R m_c)² ≤ q² (b + R² a). With the variances and the critical
 * value of the deciding test it excludes 0 exactly when that test is significant.
 * @param criticalValue - q of the deciding test
 * @see Fieller (1954), Journal of the Royal Statistical Society B 16, 175–185
 * @returns NotComputable CONTROL_MEAN_ZERO; the interval alone is NotComputable where it is unbounded
 */
export function relativeLift(
  difference: Difference,
  criticalValue: number,
  alpha: number,
): RelativeLift | NotComputable {
  const { control, treatment, nullVariance } = difference
  if (control.mean === 0) return new NotComputable('CONTROL_MEAN_ZERO')
  const estimate = difference.estimate / Math.abs(control.mean)
  const q2 = criticalValue ** 2
  const leading = control.mean ** 2 - q2 * nullVariance.control
  if (leading <= 0) return { estimate, interval: new NotComputable('CONTROL_MEAN_NOT_SEPARATED_FROM_ZERO') }
  const middle = control.mean * treatment.mean
  const discriminant = middle ** 2 - leading * (treatment.mean ** 2 - q2 * nullVariance.treatment)
  const root = Math.sqrt(Math.max(0, discriminant))
  const ends = [(middle - root) / leading - 1, (middle + root) / leading - 1].map(
    (lift) => Math.sign(control.mean) * lift,
  )
  return { estimate, interval: { lower: Math.min(...ends), upper: Math.max(...ends), level: 1 - alpha } }
}
