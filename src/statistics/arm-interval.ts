import { normalCriticalValue, studentCriticalValue } from './distributions.ts'
import { around, type Interval } from './interval.ts'
import type { ArmEstimate } from './sample-summary.ts'

/** Interval of a single rate. @see Wilson (1927), Journal of the American Statistical Association 22, 209–212 */
export function wilsonInterval({ units, mean }: ArmEstimate, alpha: number): Interval {
  const z2 = normalCriticalValue(alpha) ** 2
  const centre = (mean + z2 / (2 * units)) / (1 + z2 / units)
  const halfWidth =
    (Math.sqrt(z2) / (1 + z2 / units)) * Math.sqrt((mean * (1 - mean)) / units + z2 / (4 * units * units))
  const { lower, upper, level } = around(centre, halfWidth, alpha)
  return { lower: Math.max(0, lower), upper: Math.min(1, upper), level }
}

/** Interval of a single mean or ratio, by Student's t. */
export function meanInterval({ units, mean, unitVariance }: ArmEstimate, alpha: number): Interval {
  return around(mean, studentCriticalValue(alpha, units - 1) * Math.sqrt(unitVariance / units), alpha)
}
