import { assertAlpha, assertCount } from '../domain-checks.ts'
import { logBeta } from '../special-functions/log-beta.ts'
import { betaLogTails } from '../special-functions/regularized-beta.ts'

export interface RateAboveTest {
  /** ln of the mixture likelihood ratio against the threshold. */
  logEValue: number
  /** min(1, 1/e): valid at every look. */
  pValue: number
}

const LEAST_THRESHOLD = 1e-12

/**
 * Whether a rate is above a threshold: one-sided, exact from the first unit on and right at every look. The likelihood ratio against
 * each rate above the threshold is a supermartingale if the true rate is not; it is averaged over Beta(1, (1 − threshold) /
 * threshold) above the threshold, whose excess is about as large as the threshold itself: half of it lies below 1.7 thresholds.
 * @param conversions - 0 to units
 * @param threshold - rate, from 1e-12 to 1 − 1e-12; chosen before the data
 * @see Robbins (1970), Annals of Mathematical Statistics 41, 1397–1409; Ramdas, Grünwald, Vovk, Shafer (2023), Statistical Science 38,
 *   576–601
 * @throws RangeError if a parameter is out of range
 */
export function rateAboveTest(units: number, conversions: number, threshold: number): RateAboveTest {
  assertRate(units, conversions, threshold)
  const logEValue = logMixture(units, conversions, threshold, threshold)
  return { logEValue, pValue: Math.exp(Math.min(0, -logEValue)) }
}

/**
 * The rate against which the evidence of the same test is 1/alpha: the truth is above it at all looks together with probability
 * 1 − alpha. Above the threshold exactly if the p-value is below alpha; 0 where nothing is excluded.
 * @param alpha - one-sided
 * @throws RangeError if a parameter is out of range
 */
export function rateLowerLimit(units: number, conversions: number, threshold: number, alpha: number): number {
  assertAlpha(alpha)
  assertRate(units, conversions, threshold)
  if (conversions === 0) return 0
  let low = 0
  let high = conversions / units
  for (let step = 0; step < 60 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (logMixture(units, conversions, middle, threshold) >= -Math.log(alpha)) low = middle
    else high = middle
  }
  return low
}

function assertRate(units: number, conversions: number, threshold: number): void {
  if (!(threshold >= LEAST_THRESHOLD && threshold <= 1 - LEAST_THRESHOLD)) {
    throw new RangeError(
      `threshold is ${threshold}; it must lie between ${LEAST_THRESHOLD} and 1 − ${LEAST_THRESHOLD}.`,
    )
  }
  assertCount(units, 'units')
  assertCount(conversions, 'conversions')
  if (conversions > units) throw new RangeError(`${conversions} of ${units} units cannot have converted.`)
}

/** ln ∫ p^x (1 − p)^(n − x) dπ(p) − ln p₀^x (1 − p₀)^(n − x), π being Beta(1, b) above p₀, with b tuned to the threshold. */
function logMixture(units: number, conversions: number, rate: number, threshold: number): number {
  const b = (1 - threshold) / threshold
  const rest = units - conversions
  const above = (shape: number, other: number) => betaLogTails(rate, 1 - rate, shape, other).upper
  return (
    logBeta(1 + conversions, b + rest) +
    above(1 + conversions, b + rest) -
    (logBeta(1, b) + above(1, b)) -
    conversions * Math.log(rate) -
    rest * Math.log1p(-rate)
  )
}
