import { deviance } from './deviance.ts'
import { stirlingError } from './stirling-error.ts'
import { type LogTails, swapTails, tailsFromLower } from './tails.ts'

const PRECISION = 1e-16
const TINY = 1e-300

/** ln[ x^a e^(−x) / Γ(a) ], in Loader's form. */
function logGammaKernel(a: number, x: number): number {
  return 0.5 * Math.log(a / (2 * Math.PI)) - deviance(a, x) - stirlingError(a)
}

function series(a: number, x: number, limit: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < limit; n++) {
    term *= x / (a + n)
    sum += term
    if (term < sum * PRECISION) break
  }
  return sum
}

/** Continued fraction of Γ(a, x)/(x^a e^(−x)), modified Lentz. */
function continuedFraction(a: number, x: number, limit: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let value = d
  for (let n = 1; n < limit; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / (numerator * d + b || TINY)
    c = b + numerator / c || TINY
    const factor = d * c
    value *= factor
    if (Math.abs(factor - 1) <= PRECISION) break
  }
  return value
}

/**
 * Regularized incomplete gamma functions P(a, x) and Q(a, x): both tails of the Gamma(a) distribution, as logarithms.
 * @param a - shape, positive
 * @param x - non-negative
 * @see Gautschi (1979), ACM Transactions on Mathematical Software 5, 466–481; Loader (2000) for the factor
 */
export function gammaLogTails(a: number, x: number): LogTails {
  if (x <= 0) return { lower: -Infinity, upper: 0 }
  if (x === Infinity) return { lower: 0, upper: -Infinity }
  const limit = 1000 + 20 * Math.sqrt(a)
  const kernel = logGammaKernel(a, x)
  if (x < a + 1) return tailsFromLower(kernel + Math.log(series(a, x, limit)))
  return swapTails(tailsFromLower(kernel + Math.log(continuedFraction(a, x, limit))))
}
