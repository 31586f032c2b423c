import jStat from 'jstat'
import { assertBetaParameter, assertBetween, assertCount, assertFraction, assertNumber } from './domain-checks.ts'
import { betaQuantile as betaInverse } from './special-functions/beta-quantile.ts'
import { binomialLogTails, logBinomialMass } from './special-functions/binomial.ts'
import { chiSquareQuantile as chiSquareInverse, chiSquareLogTails } from './special-functions/chi-square.ts'
import { normalLogUpperTail, normalUpperQuantile, normalUpperTail } from './special-functions/normal.ts'
import { betaLogTails } from './special-functions/regularized-beta.ts'
import { studentTLogTwoSided, studentTLogUpperTail, studentTUpperQuantile } from './special-functions/student-t.ts'

// The one place that calls jStat, and only where it is exact to double precision: the density and the centre of the
// normal distribution. Its Student t, beta, chi-square, F and binomial functions, and all of its tails, are wrong in
// regions that ordinary experiments reach; ours stand in special-functions/.

/** P(Z ≤ z) of the standard normal distribution; relative error about 1e-15 in the lower tail too. */
export function normalCdf(z: number): number {
  assertNumber(z, 'z')
  return Math.abs(z) < 0.5 ? jStat.normal.cdf(z, 0, 1) : normalUpperTail(-z)
}

/** P(Z > z), the upper tail itself. */
export function normalUpper(z: number): number {
  assertNumber(z, 'z')
  return normalUpperTail(z)
}

/** ln P(Z > z), finite where the tail underflows. */
export function logNormalUpper(z: number): number {
  assertNumber(z, 'z')
  return normalLogUpperTail(z)
}

/** ln P(|Z| > |z|) of the standard normal distribution; right far beyond where 1 − Φ is 0 in doubles. */
export function logNormalTwoSided(z: number): number {
  assertNumber(z, 'z')
  return z === 0 ? 0 : Math.LN2 + normalLogUpperTail(Math.abs(z))
}

/** P(|Z| > |z|) of the standard normal distribution. */
export function normalTwoSided(z: number): number {
  return Math.exp(logNormalTwoSided(z))
}

/** Density of the standard normal distribution. */
export function normalDensity(z: number): number {
  assertNumber(z, 'z')
  return jStat.normal.pdf(z, 0, 1)
}

/** Standard normal quantile. @param p - in [0, 1]; 0 and 1 give −Infinity and Infinity */
export function normalQuantile(p: number): number {
  assertFraction(p, 'Probability')
  return p < 0.5 ? -normalUpperQuantile(Math.log(p)) : normalUpperQuantile(Math.log1p(-p))
}

/** The z for which P(|Z| > z) = alpha. @param alpha - two-sided, 0 < alpha ≤ 1 */
export function normalCriticalValue(alpha: number): number {
  assertLevel(alpha)
  return normalUpperQuantile(Math.log(alpha) - Math.LN2)
}

/** P(T ≤ t) of Student's t. @param degreesOfFreedom - above 0; Infinity is the normal distribution */
export function studentCdf(t: number, degreesOfFreedom: number): number {
  assertNumber(t, 't')
  assertDegrees(degreesOfFreedom)
  return Math.exp(studentTLogUpperTail(-t, degreesOfFreedom))
}

/** P(T > t) of Student's t. */
export function studentUpper(t: number, degreesOfFreedom: number): number {
  return studentCdf(-t, degreesOfFreedom)
}

/** ln P(|T| > |t|) of Student's t distribution. @param degreesOfFreedom - above 0 */
export function logStudentTwoSided(t: number, degreesOfFreedom: number): number {
  assertNumber(t, 't')
  assertDegrees(degreesOfFreedom)
  return studentTLogTwoSided(t, degreesOfFreedom)
}

/** P(|T| > |t|) of Student's t distribution. @param degreesOfFreedom - above 0 */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  return Math.exp(logStudentTwoSided(t, degreesOfFreedom))
}

/** Quantile of Student's t; ±Infinity at 0 and 1, and where it lies beyond the largest double. @param p - in [0, 1] */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  assertFraction(p, 'Probability')
  assertDegrees(degreesOfFreedom)
  return p < 0.5
    ? -studentTUpperQuantile(Math.log(p), degreesOfFreedom)
    : studentTUpperQuantile(Math.log1p(-p), degreesOfFreedom)
}

/** The t for which P(|T| > t) = alpha; Infinity where it lies beyond the largest double. @param alpha - two-sided, 0 < alpha ≤ 1 */
export function studentCriticalValue(alpha: number, degreesOfFreedom: number): number {
  assertLevel(alpha)
  assertDegrees(degreesOfFreedom)
  return studentTUpperQuantile(Math.log(alpha) - Math.LN2, degreesOfFreedom)
}

/** P(X ≤ x) of the chi-square distribution. */
export function chiSquareCdf(x: number, degreesOfFreedom: number): number {
  assertNumber(x, 'x')
  assertChiSquareDegrees(degreesOfFreedom)
  return Math.exp(chiSquareLogTails(x, degreesOfFreedom).lower)
}

