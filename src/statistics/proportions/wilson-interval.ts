import { normalCriticalValue } from '../distributions.ts'
import { assertAlpha } from '../domain-checks.ts'
import type { Interval } from '../interval.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/** Interval of a single rate: the one to show, right for rare events too. @see Wilson (1927), Journal of the American Statistical Association 22, 209–212 */
export function wilsonInterval({ units, mean, unitVariance }: ArmEstimate, alpha: number): Interval {
  assertAlpha(alpha)
  const z = normalCriticalValue(alpha)
  const square = (z * z) / units
  const sum = mean + square / 2 + z * Math.sqrt(unitVariance / units + square / (4 * units))
  // The lower limit is the product of both roots over the upper one: no cancellation for rates near zero.
  return { lower: (mean * mean) / sum, upper: Math.min(1, sum / (1 + square)), level: 1 - alpha }
}
