import { deviance } from './deviance.ts'
import { integrate } from './gauss-legendre.ts'
import { logBeta } from './log-beta.ts'
import { stirlingError } from './stirling-error.ts'
import { type LogTails, swapTails, tailsFromLower } from './tails.ts'

const PRECISION = 1e-16
/** Terms of a continued fraction, for parameters beyond any count. */
const MOST_TERMS = 1e6
/** Above this size of both parameters, quadrature of the density is faster and more precise than the continued fraction. */
const QUADRATURE_FROM = 3000

/** ln[ x^a y^b / B(a, b) ] with y = 1 − x, in Loader's form: no difference of log-gammas. */
export function logBetaKernel(x: number, y: number, a: number, b: number): number {
  const n = a + b
  // a − n·x = n·y − b; from the smaller of x and y, whose rounding error is smaller.
  const difference = x < y ? a - n * x : n * y - b
  return (
    0.5 * Math.log(((a / n) * b) / (2 * Math.PI)) -
    deviance(a, n * x, difference) -
    deviance(b, n * y, -difference) -
    (stirlingError(a) + stirlingError(b) - stirlingError(n))
  )
}

/** I_x(a, b) divided by its kernel: even part of the continued fraction, for x ≤ a/(a + b) (BFRAC of Algorithm 708). */
function continuedFraction(x: number, y: number, a: number, b: number): number {
  const limit = Math.min(500 + 10 * Math.sqrt(Math.max(a, b)), MOST_TERMS)
  // 1 + a − (a + b)·x, from the smaller of x and y: cancellation here would be the error of the result.
  const c = 1 + (x < y ? a - (a + b) * x : (a + b) * y - b)
  const c1 = 1 + 1 / a
  let p = 1
  let s = a + 1
  let numerator = 1
  let previousNumerator = 0
  let denominator = c / c1
  let previousDenominator = 1
  let value = c1 / c
  for (let n = 1; n <= limit; n++) {
    const share = n / a
    const w = n * (b - n) * x
    const alpha = p * (p + b / a) * (a / s) ** 2 * w * x
    const beta = n + w / s + ((1 + share) / (c1 + 2 * share)) * (c + n * (1 + y))
    p = 1 + share
    s += 2
    const nextNumerator = alpha * previousNumerator + beta * numerator
    const nextDenominator = alpha * previousDenominator + beta * denominator
    const next = nextNumerator / nextDenominator
    const converged = Math.abs(next - value) <= PRECISION * next
    value = next
    if (converged) break
    previousNumerator = numerator / nextDenominator
    previousDenominator = denominator / nextDenominator
    numerator = next
    denominator = 1
  }
  return value
}

/**
 * ln I_x(a, b) for a ≤ 1, x ≤ ½ and b·x ≤ 0.7: the power series about 0 (BPSER of Algorithm 708). Just above a tiny mean the
 * continued fraction of the upper tail has hardly begun to converge when its terms end.
 */
function logLowerBySeries(x: number, a: number, b: number): number {
  let product = 1
  let sum = 0
  for (let n = 1; n < 200; n++) {
    product *= ((n - b) * x) / n
    const term = product / (a + n)
    sum += term
    if (Math.abs(term) <= PRECISION * Math.abs(sum)) break
  }
  return a * Math.log(x) - Math.log(a) - logBeta(a, b) + Math.log1p(a * sum)
}

/** ln I_x(a, b) for x below the mean and large parameters: the density of ln(x/y), integrated outwards from x. */
function logLowerByQuadrature(x: number, y: number, a: number, b: number): number {
  const deviation = Math.sqrt((a + b) / a / b)
  const distance = ((a / (a + b) - x) * Math.sqrt(a + b)) / Math.sqrt(x * y)
  // Where the density has fallen by a factor exp(40).
  const reach = (80 / (Math.sqrt(distance * distance + 80) + distance)) * deviation
  const logit = Math.log(x / y)
  const atX = logBetaKernel(x, y, a, b)
  const relative = integrate(
    (w) => {
      const odds = Math.exp(w)
      return Math.exp(logBetaKernel(odds / (1 + odds), 1 / (1 + odds), a, b) - atX)
    },
    logit - reach,
    logit,
    6,
  )
  return atX + Math.log(relative)
}

/**
 * Regularized incomplete beta function I_x(a, b), the distribution function of Beta(a, b): both tails, as logarithms.
 * @param x - in [0, 1]
 * @param y - 1 − x, passed apart because the caller may know it without rounding
 * @param a - positive
 * @param b - positive
 * @see Didonato & Morris (1992), ACM Transactions on Mathematical Software 18, 360–373; Loader (2000) for the factor
 */
export function betaLogTails(x: number, y: number, a: number, b: number): LogTails {
  if (x <= 0) return { lower: -Infinity, upper: 0 }
  if (y <= 0) return { lower: 0, upper: -Infinity }
  if ((x < y ? a - (a + b) * x : (a + b) * y - b) < 0) return swapTails(betaLogTails(y, x, b, a))
  if (b <= 1 && y <= 0.5 && a * y <= 0.7) return swapTails(tailsFromLower(logLowerBySeries(y, b, a)))
  if (Math.min(a, b) > QUADRATURE_FROM) return tailsFromLower(logLowerByQuadrature(x, y, a, b))
  return tailsFromLower(logBetaKernel(x, y, a, b) + Math.log(continuedFraction(x, y, a, b)))
}
