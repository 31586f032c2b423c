/**
 * x ln(x/m) + m − x, the deviance of a Poisson count x with mean m; accurate when x is close to m.
 * @param x - non-negative
 * @param mean - positive
 * @param difference - x − mean, passed apart because the caller may know it with less rounding
 * @see Loader (2000), Fast and accurate computation of binomial probabilities, section 4 (bd0)
 */
export function deviance(x: number, mean: number, difference = x - mean): number {
  if (x === 0) return mean
  const relative = difference / (x + mean)
  if (!(Math.abs(relative) < 0.1)) {
    const ratio = x / mean
    // A mean near the smallest double overflows the quotient, not its logarithm.
    return x * (ratio < Infinity ? Math.log(ratio) : Math.log(x) - Math.log(mean)) - difference
  }
  // x ln((1 + v)/(1 − v)) with v = (x − m)/(x + m), as a series in v
  const square = relative * relative
  let sum = difference * relative
  let term = 2 * x * relative
  for (let odd = 3; ; odd += 2) {
    term *= square
    const next = sum + term / odd
    if (next === sum) return sum
    sum = next
  }
}
