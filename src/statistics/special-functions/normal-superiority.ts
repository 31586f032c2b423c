import { normalUpperTail } from './normal.ts'
import { normalPosterior } from './posteriors.ts'
import { superiority } from './superiority.ts'

/** Standard deviations beyond which a normal distribution counts as zero: 1e-22 of its mass. */
const REACH = 10
/** Step in standard deviations of the product of all densities: the trapezoidal sum of a normal density is then right to 2e-15. */
const STEP = 0.75
/** In deviations of the widest arm: one so far behind the best has no chance that a double could tell from one farther behind. */
const FARTHEST = 100
/** In deviations of the widest arm: the square of a narrower one is lost in a double. */
const NARROWEST = 1e-8
/** Beyond so many nodes the panels of `superiority`, which follow each distribution, are fewer. */
const MOST_NODES = 2_000

/**
 * P(each arm gives the largest value), for independent normal arms: two in closed form, more by the trapezoidal rule, whose error
 * falls exponentially with the step where everything is analytic.
 * @param arms - deviations may be 0, but not all of them
 * @param minimise - the smallest value instead
 * @see Trefethen, Weideman (2014), The exponentially convergent trapezoidal rule, SIAM Review 56, 385–458, section 5
 * @returns probabilities that sum to 1
 */
export function normalSuperiority(
  arms: ReadonlyArray<{ mean: number; standardDeviation: number }>,
  minimise: boolean,
): number[] {
  const sign = minimise ? -1 : 1
  const [first, second] = arms
  if (arms.length === 2) {
    const spread = Math.hypot(first!.standardDeviation, second!.standardDeviation)
    const z = (sign * (first!.mean - second!.mean)) / spread
    return [normalUpperTail(-z), normalUpperTail(z)]
  }
  const widest = Math.max(...arms.map(({ standardDeviation }) => standardDeviation))
  const best = Math.max(...arms.map(({ mean }) => sign * mean))
  const means = arms.map(({ mean }) => Math.max(-FARTHEST, (sign * mean - best) / widest))
  const deviations = arms.map(({ standardDeviation }) => Math.max(NARROWEST, standardDeviation / widest))
  const edge = (direction: 1 | -1) => Math.max(...means.map((mean, arm) => mean + direction * REACH * deviations[arm]!))
  const [from, to] = [edge(-1), edge(1)]
  const step = STEP / Math.hypot(...deviations.map((deviation) => 1 / deviation))
  const nodes = Math.ceil((to - from) / step)
  if (nodes > MOST_NODES) {
    return superiority(
      means.map((mean, arm) => normalPosterior(mean, deviations[arm]!)),
      false,
    )
  }
  const masses = arms.map(() => 0)
  const below = arms.map(() => 0)
  for (let node = 0; node <= nodes; node++) {
    const x = from + node * step
    for (let arm = 0; arm < arms.length; arm++) below[arm] = normalUpperTail((means[arm]! - x) / deviations[arm]!)
    for (let arm = 0; arm < arms.length; arm++) {
      const z = (x - means[arm]!) / deviations[arm]!
      let mass = Math.exp((-z * z) / 2) / deviations[arm]!
      for (let other = 0; other < arms.length; other++) if (other !== arm) mass *= below[other]!
      masses[arm]! += mass
    }
  }
  const total = masses.reduce((sum, mass) => sum + mass, 0)
  return masses.map((mass) => mass / total)
}
