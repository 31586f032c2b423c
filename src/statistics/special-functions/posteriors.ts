import { assertBetween, assertFinite, assertPositive } from '../domain-checks.ts'
import type { Posterior } from './posterior-grid.ts'
import { logBetaKernel } from './regularized-beta.ts'
import { HALF_LOG_TWO_PI } from './stirling-error.ts'

/** Log-odds beyond which the smaller probability would leave the range of doubles. */
const LARGEST_LOG_ODDS = 700

/**
 * Beta(a, b) of a rate, as the distribution of its log-odds: smooth, close to normal, and without boundary.
 * @throws RangeError unless both parameters lie between 0.01 and 1e15
 */
export function betaPosterior(a: number, b: number): Posterior {
  // The log-odds of smaller parameters reach as far as their inverse.
  assertBetween(a, 0.01, 1e15, 'alpha')
  assertBetween(b, 0.01, 1e15, 'beta')
  const logDensity = (w: number): number => {
    const size = Math.min(Math.abs(w), LARGEST_LOG_ODDS)
    const odds = Math.exp(-size)
    const small = odds / (1 + odds)
    const large = 1 / (1 + odds)
    if (w < 0) return logBetaKernel(small, large, a, b) - a * (-w - size)
    return logBetaKernel(large, small, a, b) - b * (w - size)
  }
  // The log-odds density bends on the scale of 1 wherever the rate is close to 0 or 1.
  return { centre: Math.log(a) - Math.log(b), scale: Math.min(1, Math.sqrt(1 / a + 1 / b)), logDensity }
}

/**
 * Normal distribution of a mean.
 * @throws RangeError if the mean is not finite or the standard deviation not positive
 */
export function normalPosterior(mean: number, standardDeviation: number): Posterior {
  assertFinite(mean, 'mean')
  assertPositive(standardDeviation, 'standardDeviation')
  const logPeak = -Math.log(standardDeviation) - HALF_LOG_TWO_PI
  return {
    centre: mean,
    scale: standardDeviation,
    logDensity: (x) => logPeak - ((x - mean) / standardDeviation) ** 2 / 2,
  }
}
