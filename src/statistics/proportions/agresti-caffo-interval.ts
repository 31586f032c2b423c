import { normalCriticalValue } from '../distributions.ts'
import { around, type Interval } from '../interval.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/**
 * Interval of the difference of two rates after adding one success and one failure to each arm.
 * @param alpha - 1 − level, 0 < alpha < 1
 * @see Agresti, Caffo (2000), The American Statistician 54, 280–288
 */
export function agrestiCaffoInterval(control: ArmEstimate, treatment: ArmEstimate, alpha: number): Interval {
  const [c, t] = [control, treatment].map(({ units, mean }) => {
    const rate = (mean * units + 1) / (units + 2)
    return { rate, variance: (rate * (1 - rate)) / (units + 2) }
  }) as [{ rate: number; variance: number }, { rate: number; variance: number }]
  return around(t.rate - c.rate, normalCriticalValue(alpha) * Math.sqrt(c.variance + t.variance), alpha)
}
