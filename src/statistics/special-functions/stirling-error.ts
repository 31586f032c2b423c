import { assertBetween } from '../domain-checks.ts'

const COEFFICIENTS = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156]
const SHIFT_TO = 15
/** ln(2π)/2 */
export const HALF_LOG_TWO_PI = 0.9189385332046728

/**
 * What Stirling's formula misses: ln Γ(x) − [(x − 1/2) ln x − x + ln(2π)/2].
 * Differences of log-gammas at large arguments lose digits; differences of this small term do not.
 * @param x - positive
 * @see Loader (2000), Fast and accurate computation of binomial probabilities, section 3
 */
export function stirlingError(x: number): number {
  if (x < SHIFT_TO) {
    // Upward recurrence: e(x) = e(x + 1) + (x + 1/2) ln(1 + 1/x) − 1, summed until the series below converges.
    let sum = 0
    let shifted = x
    for (; shifted < SHIFT_TO; shifted++) sum += (shifted + 0.5) * Math.log1p(1 / shifted) - 1
    return sum + stirlingError(shifted)
  }
  const inverseSquare = 1 / (x * x)
  let value = 0
  for (let index = COEFFICIENTS.length - 1; index >= 0; index--) value = value * inverseSquare + COEFFICIENTS[index]!
  return value / x
}

/**
 * Natural logarithm of the gamma function.
 * @param x - positive
 * @returns relative error about 1e-15, absolute near the zeros at 1 and 2
 * @throws RangeError unless 1e-300 ≤ x ≤ 1e300
 */
export function logGamma(x: number): number {
  assertBetween(x, 1e-300, 1e300, 'x')
  if (x === 1 || x === 2) return 0
  if (x < 0.5) return logGamma(x + 1) - Math.log(x)
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingError(x)
}
