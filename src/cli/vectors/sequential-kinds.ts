import { meanDifference, standardErrorOf } from '../../statistics/comparison.ts'
import { normalCriticalValue, normalTwoSided } from '../../statistics/distributions.ts'
import { isComputable, NotComputable, whenComputable } from '../../statistics/not-computable.ts'
import { deltaLift } from '../../statistics/relative-lift.ts'
import type { AlphaSpending } from '../../statistics/sequential/alpha-spending.ts'
import { anytimeValidT } from '../../statistics/sequential/anytime-valid-t.ts'
import {
  confidenceSequenceAbove,
  confidenceSequenceOf,
  mixtureVariance,
} from '../../statistics/sequential/confidence-sequence.ts'
import { shapedBoundaries, spendingBoundaries } from '../../statistics/sequential/group-sequential-boundaries.ts'
import { monitorGroupSequential } from '../../statistics/sequential/group-sequential-monitor.ts'
import { inflationFactor } from '../../statistics/sequential/group-sequential-power.ts'
import { msprt } from '../../statistics/sequential/msprt.ts'
import { normalMixture } from '../../statistics/sequential/normal-mixture.ts'
import {
  armOf,
  assertOffered,
  both,
  type Kind,
  NotOffered,
  none,
  type ProportionInput,
  pairOf,
  type SampleInput,
  sidesOf,
} from './kind.ts'

interface Arms {
  control: ProportionInput | SampleInput
  treatment: ProportionInput | SampleInput
}

interface SequentialInput extends Arms {
  tuning_parameter: number
  alpha: number
  difference: 'relative' | 'absolute'
}

interface MsprtInput {
  tau_squared: number
  alpha: number
  theta0?: number
  looks: Arms[]
}

interface DesignInput {
  design: string
  alpha: number
  sides?: 1 | 2
  delta?: number
  gamma?: number
}

