import { logBeta } from './log-beta.ts'
import { normalLogUpperTail, normalUpperQuantile } from './normal.ts'
import { betaLogTails } from './regularized-beta.ts'
import { solveDecreasing } from './solve-tail.ts'
import { HALF_LOG_TWO_PI, stirlingError } from './stirling-error.ts'
import { logComplement } from './tails.ts'

/** Beyond this the distribution is the normal one to all digits: they differ by t⁴/(4 df). */
const MOST_DEGREES = 1e25
/** df/(df + t²) at or below this is df/t² in doubles. */
const LEAST_SHARE = 1e-200

/**
 * ln P(|T| > |t|) of Student's t distribution.
 * @param degreesOfFreedom - positive; Infinity is the normal distribution
 */
export function studentTLogTwoSided(t: number, degreesOfFreedom: number): number {
  const size = Math.abs(t)
  if (size === 0) return 0
  if (size === Infinity) return -Infinity
  if (degreesOfFreedom > MOST_DEGREES) return Math.LN2 + normalLogUpperTail(size)
  const square = size * size
  const total = degreesOfFreedom + square
  if (!(degreesOfFreedom / total > LEAST_SHARE)) return logPowerLaw(Math.log(size), degreesOfFreedom)
  return betaLogTails(degreesOfFreedom / total, square / total, degreesOfFreedom / 2, 0.5).lower
}

/** The tail's own asymptote, which at such a t is the tail to all digits: its square may overflow. */
function logPowerLaw(logT: number, degreesOfFreedom: number): number {
  const half = degreesOfFreedom / 2
  return half * (Math.log(degreesOfFreedom) - 2 * logT) - Math.log(half) - logBeta(half, 0.5)
}

/** ln P(T > t). */
export function studentTLogUpperTail(t: number, degreesOfFreedom: number): number {
  const oneSided = studentTLogTwoSided(t, degreesOfFreedom) - Math.LN2
  return t >= 0 ? oneSided : logComplement(oneSided)
}

/** ln of the density of Student's t distribution at t. */
function logDensity(t: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom > MOST_DEGREES) return -HALF_LOG_TWO_PI - (t * t) / 2
  // ln Γ((ν+1)/2) − ln Γ(ν/2) with the Stirling terms cancelled by hand
  const half = degreesOfFreedom / 2
  const gammas = half * Math.log1p(0.5 / half) - 0.5 + stirlingError(half + 0.5) - stirlingError(half)
  const square = (t * t) / degreesOfFreedom
  const logRest = square < Infinity ? Math.log1p(square) : 2 * Math.log(t) - Math.log(degreesOfFreedom)
  return gammas - HALF_LOG_TWO_PI - ((degreesOfFreedom + 1) / 2) * logRest
}

/** t with P(T > t) = exp(logTail), for a tail of at most one half; Infinity also where t exceeds the largest double. */
export function studentTUpperQuantile(logTail: number, degreesOfFreedom: number): number {
  if (logTail === -Infinity) return Infinity
  if (logTail >= -Math.LN2) return 0
  const normal = normalUpperQuantile(logTail)
  if (degreesOfFreedom > MOST_DEGREES) return normal
  // Where the tail is its power law, so is the quantile.
  const half = degreesOfFreedom / 2
  const farthest = (Math.log(degreesOfFreedom) - Math.log(LEAST_SHARE)) / 2
  const logPower =
    Math.log(degreesOfFreedom) / 2 - (logTail + Math.LN2 + Math.log(half) + logBeta(half, 0.5)) / degreesOfFreedom
  if (logPower > farthest) return Math.exp(logPower)
  // First two terms of the Cornish–Fisher expansion; for few degrees of freedom the power-law tail instead.
  const expanded = normal * (1 + (normal * normal + 1) / (4 * degreesOfFreedom))
  const start = normal * normal < 2 * degreesOfFreedom ? Math.log(expanded) : logPower
  return Math.exp(
    solveDecreasing(
      (logT) => {
        const t = Math.exp(logT)
        const tail = studentTLogUpperTail(t, degreesOfFreedom)
        return { value: tail - logTail, slope: -t * Math.exp(logDensity(t, degreesOfFreedom) - tail) }
      },
      Math.log(normal) - 1e-9,
      Math.max(Math.log(normal), farthest + 1),
      start,
    ),
  )
}
