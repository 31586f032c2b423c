import {
  type Difference,
  meanDifference,
  standardErrorOf,
  unpooledProportionDifference,
} from '../../statistics/comparison.ts'
import { type Estimate, estimateTest } from '../../statistics/estimate-test.ts'
import { equivalenceTest } from '../../statistics/guardrails/equivalence-test.ts'
import { nonInferiorityTest, type PreferredDirection } from '../../statistics/guardrails/non-inferiority.ts'
import { scoreNonInferiority } from '../../statistics/guardrails/score-non-inferiority.ts'
import { isComputable, NotComputable, whenComputable } from '../../statistics/not-computable.ts'
import { estimateClusteredQuantile, estimateQuantile } from '../../statistics/quantile/quantile-estimate.ts'
import { quantileRanks } from '../../statistics/quantile/quantile-ranks.ts'
import { deltaLift } from '../../statistics/relative-lift.ts'
import type { ArmEstimate } from '../../statistics/sample-summary.ts'
import { PeerSlip } from './compare.ts'
import {
  armOf,
  assertOffered,
  both,
  type Kind,
  none,
  type ProportionInput,
  pairOf,
  proportionOf,
  type SampleInput,
} from './kind.ts'
import { STATSMODELS_SLIPS, scoreFields, statsmodelsScore } from './statsmodels-score.ts'

type QuantileArm = Record<'n' | 'n_star' | 'value' | 'lower' | 'upper', number>
type ClusteredArm = QuantileArm &
  Record<'n_clusters' | 'sum_below' | 'sumsq_below' | 'sum_events' | 'sumsq_events' | 'sum_cross', number>

interface QuantileInput<Arm> {
  quantile: number
  control: Arm
  treatment: Arm
  difference: 'relative' | 'absolute'
  alpha: number
}

interface GuardrailInput<Arm> {
  control: Arm
  treatment: Arm
  margin: number
  margin_type: 'relative' | 'absolute'
  preferred_direction: 'increase' | 'decrease'
  alpha: number
}

export const quantileKinds: Record<string, Kind> = {
  quantile: (input: QuantileInput<QuantileArm>) => quantileFields(input, (arm) => plainQuantile(arm, input.quantile)),
  quantile_clustered: (input: QuantileInput<ClusteredArm>) =>
    quantileFields(input, (arm) =>
      estimateClusteredQuantile(summaryOf(arm), input.quantile, {
        count: arm.n_clusters,
        numeratorSum: arm.sum_below,
        numeratorSumOfSquares: arm.sumsq_below,
        denominatorSum: arm.sum_events,
        denominatorSumOfSquares: arm.sumsq_events,
        crossProduct: arm.sum_cross,
      }),
    ),
  quantile_ci_ranks: ({ n, quantile, level }: { n: number; quantile: number; level: number }) => {
    const ranks = quantileRanks(n, quantile, level)
    return isComputable(ranks)
      ? { lower_rank: ranks.lowerRank, upper_rank: ranks.upperRank, coverage: ranks.coverage }
      : none(ranks, 'lower_rank', 'upper_rank', 'coverage')
  },
  non_inferiority_mean: (input: GuardrailInput<SampleInput>) => {
    const margin = absoluteMargin(input, armOf(input.control))
    const estimate = whenComputable(both(armOf(input.control), armOf(input.treatment)), (arms) =>
      estimateOfDifference(meanDifference(arms.control, arms.treatment)),
    )
    if (!isComputable(estimate) || !isComputable(margin)) {
      const reason = isComputable(estimate) ? margin : estimate
      const fields = ['t', 'df', 'p_value', 'bound', 'non_inferior', 'superior', 'inferior']
      return { margin_absolute: margin, ...none(reason as NotComputable, ...fields) }
    }
    const test = nonInferiorityTest(estimate, margin, directionOf(input), input.alpha)
    return {
      margin_absolute: margin,
      t: test.statistic,
      df: test.degreesOfFreedom,
      p_value: test.pValue,
      bound: test.bound,
      non_inferior: test.isNonInferior,
      superior: test.isSuperior,
      inferior: test.isInferior,
    }
  },
  non_inferiority_proportion: (input: GuardrailInput<ProportionInput>) => {
    const margin = absoluteMargin(input, proportionOf(input.control))
    const arms = both(proportionOf(input.control), proportionOf(input.treatment))
    if (!isComputable(arms) || !isComputable(margin)) {
      const reason = isComputable(arms) ? margin : arms
      return none(reason as NotComputable, 'margin_absolute', 'wald')
    }
    const estimate = estimateOfDifference(unpooledProportionDifference(arms.control, arms.treatment))
    const sign = directionOf(input) === 'INCREASE' ? 1 : -1
    const score = scoreNonInferiority(arms.control, arms.treatment, margin, directionOf(input))
    return {
      margin_absolute: margin,
      wald: whenComputable(estimate, (known) => {
        const test = nonInferiorityTest(known, margin, directionOf(input), input.alpha)
        return { z: test.statistic, p_value: test.pValue, bound: test.bound, non_inferior: test.isNonInferior }
      }),
      score: new PeerSlip(
        whenComputable(score, ({ statistic }) => scoreFields(statistic)),
        scoreFields(sign * statsmodelsScore(input.control, input.treatment, -sign * margin)),
        STATSMODELS_SLIPS,
      ),
    }
  },
  non_inferiority_lift: (input: GuardrailInput<SampleInput>) => {
    const lift = whenComputable(both(armOf(input.control), armOf(input.treatment)), (arms) =>
      deltaLift(meanDifference(arms.control, arms.treatment)),
    )
    if (!isComputable(lift)) return none(lift, 'estimate', 'se', 'df', 't', 'p_value', 'bound', 'non_inferior')
    const test = nonInferiorityTest(lift, input.margin, directionOf(input), input.alpha)
    return {
      estimate: lift.estimate,
      se: lift.standardError,
      df: test.degreesOfFreedom,
      t: test.statistic,
      p_value: test.pValue,
      bound: test.bound,
      non_inferior: test.isNonInferior,
    }
  },
  equivalence_mean: (input: {
    control: SampleInput
    treatment: SampleInput
    lower_margin: number
    upper_margin: number
    alpha: number
  }) => {
    const estimate = whenComputable(both(armOf(input.control), armOf(input.treatment)), (arms) =>
      estimateOfDifference(meanDifference(arms.control, arms.treatment)),
    )
    if (!isComputable(estimate)) {
      return none(estimate, 'p_value_lower', 'p_value_upper', 'p_value', 'ci_1_minus_2alpha', 'equivalent')
    }
    const test = equivalenceTest(estimate, input.lower_margin, input.upper_margin, input.alpha)
    return {
      p_value_lower: test.pValueLower,
      p_value_upper: test.pValueUpper,
      p_value: test.pValue,
      ci_1_minus_2alpha: pairOf(test.interval),
      equivalent: test.isEquivalent,
    }
  },
}

