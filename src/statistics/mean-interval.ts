import { studentCriticalValue } from './distributions.ts'
import { around, type Interval } from './interval.ts'
import type { ArmEstimate } from './sample-summary.ts'

/** Interval of a single mean or ratio, by Student's t. @see Student (1908), Biometrika 6, 1–25 */
export function meanInterval({ units, mean, unitVariance }: ArmEstimate, alpha: number): Interval {
  return around(mean, studentCriticalValue(alpha, units - 1) * Math.sqrt(unitVariance / units), alpha)
}
