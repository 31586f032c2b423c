import type { Aggregates } from '../ingestion/aggregates.read-model.ts'
import { isRate, type MetricDefinition } from '../metrics/metric-definition.ts'
import { addUp, armSumsByEpoch, ratioSummaryOf } from '../results/arm-sums.ts'
import type { ArmSummary } from './arm-summary.ts'
import type { ArmHealthSums, CurrentWindow } from './health.store.ts'
import type { HealthData, HealthRule, RolloutArm } from './health-check.ts'

/** By which id exposures know the arms of a window. */
export const ARM_ID: Record<RolloutArm, number> = { CONTROL: 0, TREATMENT: 1 }

/** What a check of reported signals rests on: the samples of both arms. */
export function reportedData(rule: HealthRule, arms: ReadonlyMap<RolloutArm, ArmHealthSums>): HealthData {
  const treatment = arms.get('TREATMENT')
  const control = arms.get('CONTROL')
  return {
    treatment: treatment ? reportedSummary(rule, treatment) : null,
    control: rule.comparison === 'CONTROL' && control ? reportedSummary(rule, control) : null,
    newestAt: treatment?.newestAt ?? null,
  }
}

function reportedSummary({ signal, quantile, limit }: HealthRule, sums: ArmHealthSums): ArmSummary {
  if (signal === 'ERROR_RATE') return { kind: 'RATE', units: sums.requests, conversions: sums.errors }
  if (signal === 'QUALITY') return { kind: 'MEAN', ...sums.quality }
  if (quantile === null) return { kind: 'MEAN', ...sums.latency }
  // Certainly slower than the limit are those whose whole bucket is.
  const requestsOf = (buckets: ArmHealthSums['buckets']) => buckets.reduce((sum, bucket) => sum + bucket.requests, 0)
  return {
    kind: 'RATE',
    units: requestsOf(sums.buckets),
    conversions: requestsOf(sums.buckets.filter((bucket) => bucket.lowerBound >= limit)),
  }
}

/** What a check of a metric rests on: the aggregates of the window's exposed units. */
export function metricData(
  rule: HealthRule,
  metric: { id: number; definition: MetricDefinition },
  aggregates: Aggregates,
  window: CurrentWindow,
): HealthData {
  const armOf = (arm: RolloutArm) => metricSummary(metric, aggregates, ARM_ID[arm])
  return {
    treatment: armOf('TREATMENT'),
    control: rule.comparison === 'CONTROL' ? armOf('CONTROL') : null,
    newestAt: window.newestExposureAt,
  }
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
