import { cohensD } from '../../statistics/cohens-d.ts'
import { type Difference, effectiveUnits, nullStandardErrorOf } from '../../statistics/comparison.ts'
import { fixedHorizonTest } from '../../statistics/fixed-horizon-test.ts'
import type { Interval } from '../../statistics/interval.ts'
import { isComputable, NotComputable } from '../../statistics/not-computable.ts'
import { cohensH } from '../../statistics/proportions/cohens-h.ts'
import { type RelativeLift, relativeLift } from '../../statistics/relative-lift.ts'
import { isMeanPastBurnIn, isQuantilePastBurnIn, isRatePastBurnIn } from '../../statistics/sequential/burn-in.ts'
import { confidenceSequence } from '../../statistics/sequential/confidence-sequence.ts'
import { type AnalysisPlan, tuningSizeOf } from '../experiments/analysis-plan.ts'
import type { NonInferiorityMargin } from '../experiments/non-inferiority-margin.ts'
import { isRate, type MetricDefinition } from '../metrics/metric-definition.ts'
import { type ArmSums, addUp } from './arm-sums.ts'
import { type BayesianComparison, bayesianComparison } from './bayesian.ts'
import type { Arms, CupedEffect, Measured } from './difference.ts'
import { estimateArm } from './estimate-arm.ts'
import {
  dueLook,
  liftOfVerdict,
  type SequentialVerdict,
  type StoredLook,
  sequentialVerdict,
} from './group-sequential-looks.ts'
import { type NonInferiority, nonInferiorityOf } from './non-inferiority.ts'
import { decidingMethod } from './result-subject.ts'

export type TestName = 'TWO_PROPORTION_Z' | 'WELCH_T' | 'DELTA_METHOD_Z' | 'QUANTILE_Z'
export type EffectSizeName = 'COHENS_H' | 'COHENS_D'

/** One treatment against the control, on one metric. What cannot be computed is null; `notComputable` says why. */
export interface Comparison {
  isSignificant: boolean
  /** Why there is no verdict yet; null once there can be one. */
  waitsFor: 'MINIMUM_SAMPLE' | 'BURN_IN' | null
  difference: { estimate: number; interval: Interval } | null
  /** The difference that the verdict speaks of: at the look that gave it, or as it is believed to be; in the metric's unit. */
  verdictDifference: number | null
  relativeLift: {
    estimate: number
    interval: Interval | null
    /** Share of the maximum sample at the look that the lift is of; null for what is seen now. */
    informationFraction: number | null
  } | null
  test: {
    name: TestName
    statistic: number
    degreesOfFreedom: number | null
    pValue: number
    adjustedPValue: number
    isSignificant: boolean
  } | null
  alwaysValid: {
    pValue: number
    adjustedPValue: number
    logEValue: number
    isSignificant: boolean
    interval: Interval
  } | null
  sequential: SequentialVerdict | null
  bayesian: BayesianComparison | null
  cuped: CupedEffect | null
  effectSize: { name: EffectSizeName; value: number } | null
  /** Null without a margin. */
  nonInferiority: NonInferiority | null
  notComputable: NotComputable | null
  /** A look that this comparison has reached and that is not stored yet. */
  dueLook: StoredLook | null
}

export interface ComparisonInput {
  metricId: number
  variantId: number
  definition: MetricDefinition
  plan: AnalysisPlan
  /** This comparison's share of its error budget. */
  alpha: number
  isAdaptive: boolean
  arms: Arms
  /** Their difference. */
  measured: Measured | NotComputable
  /** Null: nothing is said about how much worse the treatment may be. */
  margin: NonInferiorityMargin | null
  /** What a sample of the plan holds of both arms. */
  pairShare: number
  /** Whether the allocation has ever changed. */
  isReweighted: boolean
  /** Whether the one look that a classical test is right at has come. */
  isFinished: boolean
  /** Units of all variants together that count for the metric. */
  countedUnits: number
  /** Looks at this comparison so far, in order. */
  looks: readonly StoredLook[]
}

