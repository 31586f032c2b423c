import { assertPositive } from '../domain-checks.ts'
import { around, type Interval } from '../interval.ts'
import type { AlphaSpending } from './alpha-spending.ts'
import { spendingBoundaries } from './group-sequential-boundaries.ts'

/** What was known at a look. */
export interface Look {
  /** Units of all arms of the comparison. */
  units: number
  estimate: number
  standardError: number
}

export interface LookResult {
  /** Largest share of the maximum sample reached so far, capped at 1. */
  informationFraction: number
  criticalValue: number
  statistic: number
  /** Repeated interval: holds at all looks together with probability 1 − alpha. Infinite where nothing can be spent yet. */
  interval: Interval
  isRejected: boolean
}

/**
 * Looks at a group-sequential test with a committed maximum sample, with boundaries for the looks that really happened. A look
 * that brings no new information keeps the boundary of the one before it; beyond the maximum sample, information counts as 1.
 * @param maximumUnits - committed before the data, of all arms of the comparison
 * @see Lan, DeMets (1983), Biometrika 70, 659–663; Jennison, Turnbull (1989), Journal of the Royal Statistical Society B 51, 305–361
 * @throws RangeError if a number is out of range
 */
export function monitorGroupSequential(
  looks: readonly Look[],
  maximumUnits: number,
  spending: AlphaSpending,
  alpha: number,
  sides: 1 | 2 = 2,
): LookResult[] {
  assertPositive(maximumUnits, 'maximumUnits')
  if (looks.length === 0) return []
  let largest = 0
  const fractions = looks.map(({ units }) => {
    assertPositive(units, 'units')
    largest = Math.max(largest, Math.min(1, units / maximumUnits))
    return largest
  })
  const distinct = fractions.filter((fraction, look) => fraction !== fractions[look - 1])
  const { criticalValues } = spendingBoundaries(spending, distinct, alpha, sides)
  return looks.map(({ estimate, standardError }, look) => {
    assertPositive(standardError, 'standardError')
    const criticalValue = criticalValues[distinct.indexOf(fractions[look]!)]!
    const statistic = estimate / standardError
    return {
      informationFraction: fractions[look]!,
      criticalValue,
      statistic,
      interval: around(estimate, criticalValue * standardError, alpha),
      isRejected: (sides === 2 ? Math.abs(statistic) : statistic) >= criticalValue,
    }
  })
}
