import { assertFinite, assertFraction, assertNonNegative, assertPositive } from '../domain-checks.ts'
import { normalSuperiority } from '../special-functions/normal-superiority.ts'
import { betaPosterior } from '../special-functions/posteriors.ts'
import { superiority } from '../special-functions/superiority.ts'

/** The posterior of an arm's mean, taken as normal: exact enough once an arm has a few dozen units. */
export interface NormalArm {
  mean: number
  /** Standard deviation of the posterior, above 0. */
  standardDeviation: number
}

/** The posterior of an arm's rate: Beta(alpha, beta). */
export interface BetaArm {
  alpha: number
  beta: number
}

/**
 * Probability of each arm that its mean is the greatest: ∫ f_i Π_{j≠i} F_j, by quadrature, not by sampling.
 * @param minimise - the lowest mean is best
 * @see Thompson (1933), Biometrika 25, 285–294
 * @returns one probability per arm, summing to 1
 * @throws RangeError if a mean is not finite or a standard deviation not positive
 */
export function probabilityOfBeingBest(arms: readonly NormalArm[], minimise = false): number[] {
  for (const { mean, standardDeviation } of arms) {
    assertFinite(mean, 'mean')
    assertPositive(standardDeviation, 'standardDeviation')
  }
  return normalSuperiority(arms, minimise)
}

/**
 * The same for rates, exact from the first unit on.
 * @param minimise - the lowest rate is best
 * @returns one probability per arm, summing to 1
 * @throws RangeError unless all parameters lie between 0.01 and 1e15
 */
export function betaProbabilityOfBeingBest(arms: readonly BetaArm[], minimise = false): number[] {
  return superiority(
    arms.map(({ alpha, beta }) => betaPosterior(alpha, beta)),
    minimise,
  )
}

/**
 * Share of each arm: its probability of being best, with a floor so that no arm starves: floor + (1 − k·floor)·P(best).
 * @param floor - least share of an arm, at least 0; where k floors exceed 1, all arms get the same share
 * @throws RangeError if the floor is negative or a probability not in [0, 1]
 */
export function allocationWithFloor(probabilities: readonly number[], floor: number): number[] {
  assertNonNegative(floor, 'floor')
  for (const probability of probabilities) assertFraction(probability, 'probability')
  const spare = 1 - probabilities.length * floor
  if (spare <= 0) return probabilities.map(() => 1 / probabilities.length)
  return probabilities.map((probability) => floor + spare * probability)
}
