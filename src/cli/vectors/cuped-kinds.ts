import { isComputable, whenComputable } from '../../statistics/not-computable.ts'
import type { RatioSummary } from '../../statistics/ratio-summary.ts'
import { deltaLift } from '../../statistics/relative-lift.ts'
import { meanOf } from '../../statistics/sample-summary.ts'
import { type CupedSummary, cuped, cupedLift } from '../../statistics/variance-reduction/cuped.ts'
import { type CupedRatioSummary, cupedRatio } from '../../statistics/variance-reduction/cuped-ratio.ts'
import { type Kind, none } from './kind.ts'
import { deltaLiftFields, testFields } from './mean-kinds.ts'

type CupedInput = Record<'n' | 'sum_post' | 'sumsq_post' | 'sum_pre' | 'sumsq_pre' | 'sum_cross', number>
type CupedRatioInput = Record<string, number>

export const cupedKinds: Record<string, Kind> = {
  cuped: (input: { metric: 'mean' | 'proportion'; control: CupedInput; treatment: CupedInput; levels: number[] }) => {
    const [c, t] = [summaryOf(input.control), summaryOf(input.treatment)]
    const divisor = input.metric === 'proportion' ? 'BERNOULLI' : 'SAMPLE'
    const adjustment = cuped(c, t, divisor)
    const means = { mean_control: meanOf(c), mean_treatment: meanOf(t) }
    if (!isComputable(adjustment)) {
      const arms = [
        'mean_adjusted_control',
        'var_adjusted_control',
        'mean_adjusted_treatment',
        'var_adjusted_treatment',
      ]
      const test = ['diff', 'se', 'df', 't', 'p_value', 'ci', 'lift']
      return { ...means, ...none(adjustment, 'theta', ...arms, ...test, 'variance_reduction', 'adjustment_applied') }
    }
    const { control, treatment, difference } = adjustment
    return {
      ...means,
      theta: adjustment.theta,
      mean_adjusted_control: control.mean,
      var_adjusted_control: control.unitVariance,
      mean_adjusted_treatment: treatment.mean,
      var_adjusted_treatment: treatment.unitVariance,
      diff: difference.estimate,
      ...testFields(difference, input.levels),
      lift: whenComputable(cupedLift(c, t, divisor), (lift) => deltaLiftFields(lift, input.levels)),
      variance_reduction: adjustment.varianceReduction,
      adjustment_applied: adjustment.isApplied,
    }
  },
  cuped_ratio: (input: { control: CupedRatioInput; treatment: CupedRatioInput; levels: number[] }) => {
    const adjustment = cupedRatio(ratioSummaryOf(input.control), ratioSummaryOf(input.treatment))
    if (!isComputable(adjustment)) {
      return none(
        adjustment,
        'theta',
        'ratio_control',
        'ratio_treatment',
        'diff',
        'se',
        'df',
        't',
        'p_value',
        'ci',
        'lift',
      )
    }
    const { difference } = adjustment
    return {
      theta: adjustment.theta,
      ratio_control: adjustment.controlRatio,
      ratio_treatment: adjustment.treatmentRatio,
      diff: difference.estimate,
      ...testFields(difference, input.levels),
      lift: whenComputable(deltaLift(difference), (lift) => deltaLiftFields(lift, input.levels)),
    }
  },
}

function summaryOf(arm: CupedInput): CupedSummary {
  return {
    count: arm.n,
    sum: arm.sum_post,
    sumOfSquares: arm.sumsq_post,
    preSum: arm.sum_pre,
    preSumOfSquares: arm.sumsq_pre,
    crossProduct: arm.sum_cross,
  }
}

function ratioSummaryOf(arm: CupedRatioInput): CupedRatioSummary {
  const side = (name: 'post' | 'pre'): RatioSummary => ({
    count: arm.n!,
    numeratorSum: arm[`sum_num_${name}`]!,
    numeratorSumOfSquares: arm[`sumsq_num_${name}`]!,
    denominatorSum: arm[`sum_den_${name}`]!,
    denominatorSumOfSquares: arm[`sumsq_den_${name}`]!,
    crossProduct: arm[`cross_num_${name}_den_${name}`]!,
  })
  return {
    post: side('post'),
    pre: side('pre'),
    numeratorPreNumerator: arm.cross_num_post_num_pre!,
    denominatorPreDenominator: arm.cross_den_post_den_pre!,
    numeratorPreDenominator: arm.cross_num_post_den_pre!,
    denominatorPreNumerator: arm.cross_num_pre_den_post!,
  }
}
