import { type ChiSquareTest, chiSquareTestOf } from './chi-square-test.ts'
import { NotComputable } from './not-computable.ts'
import { estimateProportion } from './sample-summary.ts'

export interface IndependenceTest extends ChiSquareTest {
  /** √(χ²/N), in [0, 1]: strength of association, whatever the sample size. */
  cramersV: number
  /** Variants with units; the others do not count. */
  armsUsed: number
  smallestExpectedCount: number
  /** With Yates's continuity correction, for two variants only. */
  yates: ChiSquareTest | null
}

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
