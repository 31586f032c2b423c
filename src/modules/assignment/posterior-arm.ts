import type { NormalArm } from '../../statistics/bandit/probability-of-being-best.ts'
import { isComputable } from '../../statistics/not-computable.ts'
import { estimateRatio } from '../../statistics/ratio-summary.ts'
import { estimateMean } from '../../statistics/sample-summary.ts'
import type { PrimaryMetric } from '../experiments/experiment-definition.ts'
import type { Aggregates } from '../ingestion/aggregates.read-model.ts'
import { isRate } from '../metrics/metric-definition.ts'

/** Units that an arm needs before its variance is believed; until then arms share evenly. */
const LEAST_UNITS = 10

/** What is believed of an arm's mean so far; null while too little is known. A rate has the prior Beta(1, 1). */
export function armOf(
  metric: PrimaryMetric,
  { exposures, matured, metrics }: Aggregates,
  variantId: number,
): NormalArm | null {
  const counted = metric.kind === 'RETENTION' ? matured.filter((cell) => cell.metricId === metric.metricId) : exposures
  const units = sumOf(counted.filter((cell) => cell.variantId === variantId).map((cell) => cell.units))
  const cells = metrics.filter((cell) => cell.variantId === variantId && cell.metricId === metric.metricId)
  const sum = (name: 'x' | 'y' | 'xx' | 'yy' | 'xy') => sumOf(cells.map((cell) => cell[name]))
  if (isRate(metric.kind)) {
    const conversions = sum('x') + 1
    const trials = units + 2
    const mean = conversions / trials
    return { mean, standardDeviation: Math.sqrt((mean * (1 - mean)) / (trials + 1)) }
  }
  if (units < LEAST_UNITS) return null
  const estimate =
    metric.kind === 'RATIO'
      ? estimateRatio({
          count: units,
          numeratorSum: sum('x'),
          numeratorSumOfSquares: sum('xx'),
          denominatorSum: sum('y'),
          denominatorSumOfSquares: sum('yy'),
          crossProduct: sum('xy'),
        })
      : estimateMean({ count: units, sum: sum('x'), sumOfSquares: sum('xx') })
  if (!isComputable(estimate) || estimate.unitVariance === 0) return null
  return { mean: estimate.mean, standardDeviation: Math.sqrt(estimate.unitVariance / units) }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
