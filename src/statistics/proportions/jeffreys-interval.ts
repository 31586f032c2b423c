import { betaQuantile } from '../distributions.ts'
import { assertAlpha } from '../domain-checks.ts'
import type { Interval } from '../interval.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/** Equal-tailed interval of the posterior under Jeffreys' prior Beta(½, ½). @see Brown, Cai, DasGupta (2001), Statistical Science 16, 101–133 */
export function jeffreysInterval({ units, mean }: ArmEstimate, alpha: number): Interval {
  assertAlpha(alpha)
  const conversions = Math.round(mean * units)
  const quantile = (p: number) => betaQuantile(p, conversions + 0.5, units - conversions + 0.5)
  return { lower: quantile(alpha / 2), upper: quantile(1 - alpha / 2), level: 1 - alpha }
}
