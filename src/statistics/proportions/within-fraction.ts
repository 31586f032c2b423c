import type { Interval } from '../interval.ts'

/** The part of an interval that a rate can have. */
export function withinFraction({ lower, upper, level }: Interval): Interval {
  return { lower: Math.max(0, lower), upper: Math.min(1, upper), level }
}
