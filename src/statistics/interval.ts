/** Lower and upper limit, and the level at which the interval covers the truth, such as 0.95. */
export interface Interval {
  lower: number
  upper: number
  level: number
}

/** Symmetric around an estimate. @param alpha - 1 − level */
export function around(estimate: number, halfWidth: number, alpha: number): Interval {
  return { lower: estimate - halfWidth, upper: estimate + halfWidth, level: 1 - alpha }
}
