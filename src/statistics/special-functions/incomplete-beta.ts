import { logBeta } from './log-gamma.ts'

const EPSILON = 1e-16
const TINY = 1e-300

/**
 * ln I_x(a, b), the logarithm of the regularized incomplete beta function.
 * @param a - above 0
 * @param b - above 0
 * @param x - 0 to 1
 * @param complement - 1 − x, given by itself where the subtraction would lose digits
 * @see Abramowitz & Stegun (1964), 26.5.8 (continued fraction, by Lentz's method)
 */
export function logIncompleteBeta(a: number, b: number, x: number, complement = 1 - x): number {
  if (!(a > 0) || !(b > 0) || !(x >= 0) || !(complement >= 0))
    throw new RangeError(`I_${x}(${a}, ${b}) is not defined.`)
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (complement === 0) return 0
  const prefactor = a * logOf(x, complement) + b * logOf(complement, x) - logBeta(a, b)
  return x < (a + 1) / (a + b + 2)
    ? prefactor + Math.log(fraction(a, b, x) / a)
    : Math.log1p(-Math.exp(prefactor) * (fraction(b, a, complement) / b))
}

/** ln x, by its complement where x is near 1. */
function logOf(x: number, complement: number): number {
  return x > 0.5 ? Math.log1p(-complement) : Math.log(x)
}

function fraction(a: number, b: number, x: number): number {
  const most = 500 + 5 * Math.sqrt(Math.max(a, b))
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < most; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d)
    c = nonZero(1 + even / c)
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d)
    c = nonZero(1 + odd / c)
    h *= d * c
    if (Math.abs(d * c - 1) < EPSILON * 4) break
  }
  return h
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}
