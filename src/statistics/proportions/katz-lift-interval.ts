import { normalCriticalValue } from '../distributions.ts'
import { assertAlpha } from '../domain-checks.ts'
import type { Interval } from '../interval.ts'
import { NotComputable } from '../not-computable.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/**
 * Interval of the lift of a rate, from the logarithm of the risk ratio: multiplicative, never below −1.
 * @param alpha - 1 − level, 0 < alpha < 1
 * @see Katz, Baptista, Azen, Pike (1978), Biometrics 34, 469–474, method C
 * @returns NotComputable: CONTROL_MEAN_ZERO, NO_CONVERSIONS (in the treatment), ZERO_VARIANCE (all converted in both)
 */
export function katzLiftInterval(
  control: ArmEstimate,
  treatment: ArmEstimate,
  alpha: number,
): Interval | NotComputable {
  assertAlpha(alpha)
  if (control.mean === 0) return new NotComputable('CONTROL_MEAN_ZERO')
  if (treatment.mean === 0) return new NotComputable('NO_CONVERSIONS')
  const variance = [control, treatment].reduce(
    (sum, { units, mean, unitVariance }) => sum + unitVariance / (mean * mean * units),
    0,
  )
  if (variance === 0) return new NotComputable('ZERO_VARIANCE')
  const logRatio = Math.log(treatment.mean / control.mean)
  const halfWidth = normalCriticalValue(alpha) * Math.sqrt(variance)
  return { lower: Math.expm1(logRatio - halfWidth), upper: Math.expm1(logRatio + halfWidth), level: 1 - alpha }
}
