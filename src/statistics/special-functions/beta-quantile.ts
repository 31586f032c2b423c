import { betaLogTails, logBetaKernel } from './regularized-beta.ts'
import { solveDecreasing } from './solve-tail.ts'

/**
 * x with I_x(a, b) = p, solved in the log-odds of x on the smaller tail.
 * @param p - in [0, 1]
 * @param a - positive
 * @param b - positive
 * @returns relative error about 1e-13, also for x near 0; near 1 the complement carries it
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0
  if (p >= 1) return 1
  const useUpper = p > 0.5
  const target = useUpper ? Math.log1p(-p) : Math.log(p)
  const logOdds = solveDecreasing(
    (w) => {
      const odds = Math.exp(w)
      const x = odds / (1 + odds)
      const y = 1 / (1 + odds)
      const tails = betaLogTails(x, y, a, b)
      // The density of the log-odds is x^a y^b / B(a, b).
      const logDensity = logBetaKernel(x, y, a, b)
      if (useUpper) return { value: tails.upper - target, slope: -Math.exp(logDensity - tails.upper) }
      return { value: target - tails.lower, slope: -Math.exp(logDensity - tails.lower) }
    },
    -700,
    700,
    Math.log(a) - Math.log(b),
  )
  return logOdds < 0 ? Math.exp(logOdds) / (1 + Math.exp(logOdds)) : 1 / (1 + Math.exp(-logOdds))
}
