import { inversePropensityRatio } from '../../statistics/bandit/inverse-propensity-ratio.ts'
import { isComputable, NotComputable } from '../../statistics/not-computable.ts'
import { histogramQuantile, valueBelow } from '../../statistics/quantile/value-histogram.ts'
import { estimateRatio } from '../../statistics/ratio-summary.ts'
import { type ArmEstimate, estimateMean, estimateProportion } from '../../statistics/sample-summary.ts'
import { isRate, type MetricDefinition } from '../metrics/metric-definition.ts'
import { type ArmSums, ratioSummaryOf } from './arm-sums.ts'

/**
 * The metric's mean in one arm. Where the allocation adapts, units are weighted by the inverse of the probability with which
 * they got their variant, so that a variant that did well early does not look better for it.
 */
export function estimateArm(
  definition: MetricDefinition,
  sums: ArmSums,
  isAdaptive: boolean,
): ArmEstimate | NotComputable {
  const estimate = isAdaptive ? weighted(definition, sums) : plain(definition, sums)
  if (!definition.netOfDenominator || !isComputable(estimate)) return estimate
  return { ...estimate, mean: estimate.mean - 1 }
}

function plain({ kind, quantile }: MetricDefinition, sums: ArmSums): ArmEstimate | NotComputable {
  const { units, x, xx, histogram } = sums
  if (isRate(kind)) return estimateProportion(units, x)
  if (kind === 'QUANTILE') return histogramQuantile({ units, values: x, valuesSquared: xx, histogram }, quantile!)
  if (kind !== 'RATIO') return estimateMean({ count: units, sum: x, sumOfSquares: xx })
  return estimateRatio(ratioSummaryOf(sums))
}

function weighted({ kind }: MetricDefinition, sums: ArmSums): ArmEstimate | NotComputable {
  const { units, w, ww, wx, wy, wwx, wwxx, wwyy, wwxy } = sums
  // Order statistics have no weighted form here.
  if (kind === 'QUANTILE') return new NotComputable('ADAPTIVE_ALLOCATION')
  const numerator = { units, weightedNumerator: wx, squaredNumerator: wwxx }
  return kind === 'RATIO'
    ? inversePropensityRatio({ ...numerator, weightedDenominator: wy, squaredDenominator: wwyy, crossProduct: wwxy })
    : inversePropensityRatio({ ...numerator, weightedDenominator: w, squaredDenominator: ww, crossProduct: wwx })
}

/** The same mean, also where its spread cannot be told; null where there is nothing to divide by. */
export function meanOf(
  { kind, netOfDenominator, quantile }: MetricDefinition,
  sums: ArmSums,
  isAdaptive: boolean,
): number | null {
  if (kind === 'QUANTILE') return isAdaptive ? null : valueBelow(sums.histogram, quantile!)
  const { units, x, y, w, wx, wy } = sums
  const numerator = isAdaptive ? wx : x
  const perUnit = isAdaptive ? w : units
  const perDenominator = isAdaptive ? wy : y
  const denominator = kind === 'RATIO' ? perDenominator : perUnit
  return denominator > 0 ? numerator / denominator - (netOfDenominator ? 1 : 0) : null
}
