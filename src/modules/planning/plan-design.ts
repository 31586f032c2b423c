import { DomainError } from '../../shared/domain-error.ts'
import { checkCount, checkInteger, checkNumber, fail } from '../../shared/input-rules.ts'
import {
  type DecisionDesign,
  detectableEffect,
  expectedUnits,
  type PlannedComparison,
  plannedPower,
  requiredUnits,
} from '../../statistics/power/sample-plan.ts'
import { DEFAULT_ANALYSIS_PLAN } from '../experiments/analysis-plan.ts'
import { alphaSpendingOf } from '../experiments/spending.ts'
import { ALL_BASIS_POINTS } from '../experiments/variant-weights.ts'
import type { PlanEffectInput, PlanPowerInput, PlanSampleSizeInput } from './planning.inputs.ts'
import type { EffectPlan, PowerPlan, SamplePlan } from './planning.types.ts'

type DesignInput = Omit<PlanEffectInput, 'totalUnits' | 'power'>

const MOST_VARIANTS = 100
const MOST_UNITS = 2_000_000_000
const POWER = { min: 0.5, max: 0.999 }

/** @throws DomainError BAD_USER_INPUT, NOT_PLANNABLE */
export function planSampleSize(input: PlanSampleSizeInput): SamplePlan {
  const effect = checkEffect(input.minimumDetectableEffect)
  const { comparisons, weights, alpha } = designOf(input, effect)
  const power = checkPower(input.power, alpha)
  // The treatment that needs the most decides for all.
  const [units, decisive] = comparisons
    .map((comparison) => [computable(requiredUnits(comparison, effect, power)), comparison] as const)
    .reduce((a, b) => (b[0] > a[0] ? b : a))
  const totalUnits = Math.ceil(units)
  return {
    totalUnits,
    unitsPerVariant: weights.map((weight) => Math.ceil((totalUnits * weight) / ALL_BASIS_POINTS)),
    expectedUnits: Math.ceil(computable(expectedUnits(decisive, totalUnits, effect))),
    alphaPerComparison: alpha,
  }
}

/** @throws DomainError BAD_USER_INPUT, NOT_PLANNABLE */
export function planPower(input: PlanPowerInput): PowerPlan {
  const effect = checkEffect(input.minimumDetectableEffect)
  const units = checkInteger(['totalUnits'], input.totalUnits, 1, MOST_UNITS)
  const { comparisons, alpha } = designOf(input, effect)
  const powers = comparisons.map((comparison) => computable(plannedPower(comparison, units, effect)))
  return { power: Math.min(...powers), alphaPerComparison: alpha }
}

/** @throws DomainError BAD_USER_INPUT, NOT_PLANNABLE */
export function planEffect(input: PlanEffectInput): EffectPlan {
  const units = checkInteger(['totalUnits'], input.totalUnits, 1, MOST_UNITS)
  const power = checkPower(input.power, designOf(input, 0).alpha)
  const isRate = input.standardDeviation == null
  // A rate's variance depends on the effect that is looked for; a few rounds settle it.
  let effect = 0
  let alpha = 0
  for (let round = 0; round < 50; round++) {
    const design = designOf(input, effect)
    const next = Math.max(...design.comparisons.map((one) => computable(detectableEffect(one, units, power))))
    alpha = design.alpha
    if (isRate && input.baseline + next >= 1) {
      throw new DomainError(
        'NOT_PLANNABLE',
        `With ${units} units no rise of the rate ${input.baseline} can be found with a power of ${power}; it would go beyond 1.`,
      )
    }
    if (Math.abs(next - effect) <= 1e-12 * next) break
    effect = next
  }
  return {
    minimumDetectableEffect: effect,
    relativeEffect: input.baseline === 0 ? 0 : effect / Math.abs(input.baseline),
    alphaPerComparison: alpha,
  }
}

