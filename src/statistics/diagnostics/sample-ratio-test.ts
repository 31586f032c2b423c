import { type ChiSquareTest, chiSquareTestOf } from '../chi-square-test.ts'
import { NotComputable } from '../not-computable.ts'
import { assertAllocation, sharesOf } from './allocation.ts'

export interface SampleRatioTest extends ChiSquareTest {
  /** Units that each variant should have had, in input order. */
  expectedCounts: number[]
}

/**
 * Sample ratio mismatch: whether units arrived in the proportions of the weights. Arms without weight and units do not count.
 * Right at one look; for continuous watching use sequentialSampleRatio.
 * @param arms - observed units and weights; the weights need not sum to 1
 * @see Fabijan et al. (2019), Diagnosing sample ratio mismatch in online controlled experiments, KDD
 * @returns NotComputable: NO_UNITS, FEWER_THAN_TWO_ARMS, UNEXPECTED_TRAFFIC when an arm without weight has units
 * @throws RangeError if a count or weight is negative or broken
 */
export function sampleRatioTest(
  arms: ReadonlyArray<{ units: number; weight: number }>,
): SampleRatioTest | NotComputable {
  assertAllocation(arms)
  if (arms.some((arm) => arm.weight === 0 && arm.units > 0)) return new NotComputable('UNEXPECTED_TRAFFIC')
  const weighted = arms.filter((arm) => arm.weight > 0)
  if (weighted.length < 2) return new NotComputable('FEWER_THAN_TWO_ARMS')
  const units = weighted.reduce((sum, arm) => sum + arm.units, 0)
  if (units === 0) return new NotComputable('NO_UNITS')
  const expectedCounts = sharesOf(arms).map((share) => units * share)
  const statistic = arms.reduce((sum, arm, index) => {
    const expected = expectedCounts[index]!
    return expected > 0 ? sum + (arm.units - expected) ** 2 / expected : sum
  }, 0)
  return { ...chiSquareTestOf(statistic, weighted.length - 1), expectedCounts }
}
