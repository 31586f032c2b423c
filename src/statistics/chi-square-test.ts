import { logChiSquareUpper } from './distributions.ts'

export interface ChiSquareTest {
  statistic: number
  degreesOfFreedom: number
  pValue: number
  log10PValue: number
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

/** The upper tail of a statistic that is chi-square distributed without an effect. */
export function chiSquareTestOf(statistic: number, degreesOfFreedom: number): ChiSquareTest {
  const logP = logChiSquareUpper(statistic, degreesOfFreedom)
  return { statistic, degreesOfFreedom, pValue: Math.exp(logP), log10PValue: logP * Math.LOG10E || 0 }
}
