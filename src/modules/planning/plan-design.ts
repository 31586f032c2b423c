import { DomainError } from '../../shared/domain-error.ts'
import { checkCount, checkInteger, checkNumber, fail } from '../../shared/input-rules.ts'
import { isComputable, type NotComputable } from '../../statistics/not-computable.ts'
import { rateVariances } from '../../statistics/power/proportion-power.ts'
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

type DesignInput = Omit<PlanEffectInput, 'totalUnits' | 'power' | 'direction'>

const MOST_VARIANTS = 100
const MOST_UNITS = 2_000_000_000
/** Whole numbers above this cannot be told apart. */
const MOST_PLANNED = Number.MAX_SAFE_INTEGER
/** Of rates, effects and standard deviations, whose squares and quotients are ordinary doubles. */
const LEAST = 1e-100
const MOST = 1e12
const POWER = { min: 0.5, max: 0.999 }

/** @throws DomainError BAD_USER_INPUT, NOT_PLANNABLE */
export function planSampleSize(input: PlanSampleSizeInput): SamplePlan {
  const { comparisonAt, weights, alpha } = designOf(input)
  const effect = checkEffect(input)
  const power = checkPower(input.power, alpha)
  const comparison = comparisonAt(effect)
  const totalUnits = Math.ceil(computable(requiredUnits(comparison, effect, power)))
  if (!(totalUnits <= MOST_PLANNED)) {
    const rule = `that takes more than ${MOST_PLANNED} units, the most that a plan counts`
    fail('NOT_PLANNABLE', ['minimumDetectableEffect'], `is ${effect}; ${rule}.`)
  }
  return {
    totalUnits,
    unitsPerVariant: weights.map((weight) => Math.ceil((totalUnits * weight) / ALL_BASIS_POINTS)),
    expectedUnits: Math.ceil(computable(expectedUnits(comparison, totalUnits, effect))),
    alphaPerComparison: alpha,
  }
}

/** @throws DomainError BAD_USER_INPUT, NOT_PLANNABLE */
export function planPower(input: PlanPowerInput): PowerPlan {
  const units = checkInteger(['totalUnits'], input.totalUnits, 1, MOST_UNITS)
  const { comparisonAt, alpha } = designOf(input)
  const effect = checkEffect(input)
  return { power: computable(plannedPower(comparisonAt(effect), units, effect)), alphaPerComparison: alpha }
}

/** @throws DomainError BAD_USER_INPUT, NOT_PLANNABLE */
export function planEffect(input: PlanEffectInput): EffectPlan {
  const units = checkInteger(['totalUnits'], input.totalUnits, 1, MOST_UNITS)
  const { comparisonAt, alpha } = designOf(input)
  const power = checkPower(input.power, alpha)
  const { baseline } = input
  const sign = input.direction === 'DECREASE' ? -1 : 1
  let size: number | NotComputable
  if (isOfRate(input)) {
    const widest = sign > 0 ? 1 - baseline : baseline
    size = detectableEffect((effect) => comparisonAt(sign * effect), units, power, widest)
    if (!isComputable(size) ? size.code === 'NOT_DETECTABLE' : !isOpenFraction(baseline + sign * size)) {
      const [change, end] = sign > 0 ? ['rise', 'beyond 1'] : ['fall', 'below 0']
      throw new DomainError(
        'NOT_PLANNABLE',
        `With ${units} units no ${change} of the rate ${baseline} can be found with a power of ${power}; it would go ${end}.`,
      )
    }
  } else {
    size = detectableEffect(comparisonAt(0), units, power)
  }
  const minimumDetectableEffect = sign * computable(size)
  const relativeEffect = minimumDetectableEffect / Math.abs(baseline)
  return {
    minimumDetectableEffect,
    relativeEffect: Number.isFinite(relativeEffect) ? relativeEffect : null,
    alphaPerComparison: alpha,
  }
}

/**
 * The comparison of the treatment with the smallest weight, at each difference that may be expected. Its standard errors, its own
 * and that of the test, are the largest, so that what finds its effect finds those of the others.
 */
function designOf(input: DesignInput) {
  const weights = checkWeights(input.weightsBasisPoints)
  const correlation = checkNumber(['covariateCorrelation'], input.covariateCorrelation ?? 0, { min: -1, max: 1 })
  const alpha =
    checkNumber(['alpha'], input.alpha ?? DEFAULT_ANALYSIS_PLAN.alpha, { min: 0.0001, max: 0.5 }) / (weights.length - 1)
  checkMeasure(input)
  const design = decisionDesign(input)
  // Beliefs, and differences with the covariate taken out, go by each rate's own variance.
  const isPooled = input.decisionMethod !== 'BAYESIAN' && correlation === 0
  const controlShare = weights[0]! / ALL_BASIS_POINTS
  const treatmentShare = Math.min(...weights.slice(1)) / ALL_BASIS_POINTS
  const comparisonAt = (effect: number): PlannedComparison => {
    const { nullVariance, ...variances } = variancesOf(input, effect, controlShare / (controlShare + treatmentShare))
    return {
      controlShare,
      treatmentShare,
      ...variances,
      ...(isPooled && { nullVariance }),
      varianceReduction: correlation ** 2,
      design,
      alpha,
    }
  }
  return { comparisonAt, weights, alpha }
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

/** @param controlPart - the control's part of the units of both arms */
function variancesOf(
  { baseline, standardDeviation }: DesignInput,
  effect: number,
  controlPart: number,
): Pick<PlannedComparison, 'controlVariance' | 'treatmentVariance' | 'nullVariance'> {
  if (standardDeviation == null) return rateVariances(baseline, baseline + effect, controlPart)
  return { controlVariance: standardDeviation ** 2, treatmentVariance: standardDeviation ** 2 }
}

/** A proportion: its rate tells its variance. */
function isOfRate({ standardDeviation }: DesignInput): boolean {
  return standardDeviation == null
}

function checkMeasure({ baseline, standardDeviation }: DesignInput): void {
  if (standardDeviation != null) {
    checkNumber(['standardDeviation'], standardDeviation, { min: LEAST, max: MOST })
    checkNumber(['baseline'], baseline, { min: -MOST, max: MOST })
  } else if (!(baseline >= LEAST && baseline < 1)) {
    const rule = `without a standardDeviation it is a rate between 0 and 1, from ${LEAST} on`
    fail('BAD_USER_INPUT', ['baseline'], `is ${baseline}; ${rule}.`)
  }
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

/** The difference that a plan is given, which leaves a rate one. */
function checkEffect({ minimumDetectableEffect: effect, ...input }: PlanPowerInput | PlanSampleSizeInput): number {
  const path = ['minimumDetectableEffect']
  if (effect === 0) fail('BAD_USER_INPUT', path, 'is 0; no sample finds an effect that is none.')
  if (!(Math.abs(effect) >= LEAST && Math.abs(effect) <= MOST)) {
    fail('BAD_USER_INPUT', path, `is ${effect}; its absolute value takes a number from ${LEAST} up to ${MOST}.`)
  }
  const treated = input.baseline + effect
  if (isOfRate(input) && !isOpenFraction(treated)) {
    const change = `takes the rate ${input.baseline} to ${treated}`
    fail('BAD_USER_INPUT', path, `of ${effect} ${change}; it stays between 0 and 1.`)
  }
  return effect
}

function isOpenFraction(value: number): boolean {
  return value > 0 && value < 1
}

function computable(outcome: number | NotComputable): number {
  if (isComputable(outcome)) return outcome
  throw new DomainError('NOT_PLANNABLE', outcome.message)
}
