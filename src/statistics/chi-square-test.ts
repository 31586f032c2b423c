import { logChiSquareUpper } from './distributions.ts'
import { NotComputable } from './not-computable.ts'
import { estimateProportion } from './sample-summary.ts'

export interface ChiSquareTest {
  statistic: number
  degreesOfFreedom: number
  pValue: number
  log10PValue: number
}

export interface IndependenceTest extends ChiSquareTest {
  /** √(χ²/N), in [0, 1]: strength of association, whatever the sample size. */
  cramersV: number
  /** Variants with units; the others do not count. */
  armsUsed: number
  smallestExpectedCount: number
  /** With Yates's continuity correction, for two variants only. */
  yates: ChiSquareTest | null
}

/** Weights between these, in any scale, neither vanish nor overflow beside each other. */
const LEAST_WEIGHT = 1e-9
const MOST_WEIGHT = 1e15

/** An expected count below this makes the chi-square distribution a rough approximation; prefer an exact test. */
export const LEAST_EXPECTED_COUNT = 5

/**
 * Whether k variants convert alike, with Cramér's V = √(χ²/N) as the size of the effect. Variants without units are left out.
 * @see Pearson (1900), Philosophical Magazine 50, 157–175; Cramér (1946), Mathematical Methods of Statistics
 * @returns NotComputable: FEWER_THAN_TWO_ARMS, NO_VARIATION when all or none converted
 * @throws RangeError if more units converted than there are
 */
export function independenceTest(
  arms: ReadonlyArray<{ units: number; conversions: number }>,
): IndependenceTest | NotComputable {
  for (const arm of arms) estimateProportion(arm.units, arm.conversions)
  const present = arms.filter((arm) => arm.units > 0)
  if (present.length < 2) return new NotComputable('FEWER_THAN_TWO_ARMS')
  const units = present.reduce((sum, arm) => sum + arm.units, 0)
  const conversions = present.reduce((sum, arm) => sum + arm.conversions, 0)
  if (conversions === 0 || conversions === units) return new NotComputable('NO_VARIATION')
  const rate = conversions / units
  const rest = (units - conversions) / units
  // Both cells of a variant deviate by the same amount: (O − E)²(1/E + 1/E').
  const statistic = (correction: number) =>
    present.reduce((sum, arm) => {
      const deviation = Math.max(0, Math.abs(arm.conversions - arm.units * rate) - correction)
      return sum + ((deviation / arm.units) * (deviation / rate)) / rest
    }, 0)
  const test = chiSquareTestOf(statistic(0), present.length - 1)
  return {
    ...test,
    cramersV: Math.sqrt(test.statistic / units),
    armsUsed: present.length,
    smallestExpectedCount: Math.min(...present.map((arm) => arm.units)) * Math.min(rate, rest),
    yates: present.length === 2 ? chiSquareTestOf(statistic(0.5), 1) : null,
  }
}

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

/**
 * Statistics of several epochs as one: independent chi-squares add up.
 * @param tests - at least one
 */
export function addChiSquares(tests: readonly ChiSquareTest[]): ChiSquareTest {
  const statistic = tests.reduce((sum, test) => sum + test.statistic, 0)
  const degreesOfFreedom = tests.reduce((sum, test) => sum + test.degreesOfFreedom, 0)
  return chiSquareTestOf(statistic, degreesOfFreedom)
}

/** Shares that sum to 1, from weights of any scale. */
export function sharesOf(arms: ReadonlyArray<{ weight: number }>): number[] {
  const total = arms.reduce((sum, { weight }) => sum + weight, 0)
  return arms.map(({ weight }) => weight / total)
}

/** @throws RangeError if a count is not a whole number from 0, or a weight is negative */
export function assertAllocation(arms: ReadonlyArray<{ units: number; weight: number }>): void {
  for (const { units, weight } of arms) {
    if (!(Number.isSafeInteger(units) && units >= 0)) throw new RangeError(`${units} is not a number of units.`)
    if (!(weight === 0 || (weight >= LEAST_WEIGHT && weight <= MOST_WEIGHT))) {
      throw new RangeError(`A weight is ${weight}; it must be 0, or from ${LEAST_WEIGHT} to ${MOST_WEIGHT}.`)
    }
  }
}

function chiSquareTestOf(statistic: number, degreesOfFreedom: number): ChiSquareTest {
  const logP = logChiSquareUpper(statistic, degreesOfFreedom)
  return { statistic, degreesOfFreedom, pValue: Math.exp(logP), log10PValue: logP * Math.LOG10E || 0 }
}
