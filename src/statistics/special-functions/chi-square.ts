import { gammaLogTails } from './regularized-gamma.ts'
import { solveDecreasing } from './solve-tail.ts'
import { HALF_LOG_TWO_PI, stirlingError } from './stirling-error.ts'
import type { LogTails } from './tails.ts'

/** Both tails of the chi-square distribution, as logarithms. */
export function chiSquareLogTails(x: number, degreesOfFreedom: number): LogTails {
  return gammaLogTails(degreesOfFreedom / 2, x / 2)
}

/** x with P(X ≤ x) = p; solved on the smaller tail, in ln x. */
export function chiSquareQuantile(p: number, degreesOfFreedom: number): number {
  if (p <= 0) return 0
  if (p >= 1) return Infinity
  const half = degreesOfFreedom / 2
  const useUpper = p > 0.5
  const target = useUpper ? Math.log1p(-p) : Math.log(p)
  const logScale = Math.log(half) - 1 + stirlingError(half) / half + (HALF_LOG_TWO_PI - 0.5 * Math.log(half)) / half
  const start = useUpper ? Math.log(degreesOfFreedom) : Math.min(Math.log(degreesOfFreedom), target / half + logScale)
  return Math.exp(
    solveDecreasing(
      (logX) => {
        const x = Math.exp(logX)
        const tails = chiSquareLogTails(x, degreesOfFreedom)
        const logDensity =
          half * Math.log(x / 2) - x / 2 - (half - 0.5) * Math.log(half) + half - HALF_LOG_TWO_PI - stirlingError(half)
        if (useUpper) return { value: tails.upper - target, slope: -Math.exp(logDensity - tails.upper) }
        return { value: target - tails.lower, slope: -Math.exp(logDensity - tails.lower) }
      },
      -1e4,
      25,
      start,
    ),
  )
}
