import { assertFinite, assertPositive } from '../domain-checks.ts'
import { normalSuperiority } from '../special-functions/normal-superiority.ts'

/** What is believed of the difference between a treatment and the control, as a normal distribution. */
export interface DifferenceBelief {
  /** Treatment − control. */
  mean: number
  /** Above 0. */
  variance: number
  /** The part of the variance that comes from the control's mean; 0 to all of it. */
  controlVariance: number
}

/**
 * Chance of the control and of each treatment to be the best of all, from their differences. These share the error of the
 * control: of that, as much is taken to be common as the difference with the least of it has, and the rest to be the treatment's
 * own. So each difference keeps its variance, and a treatment alone with the control has the chance of normalEffect. With one
 * control estimate for all, this is the joint distribution itself; it is an approximation where the control's part differs, as
 * over allocation epochs with other weights, or where beliefs were pulled towards a prior one by one.
 * @param isDecreaseWanted - the lowest is best
 * @returns the control's chance, then the treatments' in order, summing to 1
 * @throws RangeError if a number is out of range
 */
export function chancesToBeBest(differences: readonly DifferenceBelief[], isDecreaseWanted = false): number[] {
  for (const { mean, variance, controlVariance } of differences) {
    assertFinite(mean, 'mean')
    assertPositive(variance, 'variance')
    if (!(controlVariance >= 0 && controlVariance <= variance)) {
      throw new RangeError(`controlVariance is ${controlVariance}; it must be 0 to ${variance}, the whole variance.`)
    }
  }
  const shared = differences.reduce((least, { controlVariance }) => Math.min(least, controlVariance), Infinity)
  if (shared === Infinity) return [1]
  const treatments = differences.map(({ mean, variance }) => ({
    mean,
    standardDeviation: Math.sqrt(variance - shared),
  }))
  return normalSuperiority([{ mean: 0, standardDeviation: Math.sqrt(shared) }, ...treatments], isDecreaseWanted)
}
