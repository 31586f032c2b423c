import { assertAlpha } from './domain-checks.ts'

/** Lower and upper limit, and the level at which the interval covers the truth, such as 0.95. */
export interface Interval {
  lower: number
  upper: number
  level: number
}

/** Symmetric around an estimate. @param alpha - 1 − level @throws RangeError unless 0 < alpha < 1 */
export function around(estimate: number, halfWidth: number, alpha: number): Interval {
  assertAlpha(alpha)
  return { lower: estimate - halfWidth, upper: estimate + halfWidth, level: 1 - alpha }
}
