import { deviance } from './deviance.ts'
import { betaLogTails } from './regularized-beta.ts'
import { stirlingError } from './stirling-error.ts'

/**
 * ln P(X = k) of the binomial distribution, by deviances instead of factorials.
 * @param k - whole number; outside 0 … n the probability is 0
 * @param p - in [0, 1]
 * @see Loader (2000), Fast and accurate computation of binomial probabilities
 */
export function logBinomialMass(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return -Infinity
  if (p === 0 || p === 1) return k === n * p ? 0 : -Infinity
  if (k === 0) return n * Math.log1p(-p)
  if (k === n) return n * Math.log(p)
  const rest = n - k
  return (
    0.5 * Math.log(n / (2 * Math.PI * k) / rest) +
    stirlingError(n) -
    stirlingError(k) -
    stirlingError(rest) -
    deviance(k, n * p) -
    deviance(rest, n * (1 - p))
  )
}

/** ln P(X ≤ k) and ln P(X > k) of the binomial distribution. @param p - in [0, 1] */
export function binomialLogTails(k: number, n: number, p: number): { lower: number; upper: number } {
  if (k < 0) return { lower: -Infinity, upper: 0 }
  if (k >= n) return { lower: 0, upper: -Infinity }
  const { lower, upper } = betaLogTails(p, 1 - p, k + 1, n - k)
  return { lower: upper, upper: lower }
}
