import { normalArms } from '../../statistics/bandit/normal-arms.ts'
import type { NormalArm } from '../../statistics/bandit/probability-of-being-best.ts'
import type { NotComputable } from '../../statistics/not-computable.ts'
import type { PrimaryMetric } from '../experiments/experiment-definition.ts'
import { type Aggregates, countedCells } from '../ingestion/aggregates.read-model.ts'
import { isRate } from '../metrics/metric-definition.ts'

/** What is believed of each variant's mean so far, in their order. A rate has the prior Beta(1, 1). */
export function posteriorArms(
  metric: PrimaryMetric,
  aggregates: Aggregates,
  variantIds: readonly number[],
): NormalArm[] | NotComputable {
  const counted = countedCells(aggregates, metric)
  const arms = variantIds.map((variantId) => {
    const count = sumOf(counted.filter((cell) => cell.variantId === variantId).map((cell) => cell.units))
    const cells = aggregates.metrics.filter((cell) => cell.variantId === variantId && cell.metricId === metric.metricId)
    const sum = (name: 'x' | 'y' | 'xx' | 'yy' | 'xy') => sumOf(cells.map((cell) => cell[name]))
    const numerator = { count, numeratorSum: sum('x'), numeratorSumOfSquares: sum('xx') }
    return metric.kind === 'RATIO'
      ? { ...numerator, denominatorSum: sum('y'), denominatorSumOfSquares: sum('yy'), crossProduct: sum('xy') }
      : { ...numerator, denominatorSum: count, denominatorSumOfSquares: count, crossProduct: sum('x') }
  })
  return isRate(metric.kind) ? arms.map(({ count, numeratorSum }) => rateArm(count, numeratorSum)) : normalArms(arms)
}

function rateArm(units: number, conversions: number): NormalArm {
  const mean = (conversions + 1) / (units + 2)
  return { mean, standardDeviation: Math.sqrt((mean * (1 - mean)) / (units + 3)) }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
