import { normalQuantile } from '../distributions.ts'
import type { BetaBelief, BetaComparison } from './beta-binomial.ts'

/** Where a normal distribution has its mean no nearer to 0, and no farther, its spread is told well by the chance to lie above 0. */
const NEAR = 1
const FAR = 6

/**
 * Spread of the normal distribution that stands for p_t − p_c: the one with which it exceeds 0 as probably as the two beliefs say
 * exactly, so that an interval excludes 0 exactly when that chance lies beyond its level; the standard deviation where the mean
 * is so near to 0, or so far from it, that either tells the same. The exact quantiles take a hundred times as long.
 */
export function betaEffectSpread(
  control: BetaBelief,
  treatment: BetaBelief,
  { chanceToBeatControl, chanceControlBetter, expectedDifference }: BetaComparison,
): number {
  // From the smaller tail, which has all its digits.
  const z =
    chanceToBeatControl > chanceControlBetter
      ? -normalQuantile(chanceControlBetter)
      : normalQuantile(chanceToBeatControl)
  const isTold = Math.abs(z) >= NEAR && Math.abs(z) <= FAR && Math.sign(z) === Math.sign(expectedDifference)
  return isTold ? expectedDifference / z : Math.sqrt(varianceOf(control) + varianceOf(treatment))
}

function varianceOf({ alpha, beta }: BetaBelief): number {
  const total = alpha + beta
  return ((alpha / total) * (beta / total)) / (total + 1)
}
