/** Weeks that are looked back at. */
const WEEKS = 8
/** Days of the same weekday that are needed to know what is usual. */
const LEAST_DAYS = 3
/** Least change that counts: to half, or to twice. */
const LEAST_FACTOR = 2
/** How many robust standard deviations of the logarithm a level may be away from usual. */
const DEVIATIONS = 5
/** Turns a median absolute deviation into a standard deviation, for a normal distribution. */
const TO_DEVIATION = 1.4826
const DAY_MS = 86_400_000

export interface LevelJump {
  level: number
  /** Median of the same weekday. */
  usual: number
}

/**
 * Whether the level of a day lies far from that of the same weekday in the weeks before: by a factor of two at least, and by
 * five robust standard deviations of the logarithms.
 * @param levels - by day, YYYY-MM-DD; days without an entry had a level of 0
 * @param first - the first whole day that there could have been a level
 */
export function levelJump(levels: ReadonlyMap<string, number>, day: string, first: string): LevelJump | null {
  const before: number[] = []
  for (let week = 1; week <= WEEKS; week++) {
    const earlier = new Date(Date.parse(day) - week * 7 * DAY_MS).toISOString().slice(0, 10)
    if (earlier >= first) before.push(levels.get(earlier) ?? 0)
  }
  if (before.length < LEAST_DAYS || before.some((level) => level <= 0)) return null
  const level = levels.get(day) ?? 0
  const logarithms = before.map(Math.log)
  const center = median(logarithms)
  const spread = TO_DEVIATION * median(logarithms.map((value) => Math.abs(value - center)))
  const distance = level > 0 ? Math.abs(Math.log(level) - center) : Number.POSITIVE_INFINITY
  return distance > Math.max(Math.log(LEAST_FACTOR), DEVIATIONS * spread) ? { level, usual: Math.exp(center) } : null
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
