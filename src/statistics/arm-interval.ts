import { normalCriticalValue, studentCriticalValue } from './distributions.ts'
import { around, type Interval } from './interval.ts'
import type { ArmEstimate } from './sample-summary.ts'

/** Interval of a single rate. @see Wilson (1927), Journal of the American Statistical Association 22, 209–212 */
export function wilsonInterval({ units, mean, unitVariance }: ArmEstimate, alpha: number): Interval {
  const z = normalCriticalValue(alpha)
  const square = (z * z) / units
  const sum = mean + square / 2 + z * Math.sqrt(unitVariance / units + square / (4 * units))
  // The lower limit is the product of both roots over the upper one: no cancellation for rates near zero.
  return { lower: (mean * mean) / sum, upper: Math.min(1, sum / (1 + square)), level: 1 - alpha }
}

/** Interval of a single mean or ratio, by Student's t. */
export function meanInterval({ units, mean, unitVariance }: ArmEstimate, alpha: number): Interval {
  return around(mean, studentCriticalValue(alpha, units - 1) * Math.sqrt(unitVariance / units), alpha)
}
