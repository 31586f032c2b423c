import { assertPositive } from '../domain-checks.ts'
import { around, type Interval } from '../interval.ts'
import type { AlphaSpending } from './alpha-spending.ts'
import { spendingBoundaries } from './group-sequential-boundaries.ts'

/** What was known at a look. */
export interface Look {
  /** Units of all arms of the comparison. */
  units: number
  /** On any scale on which it grows as 1 / standardError² does; told where the units, which alpha is spent by, do not. */
  information?: number
  estimate: number
  standardError: number
}

/** Growth of the information below which a look tells nothing new. */
const LEAST_GROWTH = 1 + 1e-5

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
  const steps: Array<{ fraction: number; information: number }> = []
  let largest = 0
  const reached = looks.map(({ units, information }) => {
    assertPositive(units, 'units')
    const last = steps.at(-1)
    const fraction = Math.max(largest, Math.min(1, units / maximumUnits))
    const now = information ?? fraction
    const isNew = !last || (fraction > last.fraction && now > last.information * (information ? LEAST_GROWTH : 1))
    if (isNew) steps.push({ fraction, information: now })
    largest = fraction
    return { fraction, step: steps.length - 1 }
  })
  const { criticalValues } = spendingBoundaries(
    spending,
    steps.map(({ fraction }) => fraction),
    alpha,
    sides,
    steps.map(({ information }) => information),
  )
  return looks.map(({ estimate, standardError }, look) => {
    assertPositive(standardError, 'standardError')
    const { fraction, step } = reached[look]!
    const criticalValue = criticalValues[step]!
    const statistic = estimate / standardError
    return {
      informationFraction: fraction,
      criticalValue,
      statistic,
      interval: around(estimate, criticalValue * standardError, alpha),
      isRejected: (sides === 2 ? Math.abs(statistic) : statistic) >= criticalValue,
    }
  })
}
