import { type Difference, nullStandardErrorOf } from '../../statistics/comparison.ts'
import { around, type Interval } from '../../statistics/interval.ts'
import { monitorGroupSequential } from '../../statistics/sequential/group-sequential-monitor.ts'
import type { AnalysisPlan } from '../experiments/analysis-plan.ts'
import { alphaSpendingOf } from '../experiments/spending.ts'

/** A look at one comparison, as it was taken; it is taken once and never changed. */
export interface StoredLook {
  metricId: number
  variantId: number
  /** 1 to the plan's number of looks: the largest planned share of the maximum sample that was reached. */
  number: number
  /** Units of all variants together. */
  units: number
  estimate: number
  standardError: number
  /** Boundary for the absolute statistic, given the looks before. */
  criticalValue: number
  isRejected: boolean
}

export interface SequentialVerdict {
  /** Share of the maximum sample at the last look, at most 1. */
  informationFraction: number
  looksTaken: number
  /** Null while the look is so early that nothing can be spent on it. */
  criticalValue: number | null
  statistic: number
  /** Repeated interval of the last look; null with the boundary. */
  interval: Interval | null
  /** Whether this or an earlier look crossed its boundary. */
  isSignificant: boolean
}

/** The look that is due at this many units, if the next planned one has been reached; it spends what its share of information allows. */
export function dueLook(
  { maximumSampleSize, looks, spending }: AnalysisPlan,
  taken: readonly StoredLook[],
  of: Pick<StoredLook, 'metricId' | 'variantId'>,
  units: number,
  difference: Difference,
  alpha: number,
): StoredLook | null {
  const number = Math.floor(Math.min(1, units / maximumSampleSize!) * looks)
  if (number <= (taken.at(-1)?.number ?? 0)) return null
  const look = { units, estimate: difference.estimate, standardError: nullStandardErrorOf(difference) }
  const result = monitorGroupSequential([...taken, look], maximumSampleSize!, alphaSpendingOf(spending), alpha).at(-1)!
  return { ...of, number, ...look, criticalValue: result.criticalValue, isRejected: result.isRejected }
}

/** What the looks taken so far say; null before the first. */
export function sequentialVerdict(
  { maximumSampleSize }: AnalysisPlan,
  looks: readonly StoredLook[],
  alpha: number,
): SequentialVerdict | null {
  const last = looks.at(-1)
  if (!last) return null
  const { units, estimate, standardError, criticalValue } = last
  return {
    informationFraction: Math.min(1, units / maximumSampleSize!),
    looksTaken: looks.length,
    criticalValue: Number.isFinite(criticalValue) ? criticalValue : null,
    statistic: estimate / standardError,
    interval: Number.isFinite(criticalValue) ? around(estimate, criticalValue * standardError, alpha) : null,
    isSignificant: looks.some(({ isRejected }) => isRejected),
  }
}
