import { betaQuantile, normalCriticalValue } from '../distributions.ts'
import { around, type Interval } from '../interval.ts'
import type { ArmEstimate } from '../sample-summary.ts'

// Intervals of a single rate, besides Wilson's in ../arm-interval.ts, which is the one to show.

/** The textbook interval, clipped to [0, 1]; too short for rare events. @see Wald (1943) */
export function waldInterval({ units, mean, unitVariance }: ArmEstimate, alpha: number): Interval {
  return clipped(around(mean, normalCriticalValue(alpha) * Math.sqrt(unitVariance / units), alpha))
}

/** Wald's interval around Wilson's centre, clipped to [0, 1]. @see Agresti, Coull (1998), The American Statistician 52, 119–126 */
export function agrestiCoullInterval({ units, mean }: ArmEstimate, alpha: number): Interval {
  const z = normalCriticalValue(alpha)
  const size = units + z * z
  const centre = (mean * units + (z * z) / 2) / size
  return clipped(around(centre, z * Math.sqrt((centre * (1 - centre)) / size), alpha))
}

/** Wilson's interval with continuity correction. @see Newcombe (1998), Statistics in Medicine 17, 857–872, method 4 */
export function wilsonContinuityInterval({ units, mean }: ArmEstimate, alpha: number): Interval {
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

/** Exact interval from the binomial tails; never too short, hence wide. @see Clopper, Pearson (1934), Biometrika 26, 404–413 */
export function clopperPearsonInterval({ units, mean }: ArmEstimate, alpha: number): Interval {
  const conversions = Math.round(mean * units)
  const rest = units - conversions
  return {
    lower: conversions === 0 ? 0 : betaQuantile(alpha / 2, conversions, rest + 1),
    // The complement of the mirrored quantile would lose digits for rates near 0; this one loses none.
    upper: rest === 0 ? 1 : betaQuantile(1 - alpha / 2, conversions + 1, rest),
    level: 1 - alpha,
  }
}

/** Equal-tailed interval of the posterior under Jeffreys' prior Beta(½, ½). @see Brown, Cai, DasGupta (2001), Statistical Science 16, 101–133 */
export function jeffreysInterval({ units, mean }: ArmEstimate, alpha: number): Interval {
  const conversions = Math.round(mean * units)
  const quantile = (p: number) => betaQuantile(p, conversions + 0.5, units - conversions + 0.5)
  return { lower: quantile(alpha / 2), upper: quantile(1 - alpha / 2), level: 1 - alpha }
}

function clipped({ lower, upper, level }: Interval): Interval {
  return { lower: Math.max(0, lower), upper: Math.min(1, upper), level }
}