export const sequentialKinds: Record<string, Kind> = {
  asymptotic_cs: ({ alpha, tuning_parameter: tuning, ...input }: SequentialInput) => {
    const units = input.control.n + input.treatment.n
    const estimate = estimateOf(input, input.difference)
    const look = whenComputable(estimate, (known) => confidenceSequenceOf({ units, ...known }, alpha, tuning))
    if (!isComputable(look) || !isComputable(estimate)) {
      const reason = isComputable(look) ? (estimate as NotComputable) : look
      const fields = ['estimate', 'se', 'rho', 'halfwidth', 'ci', 'p_value', 'log10_p_value', 'one_sided_lower']
      return none(reason, ...fields, 'width_vs_fixed_horizon')
    }
    return {
      estimate: estimate.estimate,
      se: estimate.standardError,
      rho: Math.sqrt(mixtureVariance(alpha, tuning)),
      halfwidth: look.criticalValue * estimate.standardError,
      ci: pairOf(look.interval),
      p_value: look.pValue,
      log10_p_value: look.log10PValue,
      // The one-sided sequence is tuned as the two-sided one at twice the level.
      one_sided_lower:
        alpha < 0.5
          ? whenComputable(
              confidenceSequenceAbove({ units, ...estimate }, alpha, tuning),
              ({ lowerLimit }) => lowerLimit,
            )
          : undefined,
      width_vs_fixed_horizon: look.criticalValue / normalCriticalValue(alpha),
    }
  },
  msprt: ({ looks, tau_squared: tau, alpha, theta0 = 0 }: MsprtInput) => {
    let least = 1
    return {
      looks: looks.map((arms) => {
        const test = whenComputable(estimateOf(arms, 'absolute'), (known) => msprt(known, tau, alpha, theta0))
        if (!isComputable(test)) {
          const fields = none(test, 'log_lambda', 'p_value', 'ci')
          return { ...fields, p_value_always_valid: least, rejected: least <= alpha, reason: test.code.toLowerCase() }
        }
        least = Math.min(least, test.pValue)
        return {
          log_lambda: test.logLikelihoodRatio,
          p_value: test.pValue,
          p_value_always_valid: least,
          ci: pairOf(test.interval),
          rejected: least <= alpha,
        }
      }),
    }
  },
  normal_mixture: (input: Record<'s' | 'v' | 'v_opt' | 'alpha' | 'alpha_opt', number> & { one_sided: boolean }) => {
    const { s, v, v_opt, alpha, alpha_opt, one_sided } = input
    const { bound, logMixture } = normalMixture(s, v, v_opt, alpha, alpha_opt, one_sided)
    return { bound, log_mixture: logMixture }
  },
  anytime_valid_t: ({ t, df, n, g, alpha }: Record<'t' | 'df' | 'n' | 'g' | 'alpha', number>) => {
    const { logEValue, pValue, criticalValue } = anytimeValidT(t, df, n, g, alpha)
    return { log_e_value: logEValue, p_value: pValue, t_radius: criticalValue }
  },
  group_sequential: (input: DesignInput & { information_fractions: number[] }) => {
    const { information_fractions: fractions, alpha } = input
    const sides = sidesOf(input)
    const spending = spendingOf(input)
    const boundaries = spending
      ? spendingBoundaries(spending, fractions, alpha, sides)
      : shapedBoundaries(shapeOf(input), fractions, alpha, sides)
    const { criticalValues } = boundaries
    return {
      critical_values: criticalValues,
      nominal_two_sided_p: criticalValues.map(normalTwoSided),
      cumulative_alpha_spent: boundaries.cumulativeAlpha,
      'inflation_factor_power_0.8': inflationFactor(boundaries, alpha, 0.8),
      final_width_vs_fixed: criticalValues.at(-1)! / normalCriticalValue((2 * alpha) / sides),
    }
  },
  group_sequential_monitor: (
    input: DesignInput & { planned_total_n: number; looks: { n_total: number; diff: number; se: number }[] },
  ) => {
    const spending = spendingOf(input)
    if (!spending) throw new NotOffered('monitored design', input.design)
    const looks = input.looks.map(({ n_total, diff, se }) => ({ units: n_total, estimate: diff, standardError: se }))
    return {
      looks: monitorGroupSequential(looks, input.planned_total_n, spending, input.alpha, sidesOf(input)).map(
        (look) => ({
          information_fraction: look.informationFraction,
          critical_value: look.criticalValue,
          z: look.statistic,
          repeated_ci: pairOf(look.interval),
          rejected: look.isRejected,
        }),
      ),
    }
  },
}

function spendingOf({ design, gamma = Number.NaN }: DesignInput): AlphaSpending | null {
  switch (design) {
    case 'asOF':
      return { family: 'OBRIEN_FLEMING' }
    case 'asP':
      return { family: 'POCOCK' }
    case 'asKD':
      return { family: 'POWER', exponent: gamma }
    case 'asHSD':
      return { family: 'HWANG_SHIH_DECANI', gamma }
    default:
      return null
  }
}

function shapeOf({ design, delta = Number.NaN }: DesignInput): number {
  if (design === 'OF') return 0
  if (design === 'P') return 0.5
  if (design === 'WT') return delta
  throw new NotOffered('design', design)
}

/** Difference or lift of two arms, with each arm's own variance. */
export function estimateOf(
  { control, treatment }: Arms,
  difference: 'relative' | 'absolute',
): { estimate: number; standardError: number } | NotComputable {
  assertOffered('difference', difference, ['relative', 'absolute'])
  return whenComputable(both(armOf(control), armOf(treatment)), (arms) => {
    const compared = meanDifference(arms.control, arms.treatment)
    if (difference === 'relative') {
      // A control that never varied says less than one whose mean happens to be 0.
      return arms.control.unitVariance === 0 && arms.control.mean === 0
        ? new NotComputable('ZERO_VARIANCE')
        : deltaLift(compared)
    }
    const standardError = standardErrorOf(compared)
    return standardError === 0 ? new NotComputable('ZERO_VARIANCE') : { estimate: compared.estimate, standardError }
  })
}
