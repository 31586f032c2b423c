import {
  type Difference,
  nullStandardErrorOf,
  proportionDifference,
  standardErrorOf,
  unpooledProportionDifference,
} from '../../statistics/comparison.ts'
import { estimateTest } from '../../statistics/estimate-test.ts'
import { fixedHorizonTest } from '../../statistics/fixed-horizon-test.ts'
import { isComputable, NotComputable, whenComputable } from '../../statistics/not-computable.ts'
import { agrestiCaffoInterval } from '../../statistics/proportions/agresti-caffo-interval.ts'
import { agrestiCoullInterval } from '../../statistics/proportions/agresti-coull-interval.ts'
import { clopperPearsonInterval } from '../../statistics/proportions/clopper-pearson-interval.ts'
import { cohensH } from '../../statistics/proportions/cohens-h.ts'
import { fisherExactTest } from '../../statistics/proportions/fisher-exact-test.ts'
import { jeffreysInterval } from '../../statistics/proportions/jeffreys-interval.ts'
import { katzLiftInterval } from '../../statistics/proportions/katz-lift-interval.ts'
import { newcombeInterval } from '../../statistics/proportions/newcombe-interval.ts'
import { waldInterval } from '../../statistics/proportions/wald-interval.ts'
import { welchLiftDegrees } from '../../statistics/proportions/welch-lift-degrees.ts'
import { wilsonContinuityInterval } from '../../statistics/proportions/wilson-continuity-interval.ts'
import { wilsonInterval } from '../../statistics/proportions/wilson-interval.ts'
import { deltaLift } from '../../statistics/relative-lift.ts'
import type { ArmEstimate } from '../../statistics/sample-summary.ts'
import { atLevels, both, type Kind, type ProportionInput, proportionOf } from './kind.ts'

interface TwoProportions {
  control: ProportionInput
  treatment: ProportionInput
  levels: number[]
}

const ALPHA = 0.05

export const proportionKinds: Record<string, Kind> = {
  two_proportion: ({ control, treatment, levels }: TwoProportions) => {
    const [c, t] = [proportionOf(control), proportionOf(treatment)]
    const arms = both(c, t)
    const rates = {
      rate_control: isComputable(c) ? c.mean : c,
      rate_treatment: isComputable(t) ? t.mean : t,
    }
    if (!isComputable(arms)) {
      const fields = [
        'diff',
        'pooled',
        'unpooled',
        'newcombe_ci',
        'agresti_caffo_ci',
        'lift',
        'cohens_h',
        'fisher_exact_p',
      ]
      return { ...rates, ...Object.fromEntries(fields.map((field) => [field, arms])) }
    }
    const units = (arm: ProportionInput) => ({ units: arm.n, conversions: arm.conversions })
    return {
      ...rates,
      diff: arms.treatment.mean - arms.control.mean,
      pooled: pooledFields(arms.control, arms.treatment),
      unpooled: unpooledFields(unpooledProportionDifference(arms.control, arms.treatment), levels),
      newcombe_ci: atLevels(levels, (alpha) => newcombeInterval(arms.control, arms.treatment, alpha)),
      agresti_caffo_ci: atLevels(levels, (alpha) => agrestiCaffoInterval(arms.control, arms.treatment, alpha)),
      lift: liftFields(arms.control, arms.treatment, levels),
      cohens_h: cohensH(arms.control, arms.treatment),
      fisher_exact_p: whenComputable(fisherExactTest(units(control), units(treatment)), (test) => test.pValue),
    }
  },
  single_proportion: (input: ProportionInput & { levels: number[] }) => {
    const arm = proportionOf(input)
    const interval = (of: typeof waldInterval) =>
      atLevels(input.levels, (alpha) => whenComputable(arm, (it) => of(it, alpha)))
    return {
      rate: whenComputable(arm, ({ mean }) => mean),
      wald: interval(waldInterval),
      wilson: interval(wilsonInterval),
      wilson_cc: interval(wilsonContinuityInterval),
      agresti_coull: interval(agrestiCoullInterval),
      clopper_pearson: interval(clopperPearsonInterval),
      jeffreys: interval(jeffreysInterval),
    }
  },
}

function pooledFields(control: ArmEstimate, treatment: ArmEstimate) {
  const difference = proportionDifference(control, treatment)
  const test = fixedHorizonTest(difference, ALPHA)
  // Without any variance, rates have not varied at all.
  if (!isComputable(test)) return new NotComputable('NO_VARIATION')
  return {
    rate: (control.mean * control.units + treatment.mean * treatment.units) / difference.units,
    se: nullStandardErrorOf(difference),
    z: test.statistic,
    p_value: test.pValue,
    p_value_greater: test.pValueGreater,
    p_value_less: test.pValueLess,
    log10_p_value: test.log10PValue,
  }
}

function unpooledFields(difference: Difference, levels: readonly number[]) {
  return whenComputable(fixedHorizonTest(difference, ALPHA), (test) => ({
    se: standardErrorOf(difference),
    z: test.statistic,
    p_value: test.pValue,
    log10_p_value: test.log10PValue,
    ci: atLevels(levels, (alpha) => whenComputable(fixedHorizonTest(difference, alpha), ({ interval }) => interval)),
  }))
}

function liftFields(control: ArmEstimate, treatment: ArmEstimate, levels: readonly number[]) {
  const difference = unpooledProportionDifference(control, treatment)
  const lift = deltaLift(difference)
  if (!isComputable(lift) && lift.code === 'CONTROL_MEAN_ZERO') return lift
  const degrees = welchLiftDegrees(control, treatment)
  const normal = whenComputable(lift, (estimate) => estimateTest(estimate, ALPHA))
  const student = whenComputable(lift, (estimate) =>
    whenComputable(degrees, (degreesOfFreedom) => ({ ...estimate, degreesOfFreedom })),
  )
  return {
    estimate: difference.estimate / control.mean,
    se: whenComputable(lift, ({ standardError }) => standardError),
    z: whenComputable(normal, ({ statistic }) => statistic),
    p_value_z: whenComputable(normal, ({ pValue }) => pValue),
    ci_z: atLevels(levels, (alpha) => whenComputable(lift, (estimate) => estimateTest(estimate, alpha).interval)),
    df: degrees,
    p_value_t: whenComputable(student, (estimate) => estimateTest(estimate, ALPHA).pValue),
    ci_t: atLevels(levels, (alpha) => whenComputable(student, (estimate) => estimateTest(estimate, alpha).interval)),
    katz_log_ci: atLevels(levels, (alpha) => katzLiftInterval(control, treatment, alpha)),
  }
}
