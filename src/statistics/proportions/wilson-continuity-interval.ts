import { normalCriticalValue } from '../distributions.ts'
import { assertAlpha } from '../domain-checks.ts'
import type { Interval } from '../interval.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/** Wilson's interval with continuity correction. @see Newcombe (1998), Statistics in Medicine 17, 857–872, method 4 */
export function wilsonContinuityInterval({ units, mean }: ArmEstimate, alpha: number): Interval {
  assertAlpha(alpha)
  const z = normalCriticalValue(alpha)
  const square = z * z
  const conversions = Math.round(mean * units)
  const rest = units - conversions
  const lowerRoot = Math.sqrt(Math.max(0, square - 2 - 1 / units + 4 * mean * (rest + 1)))
  const upperRoot = Math.sqrt(Math.max(0, square + 2 - 1 / units + 4 * mean * (rest - 1)))
  // The lower limit is the product of both roots over the upper one: no cancellation for rates near zero.
  const lower = (2 * (conversions - 0.5) ** 2) / units / (2 * conversions + square - 1 + z * lowerRoot)
  const upper = (2 * conversions + square + 1 + z * upperRoot) / (2 * (units + square))
  return { lower: conversions === 0 ? 0 : lower, upper: rest === 0 ? 1 : Math.min(1, upper), level: 1 - alpha }
}
