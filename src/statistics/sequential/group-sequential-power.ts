import { normalCriticalValue, normalQuantile } from '../distributions.ts'
import { assertOpenFraction } from '../domain-checks.ts'
import { crossingProbabilities, type GroupSequentialBoundaries } from './group-sequential-boundaries.ts'

/**
 * Expected Z at the maximum sample at which a group-sequential test has a power.
 * @param power - probability of rejecting at some look on the side of the effect, above alpha and below 1
 * @throws RangeError if power is out of range
 */
export function driftForPower(boundaries: GroupSequentialBoundaries, power: number): number {
  assertOpenFraction(power, 'power')
  const reached = (drift: number) => crossingProbabilities(boundaries, drift).at(-1)?.upper ?? 0
  let low = 0
  let high = 4
  while (reached(high) < power) high *= 2
  for (let step = 0; step < 60 && high - low > 1e-10 * high; step++) {
    const middle = (low + high) / 2
    if (reached(middle) < power) low = middle
    else high = middle
  }
  return (low + high) / 2
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
