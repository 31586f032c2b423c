import { normalCriticalValue, normalQuantile } from '../distributions.ts'
import { assertOpenFraction } from '../domain-checks.ts'
import { crossingProbabilities, type GroupSequentialBoundaries } from './group-sequential-boundaries.ts'

/**
 * Expected Z at the maximum sample at which a group-sequential test has a power.
 * @param power - probability of rejecting at some look on the side of the effect, above alpha and below 1
 * @see Jennison, Turnbull (2000), Group Sequential Methods with Applications to Clinical Trials, ch. 2 and 7
 * @throws RangeError if power is out of range
 */
export function driftForPower(boundaries: GroupSequentialBoundaries, power: number): number {
  assertOpenFraction(power, 'power')
  // Probits of the power grow nearly as the drift does, so that the secant needs few steps.
  const surplus = (drift: number) => {
    const reached = crossingProbabilities(boundaries, drift).at(-1)?.upper ?? 0
    return normalQuantile(Math.min(1 - 1e-16, Math.max(1e-300, reached))) - normalQuantile(power)
  }
  let [previous, drift] = [2, 3]
  let [before, now] = [surplus(previous), surplus(drift)]
  for (let step = 0; step < 50 && Math.abs(now) > 1e-12 && now !== before; step++) {
    const next = Math.max(0, drift - (now * (drift - previous)) / (now - before))
    ;[previous, before] = [drift, now]
    drift = next
    now = surplus(drift)
  }
  return drift
}

/** Maximum sample relative to that of a single look with the same alpha and power; what flexibility costs. */
export function inflationFactor(boundaries: GroupSequentialBoundaries, alpha: number, power: number): number {
  const fixed = normalCriticalValue((2 * alpha) / boundaries.sides) + normalQuantile(power)
  return (driftForPower(boundaries, power) / fixed) ** 2
}

/**
 * Mean information fraction at which a group-sequential test ends: at the first crossing, else at the last look.
 * @param drift - expected Z at information fraction 1
 */
export function expectedFraction(boundaries: GroupSequentialBoundaries, drift: number): number {
  const crossed = crossingProbabilities(boundaries, drift)
  return boundaries.fractions.reduce((sum, fraction, look) => {
    const isLast = look === boundaries.fractions.length - 1
    const before = crossed[look - 1]?.either ?? 0
    return sum + fraction * ((isLast ? 1 : crossed[look]!.either) - before)
  }, 0)
}
