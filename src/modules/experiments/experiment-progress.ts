import { MAX_INT } from '../../shared/input-rules.ts'

const DAY_MS = 86_400_000

export interface ProgressFacts {
  startedAt: Date | null
  endedAt: Date | null
  plannedDurationDays: number | null
  /** Units of all variants together. */
  plannedSampleSize: number | null
  exposedUnits: number
}

export interface Progress {
  /** 0 to 1. */
  fraction: number
  /** Whole days, rounded up; null while nothing tells, and beyond an Int. */
  remainingDays: number | null
}

/**
 * How far an experiment is, by time or by units, whichever is further. Units are taken to keep coming as they came.
 * @returns null when neither a duration nor a sample size is planned
 */
export function progressOf(facts: ProgressFacts, now: Date): Progress | null {
  const { startedAt, endedAt, plannedDurationDays, plannedSampleSize, exposedUnits } = facts
  if (plannedDurationDays === null && plannedSampleSize === null) return null
  if (!startedAt) return { fraction: 0, remainingDays: endedAt ? 0 : plannedDurationDays }
  const elapsedDays = Math.max(0, ((endedAt ?? now).getTime() - startedAt.getTime()) / DAY_MS)
  const byTime = plannedDurationDays === null ? 0 : elapsedDays / plannedDurationDays
  const byUnits = plannedSampleSize === null ? 0 : exposedUnits / plannedSampleSize
  const fraction = Math.min(1, Math.max(byTime, byUnits))
  if (endedAt || fraction === 1) return { fraction, remainingDays: 0 }
  if (byTime >= byUnits && plannedDurationDays !== null) {
    return { fraction, remainingDays: wholeDays(plannedDurationDays - elapsedDays) }
  }
  // At the rate so far: elapsed days brought `fraction` of the units, so the rest takes (1 − fraction) / fraction as long.
  return { fraction, remainingDays: fraction > 0 ? wholeDays((elapsedDays * (1 - fraction)) / fraction) : null }
}

/** Null beyond what the answer has room for, some million years. */
function wholeDays(days: number): number | null {
  return days <= MAX_INT ? Math.ceil(days) : null
}
