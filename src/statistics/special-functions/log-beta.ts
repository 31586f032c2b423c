import { assertBetween } from '../domain-checks.ts'
import { HALF_LOG_TWO_PI, logGamma, stirlingError } from './stirling-error.ts'

/**
 * Natural logarithm of the beta function, without the cancellation of ln Γ(a) + ln Γ(b) − ln Γ(a + b).
 * @param a - positive
 * @param b - positive
 * @see Didonato & Morris (1992), Algorithm 708, ACM Transactions on Mathematical Software 18, 360–373 (ALGDIV, BCORR)
 * @throws RangeError unless both lie between 1e-300 and 1e300
 */
export function logBeta(a: number, b: number): number {
  assertBetween(a, 1e-300, 1e300, 'a')
  assertBetween(b, 1e-300, 1e300, 'b')
  const small = Math.min(a, b)
  const large = Math.max(a, b)
  if (large < 10) return logGamma(small) + logGamma(large) - logGamma(small + large)
  // ln Γ(large) − ln Γ(small + large), Stirling terms cancelled by hand
  const correction = stirlingError(large) - stirlingError(small + large)
  const ratio = small / large
  if (small < 10) {
    const difference = small - (large - 0.5) * Math.log1p(ratio) - small * Math.log(small + large)
    return logGamma(small) + difference + correction
  }
  return (
    HALF_LOG_TWO_PI +
    stirlingError(small) +
    correction +
    (small - 0.5) * Math.log(small / (small + large)) -
    (large - 0.5) * Math.log1p(ratio) -
    0.5 * Math.log(small + large)
  )
}
