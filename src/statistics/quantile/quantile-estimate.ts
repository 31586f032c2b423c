import { normalCriticalValue } from '../distributions.ts'
import { assertCount, assertFinite, assertOpenFraction } from '../domain-checks.ts'
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
  /** Sample quantiles at q ∓ z·√(q(1 − q)/boundsCount), z being the two-sided 95 % critical value. */
  lower: number
  upper: number
}

const ALPHA = 0.05

/** Fractions at which the order statistics around a quantile are taken. */
export function quantileBounds(quantile: number, count: number): { lower: number; upper: number } {
  assertOpenFraction(quantile, 'quantile')
  const halfWidth = normalCriticalValue(ALPHA) * Math.sqrt((quantile * (1 - quantile)) / count)
  return { lower: quantile - halfWidth, upper: quantile + halfWidth }
}

/**
 * A quantile with its variance: the order-statistic interval, turned into the variance that would give it.
 * @param summary - over independent values
 * @see Deng, Knoblich, Lu (2018), KDD, section 4.3
 * @returns NotComputable: NO_UNITS, INSUFFICIENT_UNITS where a bound would lie outside the sample: n ≤ z² q/(1 − q), 381 for p99
 * @throws RangeError if a number is out of range
 */
export function estimateQuantile(summary: QuantileSummary, quantile: number): ArmEstimate | NotComputable {
  assertOpenFraction(quantile, 'quantile')
  const { count, boundsCount, value, lower, upper } = summary
  assertCount(count, 'count')
  assertCount(boundsCount, 'boundsCount')
  for (const [name, bound] of Object.entries({ value, lower, upper })) assertFinite(bound, name)
  if (lower > value || upper < value) {
    throw new RangeError(`The quantile ${value} must lie between its bounds, ${lower} and ${upper}.`)
  }
  if (count === 0) return new NotComputable('NO_UNITS')
  const z = normalCriticalValue(ALPHA)
  const odds = Math.max(quantile / (1 - quantile), (1 - quantile) / quantile)
  if (Math.min(count, boundsCount) <= z * z * odds) return new NotComputable('INSUFFICIENT_UNITS')
  // As with any sample variance, one degree of freedom is gone.
  const unitVariance = (((upper - lower) / (2 * z)) ** 2 * boundsCount * (count - 1)) / count
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
): ArmEstimate | NotComputable {
  const estimate = estimateQuantile(summary, quantile)
  if (estimate instanceof NotComputable) return estimate
  const share = estimateRatio(below)
  if (share instanceof NotComputable) return share
  const independent = (quantile * (1 - quantile)) / summary.count
  return { ...estimate, unitVariance: (estimate.unitVariance * (share.unitVariance / share.units)) / independent }
}
