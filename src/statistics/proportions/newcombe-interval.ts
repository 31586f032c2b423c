import type { Interval } from '../interval.ts'
import type { ArmEstimate } from '../sample-summary.ts'
import { wilsonInterval } from './wilson-interval.ts'

/**
 * Interval of the difference of two rates from their Wilson intervals; stays within [−1, 1] and holds for rare events.
 * @param alpha - 1 − level, 0 < alpha < 1
 * @see Newcombe (1998), Statistics in Medicine 17, 873–890, method 10
 */
export function newcombeInterval(control: ArmEstimate, treatment: ArmEstimate, alpha: number): Interval {
  const c = wilsonInterval(control, alpha)
  const t = wilsonInterval(treatment, alpha)
  const difference = treatment.mean - control.mean
  return {
    lower: difference - Math.hypot(treatment.mean - t.lower, c.upper - control.mean),
    upper: difference + Math.hypot(t.upper - treatment.mean, control.mean - c.lower),
    level: 1 - alpha,
  }
}
