import { normalCdf, normalDensity } from '../distributions.ts'

/** The posterior of an arm's mean, taken as normal: exact enough once an arm has a few dozen units. */
export interface NormalArm {
  mean: number
  /** Standard deviation of the posterior, above 0. */
  standardDeviation: number
}

/** Half-width of the integration in standard deviations, and the panels it is cut into. */
const REACH = 9
const PANELS = 120
/** Nodes and weights of Gauss–Legendre quadrature of order 5 on [−1, 1]. */
const NODES = [-0.906179845938664, -0.5384693101056831, 0, 0.5384693101056831, 0.906179845938664]
const WEIGHTS = [0.2369268850561891, 0.4786286704993665, 0.5688888888888889, 0.4786286704993665, 0.2369268850561891]

/**
 * Probability of each arm that its mean is the greatest: ∫ f_i Π_{j≠i} F_j, by quadrature, not by sampling.
 * @see Thompson (1933), Biometrika 25, 285–294
 * @returns one probability per arm, summing to 1
 */
export function probabilityOfBeingBest(arms: readonly NormalArm[]): number[] {
  const raw = arms.map((arm, index) => {
    const others = arms.filter((_, other) => other !== index)
    const panel = (2 * REACH) / PANELS
    let sum = 0
    for (let p = 0; p < PANELS; p++) {
      const centre = -REACH + (p + 0.5) * panel
      for (const [n, node] of NODES.entries()) {
        const z = centre + (node * panel) / 2
        const value = arm.mean + z * arm.standardDeviation
        const below = others.reduce(
          (product, other) => product * normalCdf((value - other.mean) / other.standardDeviation),
          1,
        )
        sum += (WEIGHTS[n]! * panel * normalDensity(z) * below) / 2
      }
    }
    return sum
  })
  const total = raw.reduce((sum, probability) => sum + probability, 0)
  return raw.map((probability) => probability / total)
}

/**
 * Share of each arm: its probability of being best, but never below the floor.
 * @param floor - least share of an arm, 0 to 1/k
 */
export function allocationWithFloor(probabilities: readonly number[], floor: number): number[] {
  const spare = 1 - probabilities.length * floor
  if (spare < 0) throw new RangeError(`A floor of ${floor} for ${probabilities.length} arms exceeds 1.`)
  return probabilities.map((probability) => floor + spare * probability)
}
