import { whenComputable } from '../../statistics/not-computable.ts'
import { kVariantSampleSize } from '../../statistics/power/k-variant-sample-size.ts'
import { type MeanMethod, meanEffect, meanPower, meanSampleSize } from '../../statistics/power/mean-power.ts'
import { anovaPower, chiSquarePower } from '../../statistics/power/omnibus-power.ts'
import {
  type ProportionMethod,
  proportionEffect,
  proportionPower,
  proportionSampleSize,
} from '../../statistics/power/proportion-power.ts'
import { type DecisionDesign, detectableEffect } from '../../statistics/power/sample-plan.ts'
import { assertOffered, type Kind, sidesOf } from './kind.ts'

type Sides = { sides?: 1 | 2 }
type ProportionInput = Sides &
  Record<
    'p_control' | 'p_treatment' | 'n_control' | 'n_treatment' | 'alpha' | 'power' | 'ratio_treatment_to_control',
    number
  >
type MeanInput = Sides &
  Record<'difference' | 'sd' | 'n_control' | 'n_treatment' | 'alpha' | 'power' | 'ratio_treatment_to_control', number>

export const powerKinds: Record<string, Kind> = {
  proportion_power: (input: ProportionInput) => {
    const power = (method: ProportionMethod) =>
      proportionPower(proportionDesign(input, method), input.n_control, input.n_treatment)
    return { power_pooled: power('POOLED'), power_unpooled: power('UNPOOLED'), power_cohens_h: power('ARCSINE') }
  },
  proportion_sample_size: (input: ProportionInput) => {
    const ratio = input.ratio_treatment_to_control
    const size = (method: ProportionMethod) => proportionSampleSize(proportionDesign(input, method), input.power, ratio)
    return {
      n_control_pooled: size('POOLED'),
      n_control_unpooled: size('UNPOOLED'),
      n_control_cohens_h: size('ARCSINE'),
      ceil_pooled: whenComputable(size('POOLED'), (units) => wholeUnits(units, ratio)),
    }
  },
  proportion_mde: (input: ProportionInput) => {
    const effect = (method: ProportionMethod, direction: 'INCREASE' | 'DECREASE') =>
      proportionEffect(proportionDesign(input, method), direction, input.power, input.n_control, input.n_treatment)
    return {
      mde_increase_pooled: effect('POOLED', 'INCREASE'),
      mde_increase_unpooled: effect('UNPOOLED', 'INCREASE'),
      mde_decrease_pooled: effect('POOLED', 'DECREASE'),
      mde_decrease_unpooled: effect('UNPOOLED', 'DECREASE'),
      mde_increase_relative_unpooled: whenComputable(effect('UNPOOLED', 'INCREASE'), (mde) => mde / input.p_control),
    }
  },
  mean_power: (input: MeanInput) => {
    const power = (method: MeanMethod) => meanPower(meanDesign(input, method), input.n_control, input.n_treatment)
    return {
      cohens_d: input.sd > 0 ? input.difference / input.sd : power('NORMAL'),
      power_t: power('STUDENT'),
      power_z: power('NORMAL'),
    }
  },
  mean_sample_size: (input: MeanInput) => {
    const ratio = input.ratio_treatment_to_control
    const size = (method: MeanMethod) => meanSampleSize(meanDesign(input, method), input.power, ratio)
    const exact = size('STUDENT')
    return {
      n_control_t: exact,
      n_control_z: size('NORMAL'),
      ceil_t: whenComputable(exact, (units) => wholeUnits(units, ratio)),
    }
  },
  mean_mde: (
    input: Record<
      'sd_control' | 'sd_treatment' | 'n_control' | 'n_treatment' | 'mean_control' | 'alpha' | 'power',
      number
    > &
      Sides,
  ) => {
    const control = { standardDeviation: input.sd_control, units: input.n_control }
    const treatment = { standardDeviation: input.sd_treatment, units: input.n_treatment }
    const mde = meanEffect(control, treatment, input.alpha, input.power, sidesOf(input))
    const relative = (effect: number) => effect / Math.abs(input.mean_control)
    return { mde_absolute: mde, mde_relative: input.mean_control === 0 ? null : whenComputable(mde, relative) }
  },
  k_variant_sample_size: (
    input: Record<'p_control' | 'relative_mde' | 'alpha' | 'power', number> & {
      weights: number[]
      correction?: string
    },
  ) => {
    const { p_control: rate, relative_mde: effect, weights, alpha, power, correction = 'none' } = input
    assertOffered('correction', correction, ['bonferroni', 'none'])
    const divided = correction === 'bonferroni' ? 'BONFERRONI' : 'NONE'
    return whenComputable(kVariantSampleSize(rate, effect, weights, alpha, power, divided), (plan) => ({
      alpha_per_comparison: plan.alphaPerComparison,
      total_n: plan.totalUnits,
      n_per_arm: plan.unitsPerArm,
    }))
  },
  chi_square_power: (input: Record<'effect_size_w' | 'total_n' | 'arms' | 'alpha', number>) => ({
    power: chiSquarePower(input.effect_size_w, input.total_n, input.arms, input.alpha),
  }),
  anova_power: (input: Record<'effect_size_f' | 'n_per_arm' | 'arms' | 'alpha', number>) => ({
    power: anovaPower(input.effect_size_f, input.n_per_arm, input.arms, input.alpha),
  }),
  cs_mde: (
    input: Record<
      'var_control' | 'var_treatment' | 'n_control' | 'n_treatment' | 'tuning_parameter' | 'alpha' | 'power',
      number
    >,
  ) => {
    const units = input.n_control + input.n_treatment
    const effect = (design: DecisionDesign, power: number) =>
      detectableEffect(
        {
          controlShare: input.n_control / units,
          treatmentShare: input.n_treatment / units,
          controlVariance: input.var_control,
          treatmentVariance: input.var_treatment,
          design,
          alpha: input.alpha,
        },
        units,
        power,
      )
    const sequence: DecisionDesign = { kind: 'ALWAYS_VALID', tuningUnits: input.tuning_parameter }
    return {
      // Half the time the estimate lies beyond a true difference of one half-width.
      halfwidth: effect(sequence, 0.5),
      mde_absolute: effect(sequence, input.power),
      mde_fixed_horizon: effect({ kind: 'FIXED_HORIZON' }, input.power),
    }
  },
}

function proportionDesign(input: ProportionInput, method: ProportionMethod) {
  const { p_control: controlRate, p_treatment: treatmentRate, alpha } = input
  return { controlRate, treatmentRate, alpha, sides: sidesOf(input), method }
}

function meanDesign(input: MeanInput, method: MeanMethod) {
  const { difference, sd: standardDeviation, alpha } = input
  return { difference, standardDeviation, alpha, sides: sidesOf(input), method }
}

function wholeUnits(control: number, ratio: number) {
  return { control: Math.ceil(control), treatment: Math.ceil(control * ratio) }
}