/** P(X > statistic) of the chi-square distribution, the upper tail itself. */
export function chiSquareUpper(statistic: number, degreesOfFreedom: number): number {
  return Math.exp(logChiSquareUpper(statistic, degreesOfFreedom))
}

/** ln P(X > statistic) of the chi-square distribution. */
export function logChiSquareUpper(statistic: number, degreesOfFreedom: number): number {
  assertNumber(statistic, 'statistic')
  assertChiSquareDegrees(degreesOfFreedom)
  return chiSquareLogTails(statistic, degreesOfFreedom).upper
}

/** Chi-square quantile. @param p - in [0, 1] */
export function chiSquareQuantile(p: number, degreesOfFreedom: number): number {
  assertFraction(p, 'Probability')
  assertChiSquareDegrees(degreesOfFreedom)
  return chiSquareInverse(p, degreesOfFreedom)
}

/** P(X ≤ x) of the beta distribution. @param x - in [0, 1] */
export function betaCdf(x: number, a: number, b: number): number {
  assertFraction(x, 'x')
  assertBeta(a, b)
  return Math.exp(betaLogTails(x, 1 - x, a, b).lower)
}

/** P(X > x) of the beta distribution. @param x - in [0, 1] */
export function betaUpper(x: number, a: number, b: number): number {
  assertFraction(x, 'x')
  assertBeta(a, b)
  return Math.exp(betaLogTails(x, 1 - x, a, b).upper)
}

/** Quantile of the beta distribution. @param p - in [0, 1] */
export function betaQuantile(p: number, a: number, b: number): number {
  assertFraction(p, 'Probability')
  assertBeta(a, b)
  return betaInverse(p, a, b)
}

/** ln P(X > x) of Fisher's F. @param x - up to 1e150, beyond which a square is no double */
export function logFUpper(x: number, numeratorDegrees: number, denominatorDegrees: number): number {
  assertFDegrees(numeratorDegrees, denominatorDegrees)
  if (!(x <= 1e150)) throw new RangeError(`x is ${x}; it must not exceed 1e150.`)
  if (x <= 0) return 0
  const total = numeratorDegrees * x + denominatorDegrees
  return betaLogTails(
    denominatorDegrees / total,
    (numeratorDegrees * x) / total,
    denominatorDegrees / 2,
    numeratorDegrees / 2,
  ).lower
}

/** The x for which P(X > x) = alpha of Fisher's F. @param alpha - 0 < alpha < 1 */
export function fCriticalValue(alpha: number, numeratorDegrees: number, denominatorDegrees: number): number {
  assertLevel(alpha)
  assertFDegrees(numeratorDegrees, denominatorDegrees)
  const share = betaQuantile(alpha, denominatorDegrees / 2, numeratorDegrees / 2)
  return ((1 - share) / share) * (denominatorDegrees / numeratorDegrees)
}

function assertLevel(alpha: number): void {
  if (!(alpha > 0 && alpha <= 1)) throw new RangeError(`alpha is ${alpha}; it must lie above 0 and not above 1.`)
}

function assertDegrees(degreesOfFreedom: number): void {
  if (degreesOfFreedom !== Infinity) assertBetween(degreesOfFreedom, 1e-300, Number.MAX_VALUE, 'degreesOfFreedom')
}

function assertChiSquareDegrees(degreesOfFreedom: number): void {
  // The series of the incomplete gamma function has about as many terms as the root of these.
  assertBetween(degreesOfFreedom, 1e-300, 1e10, 'degreesOfFreedom')
}

function assertFDegrees(numeratorDegrees: number, denominatorDegrees: number): void {
  assertBetaParameter(numeratorDegrees / 2, 'Half of numeratorDegrees')
  assertBetaParameter(denominatorDegrees / 2, 'Half of denominatorDegrees')
}

function assertBeta(a: number, b: number): void {
  assertBetaParameter(a, 'a')
  assertBetaParameter(b, 'b')
}

/** P(X = k) of the binomial distribution; 0 outside 0 … n. @param k - whole number @param p - in [0, 1] */
export function binomialMass(k: number, n: number, p: number): number {
  if (!Number.isInteger(k)) throw new RangeError(`k is ${k}; it must be a whole number.`)
  assertBinomial(n, p)
  return Math.exp(logBinomialMass(k, n, p))
}

/** P(X ≤ k) of the binomial distribution. @param p - in [0, 1] */
export function binomialCdf(k: number, n: number, p: number): number {
  assertNumber(k, 'k')
  assertBinomial(n, p)
  return Math.exp(binomialLogTails(Math.floor(k), n, p).lower)
}

/** P(X > k) of the binomial distribution. @param p - in [0, 1] */
export function binomialUpper(k: number, n: number, p: number): number {
  assertNumber(k, 'k')
  assertBinomial(n, p)
  return Math.exp(binomialLogTails(Math.floor(k), n, p).upper)
}

function assertBinomial(n: number, p: number): void {
  assertCount(n, 'n')
  assertFraction(p, 'p')
}
