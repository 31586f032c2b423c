import { betaQuantile } from '../distributions.ts'
import { assertAlpha } from '../domain-checks.ts'
import type { Interval } from '../interval.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/** Exact interval from the binomial tails; never too short, hence wide. @see Clopper, Pearson (1934), Biometrika 26, 404–413 */
export function clopperPearsonInterval({ units, mean }: ArmEstimate, alpha: number): Interval {
  assertAlpha(alpha)
  const conversions = Math.round(mean * units)
  const rest = units - conversions
  return {
    lower: conversions === 0 ? 0 : betaQuantile(alpha / 2, conversions, rest + 1),
    // The complement of the mirrored quantile would lose digits for rates near 0; this one loses none.
    upper: rest === 0 ? 1 : betaQuantile(1 - alpha / 2, conversions + 1, rest),
    level: 1 - alpha,
  }
}
