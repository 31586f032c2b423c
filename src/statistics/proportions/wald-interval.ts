import { normalCriticalValue } from '../distributions.ts'
import { around, type Interval } from '../interval.ts'
import type { ArmEstimate } from '../sample-summary.ts'
import { withinFraction } from './within-fraction.ts'

/** The textbook interval, clipped to [0, 1]; too short for rare events. @see Wald (1943) */
export function waldInterval({ units, mean, unitVariance }: ArmEstimate, alpha: number): Interval {
  return withinFraction(around(mean, normalCriticalValue(alpha) * Math.sqrt(unitVariance / units), alpha))
}
