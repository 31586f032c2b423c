import { normalCriticalValue } from '../distributions.ts'
import { assertBetween, assertCount, assertOpenFraction, assertPositive, assertWithin } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { estimateRatio, type RatioSummary } from '../ratio-summary.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/** A sample quantile with the order statistics around it. */
export interface QuantileSummary {
  /** Values. */
  count: number
  /** Values that the bounds were chosen for: fewer than count where those were found in a sample of it. */
  boundsCount: number
  /** Sample quantile. */
  value: number
  /** Sample quantiles at the fractions that quantileBounds gives. */
  lower: number
  upper: number
}

/** Values beyond this are no measurements, and their squares would overflow. */
const MOST_VALUE = 1e140
/** Standard errors of a share between a quantile and its bounds, as of a 95 % interval: right for a single look. */
const SINGLE_LOOK_REACH = normalCriticalValue(0.05)
/** Farther bounds, for many looks: the variance they give is steadier, so that no look catches it too small. */
export const MANY_LOOKS_REACH = 5

/** Fractions at which the order statistics around a quantile are taken: q ∓ reach·√(q(1 − q)/count). @throws RangeError if a number is out of range */
export function quantileBounds(
  quantile: number,
  count: number,
  reach = SINGLE_LOOK_REACH,
): { lower: number; upper: number } {
  assertOpenFraction(quantile, 'quantile')
  assertBetween(count, 1, Number.MAX_SAFE_INTEGER, 'count')
  assertPositive(reach, 'reach')
  const halfWidth = reach * Math.sqrt((quantile * (1 - quantile)) / count)
  return { lower: quantile - halfWidth, upper: quantile + halfWidth }
}

/**
 * A quantile with its variance: the order-statistic interval, turned into the variance that would give it.
 * @param summary - over independent values
 * @param reach - with which the bounds were chosen
 * @see Deng, Knoblich, Lu (2018), KDD, section 4.3
 * @returns NotComputable: NO_UNITS, INSUFFICIENT_UNITS where a bound would lie outside the sample: n ≤ reach² q/(1 − q), 380 for p99
 * @throws RangeError if a number is out of range
 */
export function estimateQuantile(
  summary: QuantileSummary,
  quantile: number,
  reach = SINGLE_LOOK_REACH,
): ArmEstimate | NotComputable {
  assertPositive(reach, 'reach')
  assertOpenFraction(quantile, 'quantile')
  const { count, boundsCount, value, lower, upper } = summary
  assertCount(count, 'count')
  assertCount(boundsCount, 'boundsCount')
  for (const [name, bound] of Object.entries({ value, lower, upper })) assertWithin(bound, MOST_VALUE, name)
  if (lower > value || upper < value) {
    throw new RangeError(`The quantile ${value} must lie between its bounds, ${lower} and ${upper}.`)
  }
  if (count === 0) return new NotComputable('NO_UNITS')
  const odds = Math.max(quantile / (1 - quantile), (1 - quantile) / quantile)
  if (Math.min(count, boundsCount) <= reach * reach * odds) return new NotComputable('INSUFFICIENT_UNITS')
  // As with any sample variance, one degree of freedom is gone.
  const unitVariance = (((upper - lower) / (2 * reach)) ** 2 * boundsCount * (count - 1)) / count
  return { units: count, mean: value, unitVariance }
}

/**
 * The same over values that come in clusters, such as events of users: the variance grows by how much the share of values
 * below the quantile varies between clusters beyond what independent values would.
 * @param below - per cluster, values at or below the quantile over all values
 * @see Deng, Knoblich, Lu (2018), KDD, section 4.3
 * @returns NotComputable: also INSUFFICIENT_UNITS below 2 clusters
 */
export function estimateClusteredQuantile(
  summary: QuantileSummary,
  quantile: number,
  below: RatioSummary,
  reach = SINGLE_LOOK_REACH,
): ArmEstimate | NotComputable {
  const estimate = estimateQuantile(summary, quantile, reach)
  if (estimate instanceof NotComputable) return estimate
  const share = estimateRatio(below)
  if (share instanceof NotComputable) return share
  const independent = (quantile * (1 - quantile)) / summary.count
  return { ...estimate, unitVariance: (estimate.unitVariance * (share.unitVariance / share.units)) / independent }
}
