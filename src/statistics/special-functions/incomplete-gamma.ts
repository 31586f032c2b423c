import { logGamma } from './log-gamma.ts'

const EPSILON = 1e-16
const TINY = 1e-300

/**
 * ln Q(a, x), the logarithm of the regularized upper incomplete gamma function; −Infinity never comes out for finite x.
 * @param a - shape, above 0
 * @param x - at least 0
 * @see Abramowitz & Stegun (1964), 6.5.29 (series) and 6.5.31 (continued fraction, by Lentz's method)
 */
export function logUpperGamma(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) throw new RangeError(`Q(${a}, ${x}) is not defined.`)
  if (x === 0) return 0
  const prefactor = a * Math.log(x) - x - logGamma(a)
  return x < a + 1 ? Math.log1p(-lowerSeries(a, x) * Math.exp(prefactor)) : prefactor + Math.log(upperFraction(a, x))
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; term > sum * EPSILON; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let h = d
  for (let i = 1; ; i++) {
    const an = -i * (i - a)
    b += 2
    d = 1 / nonZero(an * d + b)
    c = nonZero(b + an / c)
    h *= d * c
    if (Math.abs(d * c - 1) < EPSILON * 4) return h
  }
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}
