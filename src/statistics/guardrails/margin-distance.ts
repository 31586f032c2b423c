import type { EffectScale } from '../bayesian/normal-effect.ts'
import { type Difference, liftBaseOf } from '../comparison.ts'
import { assertNonNegative } from '../domain-checks.ts'
import type { Estimate } from '../estimate-test.ts'
import { NotComputable } from '../not-computable.ts'
import type { PreferredDirection } from './non-inferiority.ts'

/** How much worse is tolerated. */
export interface Margin {
  /** At least 0: in the metric's unit, or as a fraction of the absolute mean of the control. */
  value: number
  scale: EffectScale
}

/** How far a difference lies inside a margin, in the metric's unit; negative beyond it. */
export interface MarginDistance extends Estimate {
  /** Of both arms. */
  units: number
  /** The margin in the metric's unit; of a relative one, at the mean that the control has now. */
  margin: number
  /** What a relative margin is relative to; null for an absolute one. */
  base: Estimate | null
}

/**
 * Gain plus margin, as one estimate. A relative margin moves with the mean of the control, so that its error counts too (to take
 * that mean as fixed would be too sure); it stays a sum of means, of which a confidence sequence holds, as of a lift it would not.
 * Variances are those of the arms, not pooled ones: at the margin the arms differ.
 * @param direction - the good one
 * @see Pigeot, Schäfer, Röhmel, Hauschke (2003), Statistics in Medicine 22, 883–899
 * @returns NotComputable: CONTROL_MEAN_ZERO for a relative margin, ZERO_VARIANCE
 * @throws RangeError if the margin is negative
 */
export function marginDistance(
  difference: Difference,
  { value, scale }: Margin,
  direction: PreferredDirection,
): MarginDistance | NotComputable {
  assertNonNegative(value, 'margin')
  const { units, degreesOfFreedom, control, treatment } = difference
  const base = scale === 'RELATIVE' ? liftBaseOf(difference) : null
  if (base?.mean === 0) return new NotComputable('CONTROL_MEAN_ZERO')
  const sign = direction === 'INCREASE' ? 1 : -1
  const margin = base ? value * Math.abs(base.mean) : value
  // Part of the control's mean that moves the margin against the difference: 1 would take it out of the distance altogether.
  const share = base ? sign * Math.sign(base.mean) * value : 0
  const variance =
    base && difference.base
      ? control.variance + treatment.variance + share * (share * base.variance + 2 * base.covariance)
      : treatment.variance + (1 - share) ** 2 * control.variance
  if (!(variance > 0)) return new NotComputable('ZERO_VARIANCE')
  return {
    units,
    estimate: sign * difference.estimate + margin,
    standardError: Math.sqrt(variance),
    degreesOfFreedom,
    margin,
    base: base && { estimate: base.mean, standardError: Math.sqrt(base.variance), degreesOfFreedom },
  }
}
