import { jStat } from 'jstat'

/** From here on Stirling's series is exact to double precision. */
const STIRLING_FROM = 15

/**
 * What Stirling's formula leaves out: ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π).
 * @param x - above 0
 * @see Loader (2000), Fast and accurate computation of binomial probabilities
 */
export function stirlingError(x: number): number {
  if (x < STIRLING_FROM) return jStat.gammaln(x) - ((x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI))
  const r = 1 / (x * x)
  return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / x
}

/** ln Γ(x) for x above 0. jStat is right to 4e-12 where Stirling's series does not reach. */
export function logGamma(x: number): number {
  return x < STIRLING_FROM
    ? jStat.gammaln(x)
    : (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + stirlingError(x)
}

/** ln B(a, b), without the cancellation of three log-gammas when one argument is large. */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b)
  const large = Math.max(a, b)
  const ratio = -(large - 0.5) * Math.log1p(small / large) - small * Math.log(large + small) + small
  return logGamma(small) + ratio + stirlingError(large) - stirlingError(large + small)
}
