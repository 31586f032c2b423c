import { chiSquareUpper } from './distributions.ts'
import { NotComputable } from './not-computable.ts'

export interface ChiSquareTest {
  statistic: number
  degreesOfFreedom: number
  pValue: number
}

/**
 * Whether k variants convert alike, with Cramér's V = √(χ²/N) as the size of the effect. Variants without units are left out.
 * @see Pearson (1900), Philosophical Magazine 50, 157–175; Cramér (1946), Mathematical Methods of Statistics
 */
export function independenceTest(
  arms: ReadonlyArray<{ units: number; conversions: number }>,
): (ChiSquareTest & { cramersV: number }) | NotComputable {
  const present = arms.filter((arm) => arm.units > 0)
  if (present.length < 2) return new NotComputable('FEWER_THAN_TWO_ARMS')
  const units = present.reduce((sum, arm) => sum + arm.units, 0)
  const rate = present.reduce((sum, arm) => sum + arm.conversions, 0) / units
  if (rate === 0 || rate === 1) return new NotComputable('NO_VARIATION')
  const statistic = present.reduce(
    (sum, arm) => sum + (arm.conversions - arm.units * rate) ** 2 / (arm.units * rate * (1 - rate)),
    0,
  )
  const degreesOfFreedom = present.length - 1
  return {
    statistic,
    degreesOfFreedom,
    pValue: chiSquareUpper(statistic, degreesOfFreedom),
    cramersV: Math.sqrt(statistic / units),
  }
}

/**
 * Sample ratio mismatch: whether units arrived in the proportions of the weights. Arms without weight and units do not count.
 * @param arms - observed units and weights; the weights need not sum to 1
 * @see Fabijan et al. (2019), Diagnosing sample ratio mismatch in online controlled experiments, KDD
 * @returns NotComputable: NO_UNITS, FEWER_THAN_TWO_ARMS, UNEXPECTED_TRAFFIC when an arm without weight has units
 */
export function sampleRatioTest(arms: ReadonlyArray<{ units: number; weight: number }>): ChiSquareTest | NotComputable {
  if (arms.some((arm) => arm.weight === 0 && arm.units > 0)) return new NotComputable('UNEXPECTED_TRAFFIC')
  const weighted = arms.filter((arm) => arm.weight > 0)
  if (weighted.length < 2) return new NotComputable('FEWER_THAN_TWO_ARMS')
  const units = weighted.reduce((sum, arm) => sum + arm.units, 0)
  if (units === 0) return new NotComputable('NO_UNITS')
  const weights = weighted.reduce((sum, arm) => sum + arm.weight, 0)
  const statistic = weighted.reduce((sum, arm) => {
    const expected = (units * arm.weight) / weights
    return sum + (arm.units - expected) ** 2 / expected
  }, 0)
  const degreesOfFreedom = weighted.length - 1
  return { statistic, degreesOfFreedom, pValue: chiSquareUpper(statistic, degreesOfFreedom) }
}

/**
 * Statistics of several epochs as one: independent chi-squares add up.
 * @param tests - at least one
 */
export function addChiSquares(tests: readonly ChiSquareTest[]): ChiSquareTest {
  const statistic = tests.reduce((sum, test) => sum + test.statistic, 0)
  const degreesOfFreedom = tests.reduce((sum, test) => sum + test.degreesOfFreedom, 0)
  return { statistic, degreesOfFreedom, pValue: chiSquareUpper(statistic, degreesOfFreedom) }
}
