import { chiSquareLogTails } from './chi-square.ts'
import { deviance } from './deviance.ts'
import { integrate } from './gauss-legendre.ts'
import { normalUpperTail } from './normal.ts'
import { betaLogTails } from './regularized-beta.ts'
import { HALF_LOG_TWO_PI, stirlingError } from './stirling-error.ts'

/**
 * P(T > t) of the noncentral t distribution, by integrating the normal tail over the standard deviation, √(χ²/df).
 * @param degreesOfFreedom - above 0; Infinity is the normal distribution
 * @param noncentrality - mean of the numerator
 * @see Johnson, Kotz, Balakrishnan (1995), Continuous Univariate Distributions, vol. 2, ch. 29–31
 */
export function noncentralTUpper(t: number, degreesOfFreedom: number, noncentrality: number): number {
  if (degreesOfFreedom > 1e12) return normalUpperTail(t - noncentrality)
  const half = degreesOfFreedom / 2
  // ln of the density of s = √(χ²/df) in Loader's form; the standard deviation of s is about 1/√(2·df).
  const logDensity = (s: number) =>
    Math.LN2 + 0.5 * Math.log(half) - HALF_LOG_TWO_PI - stirlingError(half) - Math.log(s) - deviance(half, half * s * s)
  const reach = 12 / Math.sqrt(2 * degreesOfFreedom)
  const from = Math.max(0, 1 - reach)
  // At few degrees of freedom the density begins at 0 as s^(df − 1), which a polynomial cannot follow; as a function of a root
  // of s it begins at least as a cube.
  const power = Math.max(1, Math.ceil(4 / degreesOfFreedom))
  const integrand = (root: number) => {
    const s = root ** power
    return s === 0 ? 0 : Math.exp(logDensity(s)) * normalUpperTail(t * s - noncentrality) * power * (s / root)
  }
  return Math.min(1, integrate(integrand, from ** (1 / power), (1 + reach) ** (1 / power), power === 1 ? 40 : 120))
}

/** P(X > x) of the noncentral chi-square distribution, as a Poisson mixture of central ones. */
export function noncentralChiSquareUpper(x: number, degreesOfFreedom: number, noncentrality: number): number {
  return poissonMixture(noncentrality / 2, (j) => Math.exp(chiSquareLogTails(x, degreesOfFreedom + 2 * j).upper))
}

/** P(X > x) of the noncentral F distribution, as a Poisson mixture of beta tails. */
export function noncentralFUpper(
  x: number,
  numeratorDegrees: number,
  denominatorDegrees: number,
  noncentrality: number,
): number {
  const total = numeratorDegrees * x + denominatorDegrees
  return poissonMixture(noncentrality / 2, (j) =>
    Math.exp(
      betaLogTails(
        denominatorDegrees / total,
        (numeratorDegrees * x) / total,
        denominatorDegrees / 2,
        numeratorDegrees / 2 + j,
      ).lower,
    ),
  )
}

/** Σ P(J = j) f(j) for J Poisson with this mean, over all j that matter. */
function poissonMixture(mean: number, f: (j: number) => number): number {
  if (mean === 0) return f(0)
  const reach = 12 * Math.sqrt(mean) + 40
  let sum = 0
  for (let j = Math.max(0, Math.floor(mean - reach)); j <= mean + reach; j++) {
    const logMass = j === 0 ? -mean : -deviance(j, mean) - stirlingError(j) - 0.5 * Math.log(j) - HALF_LOG_TWO_PI
    sum += Math.exp(logMass) * f(j)
  }
  return Math.min(1, sum)
}
