const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** Pauses after the first attempt, the second and so on: ten attempts within two days, the last after 31 hours more or less. */
export const RETRY_PAUSES_MS: readonly number[] = [
  5 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  9 * HOUR_MS,
  11 * HOUR_MS,
]
/** Receivers that were away together are not all called together: a tenth more or less. */
const JITTER = 0.1
/** Longest pause that a receiver may ask for. */
const MOST_ASKED_MS = 24 * HOUR_MS

/**
 * How long to wait after a failed attempt; null when it was the last.
 * @param failures - attempts that have failed, at least 1
 * @param askedMs - what the receiver's Retry-After asks for, if anything
 * @param random - from 0 to 1
 */
export function pauseAfter(
  failures: number,
  askedMs: number | null,
  random: number,
  pauses: readonly number[] = RETRY_PAUSES_MS,
): number | null {
  const pause = pauses[failures - 1]
  if (pause === undefined) return null
  const jittered = pause * (1 + JITTER * (2 * random - 1))
  return Math.round(Math.max(jittered, Math.min(askedMs ?? 0, MOST_ASKED_MS)))
}

/** Retry-After in milliseconds: seconds, or a date. */
export function askedPause(header: string | undefined, now: Date): number | null {
  if (!header) return null
  if (/^\d+$/.test(header.trim())) return Number(header) * SECOND_MS
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime())
}