/** One comparison for each treatment. @param effect - expected difference, by which a rate's variance changes */
function designOf(input: DesignInput, effect: number) {
  const weights = checkWeights(input.weightsBasisPoints)
  const correlation = checkNumber(['covariateCorrelation'], input.covariateCorrelation ?? 0, { min: -1, max: 1 })
  const alpha =
    checkNumber(['alpha'], input.alpha ?? DEFAULT_ANALYSIS_PLAN.alpha, { min: 0.0001, max: 0.5 }) / (weights.length - 1)
  const { controlVariance, treatmentVariance } = variancesOf(input, effect)
  const comparisons = weights.slice(1).map(
    (weight): PlannedComparison => ({
      controlShare: weights[0]! / ALL_BASIS_POINTS,
      treatmentShare: weight / ALL_BASIS_POINTS,
      controlVariance,
      treatmentVariance,
      varianceReduction: correlation ** 2,
      design: decisionDesign(input),
      alpha,
    }),
  )
  return { comparisons, weights, alpha }
}

function decisionDesign({ decisionMethod, spending, looks }: DesignInput): DecisionDesign {
  switch (decisionMethod ?? DEFAULT_ANALYSIS_PLAN.decisionMethod) {
    case 'ALWAYS_VALID':
      return { kind: 'ALWAYS_VALID' }
    case 'GROUP_SEQUENTIAL': {
      const count = checkInteger(['looks'], looks ?? DEFAULT_ANALYSIS_PLAN.looks, 1, 200)
      return {
        kind: 'GROUP_SEQUENTIAL',
        spending: alphaSpendingOf(spending ?? DEFAULT_ANALYSIS_PLAN.spending),
        fractions: Array.from({ length: count }, (_, look) => (look + 1) / count),
      }
    }
    default:
      return { kind: 'FIXED_HORIZON' }
  }
}

function variancesOf({ baseline, standardDeviation }: DesignInput, effect: number) {
  if (standardDeviation != null) {
    const variance = checkNumber(['standardDeviation'], standardDeviation, { above: 0, max: 1e12 }) ** 2
    checkNumber(['baseline'], baseline, { min: -1e12, max: 1e12 })
    return { controlVariance: variance, treatmentVariance: variance }
  }
  if (!(baseline > 0 && baseline < 1)) {
    fail('BAD_USER_INPUT', ['baseline'], `is ${baseline}; without a standardDeviation it is a rate between 0 and 1.`)
  }
  const treated = baseline + effect
  if (!(treated > 0 && treated < 1)) {
    fail(
      'BAD_USER_INPUT',
      ['minimumDetectableEffect'],
      `of ${effect} takes the rate ${baseline} to ${treated}; it stays between 0 and 1.`,
    )
  }
  return { controlVariance: baseline * (1 - baseline), treatmentVariance: treated * (1 - treated) }
}

function checkWeights(given: number[] | null | undefined): number[] {
  const weights = given ?? [ALL_BASIS_POINTS / 2, ALL_BASIS_POINTS / 2]
  checkCount(['weightsBasisPoints'], weights, MOST_VARIANTS)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (weights.length < 2 || weights.some((weight) => weight < 1) || sum !== ALL_BASIS_POINTS) {
    fail(
      'BAD_USER_INPUT',
      ['weightsBasisPoints'],
      `is ${JSON.stringify(weights)}; it takes at least two positive weights that sum to 10,000.`,
    )
  }
  return weights
}

/** By chance alone an effect is found with a probability of alpha. */
function checkPower(given: number | null | undefined, alpha: number): number {
  const power = checkNumber(['power'], given ?? DEFAULT_ANALYSIS_PLAN.power, POWER)
  if (power <= alpha) fail('BAD_USER_INPUT', ['power'], `is ${power}; it takes more than the alpha of ${alpha}.`)
  return power
}

function checkEffect(effect: number): number {
  if (effect === 0) fail('BAD_USER_INPUT', ['minimumDetectableEffect'], 'is 0; no sample finds an effect that is none.')
  return checkNumber(['minimumDetectableEffect'], effect, { min: -1e12, max: 1e12 })
}

function computable(outcome: number | { code: string; message: string }): number {
  if (typeof outcome === 'number') return outcome
  throw new DomainError('NOT_PLANNABLE', outcome.message)
}