export function compareArms(input: ComparisonInput): Comparison {
  const { definition, plan, alpha, isAdaptive, arms, measured } = input
  const missing = whatIsMissing(input)
  const nonInferiority = marginVerdict(input, missing, isComputable(measured) ? measured.difference : measured)
  const { sequential, due, liftAtLook } = lookAt(input, missing === null && isComputable(measured) ? measured : null)
  // A verdict that a look has given stands, whatever has become of the data since.
  const waitsFor = sequential?.isSignificant ? null : missing
  const nothing = (notComputable: NotComputable) => ({
    ...NOTHING,
    verdictDifference: sequential?.verdictDifference ?? null,
    relativeLift: liftAtLook && isComputable(liftAtLook.lift) ? shownLift(liftAtLook.lift, liftAtLook) : null,
    waitsFor,
    sequential,
    nonInferiority,
    notComputable,
    dueLook: due,
  })
  if (!isComputable(measured)) return nothing(measured)
  const { difference, cuped } = measured
  const fixed = fixedHorizonTest(difference, alpha)
  const sequence = confidenceSequence(difference, alpha, tuningSizeFor(input))
  if (!isComputable(fixed)) return nothing(fixed)
  if (!isComputable(sequence)) return nothing(sequence)
  const method = decidingMethod(plan, isAdaptive)
  const criticalValue = {
    ALWAYS_VALID: sequence.criticalValue,
    FIXED_HORIZON: fixed.criticalValue,
    BAYESIAN: fixed.criticalValue,
    // Before the first look only the confidence sequence covers what is seen now.
    GROUP_SEQUENTIAL: sequence.criticalValue,
  }[method]
  const bayesian = bayesianComparison(definition, plan, difference, arms, { alpha, isAdaptive })
  const lift = liftAtLook ? liftAtLook.lift : relativeLift(difference, criticalValue, alpha)
  const reason = isComputable(lift) ? (isComputable(lift.interval) ? null : lift.interval) : lift
  return {
    isSignificant: false,
    waitsFor,
    difference: { estimate: difference.estimate, interval: isAdaptive ? sequence.interval : fixed.interval },
    verdictDifference:
      sequential?.verdictDifference ?? (method === 'BAYESIAN' ? bayesian.expected : difference.estimate),
    relativeLift: isComputable(lift) ? shownLift(lift, liftAtLook) : null,
    test: isAdaptive
      ? null
      : {
          name: TEST_NAMES[definition.kind],
          statistic: fixed.statistic,
          degreesOfFreedom: Number.isFinite(fixed.degreesOfFreedom) ? fixed.degreesOfFreedom : null,
          pValue: fixed.pValue,
          adjustedPValue: fixed.pValue,
          isSignificant: false,
        },
    alwaysValid: {
      pValue: sequence.pValue,
      adjustedPValue: sequence.pValue,
      logEValue: sequence.logEValue,
      isSignificant: false,
      interval: sequence.interval,
    },
    sequential,
    bayesian,
    cuped,
    effectSize: isAdaptive ? null : effectSizeOf(definition, arms),
    nonInferiority,
    notComputable: isAdaptive ? new NotComputable('ADAPTIVE_ALLOCATION') : reason,
    dueLook: due,
  }
}

function shownLift(
  { estimate, interval }: RelativeLift,
  look: { informationFraction: number } | null,
): NonNullable<Comparison['relativeLift']> {
  return {
    estimate,
    interval: isComputable(interval) ? interval : null,
    informationFraction: look?.informationFraction ?? null,
  }
}

const TEST_NAMES: Record<MetricDefinition['kind'], TestName> = {
  PROPORTION: 'TWO_PROPORTION_Z',
  RETENTION: 'TWO_PROPORTION_Z',
  MEAN: 'WELCH_T',
  COUNT: 'WELCH_T',
  RATIO: 'DELTA_METHOD_Z',
  QUANTILE: 'QUANTILE_Z',
}

