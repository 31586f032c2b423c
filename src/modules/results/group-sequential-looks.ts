import { type Difference, nullStandardErrorOf } from '../../statistics/comparison.ts'
import type { Interval } from '../../statistics/interval.ts'
import type { AlphaSpending } from '../../statistics/sequential/alpha-spending.ts'
import { monitorGroupSequential } from '../../statistics/sequential/group-sequential-monitor.ts'
import type { AnalysisPlan, SpendingFunction } from '../experiments/analysis-plan.ts'

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
}

export interface SequentialVerdict {
  /** Share of the maximum sample at the last look, at most 1. */
  informationFraction: number
  looksTaken: number
  criticalValue: number
  statistic: number
  /** Repeated interval of the last look. */
  interval: Interval
  /** Whether this or an earlier look crossed its boundary. */
  isSignificant: boolean
}

const SPENDING: Record<SpendingFunction, AlphaSpending> = {
  OBRIEN_FLEMING: { family: 'OBRIEN_FLEMING' },
  POCOCK: { family: 'POCOCK' },
  QUADRATIC: { family: 'POWER', exponent: 2 },
}

/** The look that is due at this many units, if the next planned one has been reached. */
export function dueLook(
  { maximumSampleSize, looks }: AnalysisPlan,
  taken: readonly StoredLook[],
  of: Pick<StoredLook, 'metricId' | 'variantId'>,
  units: number,
  difference: Difference,
): StoredLook | null {
  const number = Math.floor(Math.min(1, units / maximumSampleSize!) * looks)
  if (number <= (taken.at(-1)?.number ?? 0)) return null
  return { ...of, number, units, estimate: difference.estimate, standardError: nullStandardErrorOf(difference) }
}

/** What the looks taken so far say; null before the first. */
export function sequentialVerdict(
  { maximumSampleSize, spending }: AnalysisPlan,
  looks: readonly StoredLook[],
  alpha: number,
): SequentialVerdict | null {
  if (looks.length === 0) return null
  const results = monitorGroupSequential(looks, maximumSampleSize!, SPENDING[spending], alpha)
  const { informationFraction, criticalValue, statistic, interval } = results.at(-1)!
  return {
    informationFraction,
    looksTaken: looks.length,
    criticalValue,
    statistic,
    interval,
    isSignificant: results.some(({ isRejected }) => isRejected),
  }
}
