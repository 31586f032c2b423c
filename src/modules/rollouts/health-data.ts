import type { Aggregates } from '../ingestion/aggregates.read-model.ts'
import { isRate, type MetricDefinition } from '../metrics/metric-definition.ts'
import { addUp, armSumsByEpoch, ratioSummaryOf } from '../results/arm-sums.ts'
import type { ArmSummary } from './arm-summary.ts'
import type { ArmHealthSums, CurrentWindow } from './health.store.ts'
import type { HealthData, HealthRule, RolloutArm } from './health-check.ts'

/** By which id exposures know the arms of a window. */
export const ARM_ID: Record<RolloutArm, number> = { CONTROL: 0, TREATMENT: 1 }

/** What is known of one arm, and since when nothing new. */
interface KnownArm {
  summary: ArmSummary | null
  newestAt: Date | null
}

/** What a check of reported signals rests on: the samples of the arms that it looks at. */
export function reportedData(rule: HealthRule, arms: ReadonlyMap<RolloutArm, ArmHealthSums>): HealthData {
  return dataOf(rule, (arm) => {
    const sums = arms.get(arm)
    return sums
      ? { summary: reportedSummary(rule, sums), newestAt: sums.newest[readBy(rule)] }
      : { summary: null, newestAt: null }
  })
}

function dataOf({ comparison }: HealthRule, armOf: (arm: RolloutArm) => KnownArm): HealthData {
  const treatment = armOf('TREATMENT')
  if (comparison === 'THRESHOLD') return { treatment: treatment.summary, control: null, newestAt: treatment.newestAt }
  const control = armOf('CONTROL')
  return {
    treatment: treatment.summary,
    control: control.summary,
    newestAt: earlierOf(treatment.newestAt, control.newestAt),
  }
}

function earlierOf(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return null
  return a < b ? a : b
}

/** Which part of a sample a check reads; a sample without it says nothing to the check. */
function readBy({ signal, quantile }: HealthRule): keyof ArmHealthSums['newest'] {
  if (signal === 'ERROR_RATE') return 'requests'
  if (signal === 'QUALITY') return 'quality'
  return quantile === null ? 'latency' : 'buckets'
}

function reportedSummary(rule: HealthRule, sums: ArmHealthSums): ArmSummary {
  const part = readBy(rule)
  if (part === 'requests') return { kind: 'RATE', units: sums.requests, conversions: sums.errors }
  if (part !== 'buckets') return { kind: 'MEAN', ...sums[part] }
  // Certainly slower than the limit are those whose whole bucket is.
  const requestsOf = (buckets: ArmHealthSums['buckets']) => buckets.reduce((sum, bucket) => sum + bucket.requests, 0)
  return {
    kind: 'RATE',
    units: requestsOf(sums.buckets),
    conversions: requestsOf(sums.buckets.filter((bucket) => bucket.lowerBound >= rule.limit)),
  }
}

/** What a check of a metric rests on: the aggregates of the window's exposed units. */
export function metricData(
  rule: HealthRule,
  metric: { id: number; definition: MetricDefinition },
  aggregates: Aggregates,
  window: CurrentWindow,
): HealthData {
  return dataOf(rule, (arm) => ({
    summary: metricSummary(metric, aggregates, ARM_ID[arm]),
    newestAt: window.newestExposureAt[arm],
  }))
}

function metricSummary(
  { id, definition }: { id: number; definition: MetricDefinition },
  aggregates: Aggregates,
  armId: number,
): ArmSummary | null {
  const sums = addUp(armSumsByEpoch(aggregates, { metric: { id }, definition }, armId).values())
  const { units, x, xx } = sums
  if (units === 0) return null
  if (isRate(definition.kind)) return { kind: 'RATE', units, conversions: x }
  if (definition.kind !== 'RATIO') return { kind: 'MEAN', count: units, sum: x, sumOfSquares: xx }
  return { kind: 'RATIO', ...ratioSummaryOf(sums), isNet: definition.netOfDenominator ?? false }
}
