import { logIncompleteBeta } from './special-functions/incomplete-beta.ts'
import { logUpperGamma } from './special-functions/incomplete-gamma.ts'
import { logBeta } from './special-functions/log-gamma.ts'

/** ln P(|Z| > |z|) of the standard normal distribution; right far beyond where 1 − Φ is 0 in doubles. */
export function logNormalTwoSided(z: number): number {
  return logUpperGamma(0.5, (z * z) / 2)
}

/** P(|Z| > |z|) of the standard normal distribution. */
export function normalTwoSided(z: number): number {
  return Math.exp(logNormalTwoSided(z))
}

/** P(Z ≤ z) of the standard normal distribution. */
export function normalCdf(z: number): number {
  const tail = normalTwoSided(z) / 2
  return z < 0 ? tail : 1 - tail
}

/** Density of the standard normal distribution. */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
}

/**
 * The z for which P(|Z| > z) = alpha: a rational first guess (Abramowitz & Stegun 1964, 26.2.23), then Halley steps on the logarithm
 * of the tail.
 * @param alpha - two-sided, 0 < alpha ≤ 1
 */
export function normalCriticalValue(alpha: number): number {
  assertProbability(alpha)
  const t = Math.sqrt(-2 * Math.log(alpha / 2))
  const guess = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  return refine(guess, alpha, logNormalTwoSided, (z) => Math.log(2) - (z * z) / 2 - 0.5 * Math.log(2 * Math.PI))
}

/** ln P(|T| > |t|) of Student's t distribution. @param degreesOfFreedom - above 0 */
export function logStudentTwoSided(t: number, degreesOfFreedom: number): number {
  const sum = degreesOfFreedom + t * t
  return logIncompleteBeta(degreesOfFreedom / 2, 0.5, degreesOfFreedom / sum, (t * t) / sum)
}

/** P(|T| > |t|) of Student's t distribution. @param degreesOfFreedom - above 0 */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  return Math.exp(logStudentTwoSided(t, degreesOfFreedom))
}

/** The t for which P(|T| > t) = alpha. @param alpha - two-sided, 0 < alpha ≤ 1 */
export function studentCriticalValue(alpha: number, degreesOfFreedom: number): number {
  const z = normalCriticalValue(alpha)
  // The first terms of the Cornish–Fisher expansion (Abramowitz & Stegun 1964, 26.7.5).
  const guess =
    z + (z ** 3 + z) / (4 * degreesOfFreedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degreesOfFreedom ** 2)
  const norm = Math.log(2) - logBeta(degreesOfFreedom / 2, 0.5) - 0.5 * Math.log(degreesOfFreedom)
  return refine(
    guess,
    alpha,
    (t) => logStudentTwoSided(t, degreesOfFreedom),
    (t) => norm - ((degreesOfFreedom + 1) / 2) * Math.log1p((t * t) / degreesOfFreedom),
  )
}

/** P(X > statistic) of the chi-square distribution, the upper tail itself. */
export function chiSquareUpper(statistic: number, degreesOfFreedom: number): number {
  return Math.exp(logUpperGamma(degreesOfFreedom / 2, statistic / 2))
}

/** Newton's steps on ln tail(x) = ln alpha, which is concave and nearly a parabola, so that they settle in a few. */
function refine(
  guess: number,
  alpha: number,
  logTail: (x: number) => number,
  logDensity: (x: number) => number,
): number {
  const target = Math.log(alpha)
  let x = Math.max(guess, 0)
  for (let step = 0; step < 60; step++) {
    const tail = logTail(x)
    const next = Math.max(0, x + (tail - target) / Math.exp(logDensity(x) - tail))
    if (Math.abs(next - x) <= 1e-14 * Math.max(1, next)) return next
    x = next
  }
  return x
}

function assertProbability(alpha: number): void {
  if (!(alpha > 0 && alpha <= 1)) throw new RangeError(`alpha is ${alpha}; it must lie above 0 and not above 1.`)
}
