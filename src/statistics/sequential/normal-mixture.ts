import { logNormalUpper } from '../distributions.ts'
import { assertAlpha, assertFinite, assertPositive } from '../domain-checks.ts'

export interface NormalMixture {
  /** Value that a sum with this intrinsic time does not exceed at any time, with probability 1 − alpha. */
  bound: number
  /** ln of the mixture martingale at the observed sum. */
  logMixture: number
}

/**
 * Boundary of the normal mixture martingale for a sub-Gaussian sum: the building block of the sequential tests.
 * @param sum - S
 * @param intrinsicTime - V, the variance accumulated so far
 * @param optimalTime - V at which the boundary at `optimalAlpha` is lowest, fixed beforehand
 * @param isOneSided - bounds the sum from above only
 * @see Howard, Ramdas, McAuliffe, Sekhon (2021), Annals of Statistics 49, 1055–1080, section 3.2
 * @throws RangeError if a parameter is out of range
 */
export function normalMixture(
  sum: number,
  intrinsicTime: number,
  optimalTime: number,
  alpha: number,
  optimalAlpha = alpha,
  isOneSided = false,
): NormalMixture {
  assertAlpha(alpha)
  assertAlpha(optimalAlpha)
  assertFinite(sum, 'sum')
  assertPositive(intrinsicTime, 'intrinsicTime')
  assertPositive(optimalTime, 'optimalTime')
  const l = -2 * Math.log(isOneSided ? Math.min(2 * optimalAlpha, 1 - Number.EPSILON) : optimalAlpha)
  const rho = optimalTime / (l + Math.log1p(l))
  const total = intrinsicTime + rho
  if (!isOneSided) {
    const logShrinkage = -Math.log1p(intrinsicTime / rho) / 2
    return {
      bound: Math.sqrt(2 * total * (-Math.log(alpha) - logShrinkage)),
      logMixture: logShrinkage + (sum * sum) / (2 * total),
    }
  }
  const logMixture = (s: number) =>
    Math.log(2) - Math.log1p(intrinsicTime / rho) / 2 + (s * s) / (2 * total) + logNormalUpper(-s / Math.sqrt(total))
  return { bound: rootOf((s) => logMixture(s) + Math.log(alpha), Math.sqrt(total)), logMixture: logMixture(sum) }
}

/** Where an increasing function crosses zero, from 0 or below outwards, by halving. */
function rootOf(f: (x: number) => number, scale: number): number {
  let low = 0
  while (f(low) > 0) low -= scale
  let high = low + scale
  while (f(high) < 0) high += scale
  for (let step = 0; step < 200 && high - low > 1e-15 * Math.abs(high); step++) {
    const middle = (low + high) / 2
    if (f(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
