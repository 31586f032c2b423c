import { normalCriticalValue } from '../distributions.ts'
import { around, type Interval } from '../interval.ts'
import type { ArmEstimate } from '../sample-summary.ts'
import { withinFraction } from './within-fraction.ts'

/** Wald's interval around Wilson's centre, clipped to [0, 1]. @see Agresti, Coull (1998), The American Statistician 52, 119–126 */
export function agrestiCoullInterval({ units, mean }: ArmEstimate, alpha: number): Interval {
  const z = normalCriticalValue(alpha)
  const size = units + z * z
  const centre = (mean * units + (z * z) / 2) / size
  return withinFraction(around(centre, z * Math.sqrt((centre * (1 - centre)) / size), alpha))
}
