import { assertOpenFraction } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'

/** How often a value occurred, over all arms. */
export interface CountedValue {
  value: number
  count: number
}

/**
 * The one threshold at which all arms are capped: the value that a share of the pooled units does not exceed. A threshold per
 * arm would bias the difference; fix it in the plan, as one estimated anew at each look breaks the monitoring.
 * @param values - of all arms together, one total per unit, in any order
 * @param share - of units left untouched, such as 0.99
 * @see Kohavi, Tang, Xu (2020), Trustworthy Online Controlled Experiments, ch. 22
 * @returns the smallest observed value with at least this share of units at or below; or NotComputable NO_UNITS
 * @throws RangeError if the share is out of range or a count negative
 */
export function winsorizationThreshold(values: readonly CountedValue[], share: number): number | NotComputable {
  assertOpenFraction(share, 'share')
  const ascending = [...values].sort((a, b) => a.value - b.value)
  let units = 0
  for (const { count } of ascending) {
    if (!(count >= 0)) throw new RangeError(`A count is ${count}; it must not be negative.`)
    units += count
  }
  let below = 0
  for (const { value, count } of ascending) {
    below += count
    if (count > 0 && below >= share * units) return value
  }
  return new NotComputable('NO_UNITS')
}

/** A unit's total as it counts: never more than the threshold. Cap after summing over the unit, not event by event. */
export function winsorized(total: number, threshold: number): number {
  return Math.min(total, threshold)
}