function quantileFields<Arm>(input: QuantileInput<Arm>, estimate: (arm: Arm) => ArmEstimate | NotComputable) {
  assertOffered('difference', input.difference, ['relative', 'absolute'])
  const difference = whenComputable(both(estimate(input.control), estimate(input.treatment)), (arms) =>
    meanDifference(arms.control, arms.treatment),
  )
  const effect = whenComputable(difference, (known) =>
    input.difference === 'relative' ? deltaLift(known) : estimateOfDifference(known),
  )
  if (!isComputable(effect)) return none(effect, 'estimate', 'se', 'df', 'p_value', 'ci')
  const test = estimateTest(effect, input.alpha)
  return {
    estimate: effect.estimate,
    se: effect.standardError,
    df: effect.degreesOfFreedom,
    p_value: test.pValue,
    ci: pairOf(test.interval),
  }
}

function plainQuantile(arm: QuantileArm, quantile: number): ArmEstimate | NotComputable {
  return estimateQuantile(summaryOf(arm), quantile)
}

function summaryOf({ n, n_star, value, lower, upper }: QuantileArm) {
  return { count: n, boundsCount: n_star, value, lower, upper }
}

function estimateOfDifference(difference: Difference): Estimate | NotComputable {
  const standardError = standardErrorOf(difference)
  if (standardError === 0) return new NotComputable('ZERO_VARIANCE')
  return { estimate: difference.estimate, standardError, degreesOfFreedom: difference.degreesOfFreedom }
}

/** A relative margin times |control|, which is taken as fixed. */
function absoluteMargin(
  { margin, margin_type: type }: Pick<GuardrailInput<unknown>, 'margin' | 'margin_type'>,
  control: ArmEstimate | NotComputable,
): number | NotComputable {
  assertOffered('margin type', type, ['relative', 'absolute'])
  if (!(margin >= 0)) throw new RangeError(`margin is ${margin}; it must not be negative.`)
  return type === 'relative' ? whenComputable(control, ({ mean }) => margin * Math.abs(mean)) : margin
}

function directionOf({ preferred_direction: direction }: GuardrailInput<unknown>): PreferredDirection {
  assertOffered('direction', direction, ['increase', 'decrease'])
  return direction === 'increase' ? 'INCREASE' : 'DECREASE'
}