/** N* of the confidence sequence, in units of both arms. */
function tuningSizeFor({ plan, pairShare }: ComparisonInput): number {
  return tuningSizeOf(plan) * pairShare
}

function marginVerdict(
  input: ComparisonInput,
  waitsFor: Comparison['waitsFor'],
  difference: Difference | NotComputable,
): NonInferiority | null {
  const { margin, definition, plan, isFinished, alpha, isAdaptive } = input
  if (!margin) return null
  const { direction } = definition
  const method = decidingMethod(plan, isAdaptive)
  const tuningSize = tuningSizeFor(input)
  const question = { margin, direction, tuningSize, decidingMethod: method, isFinished, alpha, waitsFor }
  return nonInferiorityOf(question, difference)
}

const NOTHING: Comparison = {
  isSignificant: false,
  waitsFor: null,
  difference: null,
  verdictDifference: null,
  relativeLift: null,
  test: null,
  alwaysValid: null,
  sequential: null,
  bayesian: null,
  cuped: null,
  effectSize: null,
  nonInferiority: null,
  notComputable: null,
  dueLook: null,
}

/** @param measured - null while there can be no look */
function lookAt(
  { plan, metricId, variantId, countedUnits, pairShare, isReweighted, looks, alpha, isAdaptive }: ComparisonInput,
  measured: Measured | null,
): { sequential: SequentialVerdict | null; due: StoredLook | null; liftAtLook: ReturnType<typeof liftOfVerdict> } {
  if (plan.decisionMethod !== 'GROUP_SEQUENTIAL' || isAdaptive) return { sequential: null, due: null, liftAtLook: null }
  const difference = measured && nullStandardErrorOf(measured.difference) > 0 ? measured.difference : null
  const information = isReweighted && difference ? difference.units / (plan.maximumSampleSize! * pairShare) : null
  const due = difference && dueLook(plan, looks, { metricId, variantId }, countedUnits, information, difference, alpha)
  const taken = due ? [...looks, due] : looks
  return { sequential: sequentialVerdict(plan, taken, alpha), due, liftAtLook: liftOfVerdict(plan, taken, alpha) }
}

function whatIsMissing({ definition, plan, arms }: ComparisonInput): Comparison['waitsFor'] {
  const both = [addUp(arms.control.values()), addUp(arms.treatment.values())]
  if (both.some(({ units }) => units < plan.minimumSampleSize)) return 'MINIMUM_SAMPLE'
  return both.every((sums) => isPastBurnIn(definition, sums)) ? null : 'BURN_IN'
}

function isPastBurnIn({ kind, quantile }: MetricDefinition, { units, x }: ArmSums): boolean {
  if (isRate(kind)) return isRatePastBurnIn({ units, conversions: x })
  return isMeanPastBurnIn(units) && (kind !== 'QUANTILE' || isQuantilePastBurnIn(x, quantile!))
}

/**
 * By epoch, then averaged as the difference is: the weights of the variants may shift together with the mood of
 * the units, which is no effect. A ratio has none, nor a quantile: their units have no common spread.
 */
function effectSizeOf(definition: MetricDefinition, { control, treatment }: Arms): Comparison['effectSize'] {
  if (definition.kind === 'RATIO' || definition.kind === 'QUANTILE') return null
  const isProportion = isRate(definition.kind)
  let weights = 0
  let sum = 0
  for (const [epoch, sums] of treatment) {
    const other = control.get(epoch)
    const c = other && estimateArm(definition, other, false)
    const t = estimateArm(definition, sums, false)
    if (!c || !isComputable(c) || !isComputable(t)) continue
    const value = isProportion ? cohensH(c, t) : cohensD(c, t)
    if (!isComputable(value)) continue
    const weight = effectiveUnits(c.units, t.units)
    weights += weight
    sum += value * weight
  }
  return weights > 0 ? { name: isProportion ? 'COHENS_H' : 'COHENS_D', value: sum / weights } : null
}
