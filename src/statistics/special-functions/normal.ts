import { erfc, scaledErfc } from './erfc.ts'
import { HALF_LOG_TWO_PI } from './stirling-error.ts'
import { logComplement } from './tails.ts'

/** P(Z > x) of the standard normal distribution; relative error about 1e-15 down to the smallest double. */
export function normalUpperTail(x: number): number {
  return 0.5 * erfc(x * Math.SQRT1_2)
}

/** ln P(Z > x), also where the tail itself underflows. */
export function normalLogUpperTail(x: number): number {
  if (x < 0) return logComplement(normalLogUpperTail(-x))
  if (x < 1) return Math.log(normalUpperTail(x))
  return Math.log(scaledErfc(x * Math.SQRT1_2)) - Math.LN2 - (x * x) / 2
}

/** x with P(Z > x) = exp(logTail), for a tail of at most one half: Newton's method on the logarithm, which is concave. */
export function normalUpperQuantile(logTail: number): number {
  if (logTail === -Infinity) return Infinity
  let x = Math.sqrt(Math.max(0, -2 * (logTail + Math.LN2)))
  for (let step = 0; step < 60; step++) {
    const tail = normalLogUpperTail(x)
    // d ln P(Z > x)/dx = −density/tail
    const slope = -Math.exp(-0.5 * x * x - HALF_LOG_TWO_PI - tail)
    const next = x - (tail - logTail) / slope
    if (Math.abs(next - x) <= 1e-15 * Math.max(1, x)) return Math.max(0, next)
    x = next
  }
  return x
}
