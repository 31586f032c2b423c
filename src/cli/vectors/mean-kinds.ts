import { cohensD } from '../../statistics/cohens-d.ts'
import { type Difference, meanDifference, standardErrorOf } from '../../statistics/comparison.ts'
import { type Estimate, estimateTest } from '../../statistics/estimate-test.ts'
import { criticalValueOf, fixedHorizonTest } from '../../statistics/fixed-horizon-test.ts'
import { isComputable, NotComputable, whenComputable } from '../../statistics/not-computable.ts'
import { estimateRatio, type RatioSummary, ratioOf } from '../../statistics/ratio-summary.ts'
import { deltaLift, relativeLift } from '../../statistics/relative-lift.ts'
import { type ArmEstimate, estimateMean, meanOf } from '../../statistics/sample-summary.ts'
import { atLevels, both, type Kind, none, type SampleInput, sampleOf } from './kind.ts'

const ALPHA = 0.05

interface RatioInput {
  n: number
  sum_num: number
  sumsq_num: number
  sum_den: number
  sumsq_den: number
  sum_cross: number
}

export const meanKinds: Record<string, Kind> = {
  welch: ({ control, treatment, levels }: { control: SampleInput; treatment: SampleInput; levels: number[] }) => {
    const [c, t] = [sampleOf(control), sampleOf(treatment)]
    const [meanControl, meanTreatment] = [meanOf(c), meanOf(t)]
    const [estimateControl, estimateTreatment] = [estimateMean(c), estimateMean(t)]
    const arms = both(estimateControl, estimateTreatment)
    const test = ['t', 'df', 'p_value', 'p_value_greater', 'p_value_less', 'log10_p_value', 'ci']
    return {
      mean_control: meanControl,
      mean_treatment: meanTreatment,
      var_control: whenComputable(estimateControl, ({ unitVariance }) => unitVariance),
      var_treatment: whenComputable(estimateTreatment, ({ unitVariance }) => unitVariance),
      diff: whenComputable(meanControl, (before) => whenComputable(meanTreatment, (after) => after - before)),
      ...(isComputable(arms)
        ? {
            ...testFields(meanDifference(arms.control, arms.treatment), levels),
            cohens_d: cohensD(arms.control, arms.treatment),
            lift: meanLiftFields(arms.control, arms.treatment, levels),
          }
        : none(arms, 'se', ...test, 'cohens_d', 'lift')),
    }
  },
  ratio: ({ control, treatment, levels }: { control: RatioInput; treatment: RatioInput; levels: number[] }) => {
    const [c, t] = [ratioSummary(control), ratioSummary(treatment)]
    const [before, after] = [ratioOf(c), ratioOf(t)]
    const [estimateControl, estimateTreatment] = [estimateRatio(c), estimateRatio(t)]
    const arms = both(estimateControl, estimateTreatment)
    const difference = whenComputable(arms, (it) => meanDifference(it.control, it.treatment))
    return {
      ratio_control: before,
      ratio_treatment: after,
      var_control: whenComputable(estimateControl, ({ unitVariance }) => unitVariance),
      var_treatment: whenComputable(estimateTreatment, ({ unitVariance }) => unitVariance),
      diff: whenComputable(before, (b) => whenComputable(after, (a) => a - b)),
      ...(isComputable(difference)
        ? {
            ...testFields(difference, levels),
            // A ratio of two sums that never varies has no error at all, where a mean's is 0.
            se: standardErrorOf(difference) || new NotComputable('ZERO_VARIANCE'),
            lift: whenComputable(deltaLift(difference), (lift) => deltaLiftFields(lift, levels)),
          }
        : none(difference, 'se', 'df', 't', 'p_value', 'ci', 'lift')),
    }
  },
}

/** Fields of the test of a difference by Student's t. */
export function testFields(difference: Difference, levels: readonly number[]): Record<string, unknown> {
  const test = fixedHorizonTest(difference, ALPHA)
  const standardError = standardErrorOf(difference)
  return {
    se: standardError,
    ...(isComputable(test)
      ? {
          t: test.statistic,
          df: test.degreesOfFreedom,
          p_value: test.pValue,
          p_value_greater: test.pValueGreater,
          p_value_less: test.pValueLess,
          log10_p_value: test.log10PValue,
          ci: atLevels(levels, (alpha) =>
            whenComputable(fixedHorizonTest(difference, alpha), ({ interval }) => interval),
          ),
        }
      : none(test, 't', 'df', 'p_value', 'p_value_greater', 'p_value_less', 'log10_p_value', 'ci')),
  }
}

/** Fields of a lift with its delta-method error. */
export function deltaLiftFields(lift: Estimate, levels: readonly number[]): Record<string, unknown> {
  const { statistic, pValue } = estimateTest(lift, ALPHA)
  return {
    estimate: lift.estimate,
    se: lift.standardError,
    t: statistic,
    p_value: pValue,
    ci_t: atLevels(levels, (alpha) => estimateTest(lift, alpha).interval),
  }
}

function meanLiftFields(control: ArmEstimate, treatment: ArmEstimate, levels: readonly number[]) {
  const difference = meanDifference(control, treatment)
  if (control.mean === 0) return new NotComputable('CONTROL_MEAN_ZERO')
  const lift = deltaLift(difference)
  return {
    ...(isComputable(lift)
      ? deltaLiftFields(lift, levels)
      : { estimate: difference.estimate / Math.abs(control.mean), ...none(lift, 'se', 't', 'p_value', 'ci_t') }),
    fieller_ci: atLevels(levels, (alpha) =>
      whenComputable(relativeLift(difference, criticalValueOf(difference, alpha), alpha), ({ interval }) => interval),
    ),
  }
}

function ratioSummary(arm: RatioInput): RatioSummary {
  return {
    count: arm.n,
    numeratorSum: arm.sum_num,
    numeratorSumOfSquares: arm.sumsq_num,
    denominatorSum: arm.sum_den,
    denominatorSumOfSquares: arm.sumsq_den,
    crossProduct: arm.sum_cross,
  }
}
