import { combineStrata, type Difference, meanDifference, proportionDifference } from '../../statistics/comparison.ts'
import { cohensD, cohensH } from '../../statistics/effect-size.ts'
import { fixedHorizonTest } from '../../statistics/fixed-horizon-test.ts'
import type { Interval } from '../../statistics/interval.ts'
import { isComputable, NotComputable } from '../../statistics/not-computable.ts'
import { relativeLift } from '../../statistics/relative-lift.ts'
import type { ArmEstimate } from '../../statistics/sample-summary.ts'
import { confidenceSequence } from '../../statistics/sequential/confidence-sequence.ts'
import { type AnalysisPlan, DEFAULT_TUNING_SIZE } from '../experiments/analysis-plan.ts'
import type { MetricDefinition } from '../metrics/metric-definition.ts'
import { type ArmSums, addUp } from './arm-sums.ts'
import { estimateArm } from './estimate-arm.ts'

/** Conversions, and units without one, that each arm needs before a rate has a verdict: fewer break the normal approximation. */
const BURN_IN_CONVERSIONS = 25
/** Units that each arm needs before a mean or a ratio has a verdict. */
const BURN_IN_UNITS = 100

export type TestName = 'TWO_PROPORTION_Z' | 'WELCH_T' | 'DELTA_METHOD_Z'
export type EffectSizeName = 'COHENS_H' | 'COHENS_D'

/** One treatment against the control, on one metric. What cannot be computed is null; `notComputable` says why. */
export interface Comparison {
  isSignificant: boolean
  /** Why there is no verdict yet; null once there can be one. */
  waitsFor: 'MINIMUM_SAMPLE' | 'BURN_IN' | null
  difference: { estimate: number; interval: Interval } | null
  relativeLift: { estimate: number; interval: Interval | null } | null
  test: {
    name: TestName
    statistic: number
    degreesOfFreedom: number | null
    pValue: number
    adjustedPValue: number
    isSignificant: boolean
  } | null
  alwaysValid: { pValue: number; adjustedPValue: number; isSignificant: boolean; interval: Interval } | null
  effectSize: { name: EffectSizeName; value: number } | null
  notComputable: NotComputable | null
}

export interface ComparisonInput {
  definition: MetricDefinition
  plan: AnalysisPlan
  /** Treatments that are compared with the control; alpha is shared among them (Bonferroni). */
  comparisons: number
  isAdaptive: boolean
  /** By epoch. */
  control: ReadonlyMap<number, ArmSums>
  treatment: ReadonlyMap<number, ArmSums>
}

export function compareArms(input: ComparisonInput): Comparison {
  const { definition, plan, comparisons, isAdaptive } = input
  const difference = combinedDifference(input)
  const waitsFor = whatIsMissing(input)
  if (!isComputable(difference)) return nothing(difference, waitsFor)
  const alpha = plan.alpha / comparisons
  const fixed = fixedHorizonTest(difference, alpha)
  const sequence = confidenceSequence(difference, alpha, plan.plannedSampleSize ?? DEFAULT_TUNING_SIZE)
  if (!isComputable(fixed) || !isComputable(sequence)) {
    return nothing(isComputable(fixed) ? (sequence as NotComputable) : fixed, waitsFor)
  }
  const byFixed = plan.decisionMethod === 'FIXED_HORIZON' && !isAdaptive
  const adjusted = (pValue: number) => Math.min(1, pValue * comparisons)
  const test = {
    name: TEST_NAMES[definition.kind],
    statistic: fixed.statistic,
    degreesOfFreedom: Number.isFinite(fixed.degreesOfFreedom) ? fixed.degreesOfFreedom : null,
    pValue: fixed.pValue,
    adjustedPValue: adjusted(fixed.pValue),
    isSignificant: fixed.pValue <= alpha,
  }
  const alwaysValid = {
    pValue: sequence.pValue,
    adjustedPValue: adjusted(sequence.pValue),
    isSignificant: sequence.pValue <= alpha,
    interval: sequence.interval,
  }
  const decides = byFixed ? test.isSignificant : alwaysValid.isSignificant
  const lift = relativeLift(difference, byFixed ? fixed.criticalValue : sequence.criticalValue, alpha)
  return {
    isSignificant: waitsFor === null && decides,
    waitsFor,
    difference: { estimate: difference.estimate, interval: isAdaptive ? sequence.interval : fixed.interval },
    relativeLift: isComputable(lift)
      ? { estimate: lift.estimate, interval: isComputable(lift.interval) ? lift.interval : null }
      : null,
    test: isAdaptive ? null : test,
    alwaysValid,
    effectSize: isAdaptive ? null : effectSizeOf(input),
    notComputable: isAdaptive
      ? new NotComputable('ADAPTIVE_ALLOCATION')
      : isComputable(lift)
        ? isComputable(lift.interval)
          ? null
          : lift.interval
        : lift,
  }
}

const TEST_NAMES: Record<MetricDefinition['kind'], TestName> = {
  PROPORTION: 'TWO_PROPORTION_Z',
  MEAN: 'WELCH_T',
  COUNT: 'WELCH_T',
  RATIO: 'DELTA_METHOD_Z',
}

function nothing(notComputable: NotComputable, waitsFor: Comparison['waitsFor']): Comparison {
  return {
    isSignificant: false,
    waitsFor,
    difference: null,
    relativeLift: null,
    test: null,
    alwaysValid: null,
    effectSize: null,
    notComputable,
  }
}

/** Epoch by epoch, then combined. An epoch in which an arm is too small to compare says nothing and is left out. */
function combinedDifference({
  definition,
  isAdaptive,
  control,
  treatment,
}: ComparisonInput): Difference | NotComputable {
  const differences: Difference[] = []
  let reason = new NotComputable('NO_UNITS')
  for (const [epoch, sums] of treatment) {
    const other = control.get(epoch)
    if (!other) continue
    const c = estimateArm(definition, other, isAdaptive)
    const t = estimateArm(definition, sums, isAdaptive)
    if (!isComputable(c)) reason = c
    else if (!isComputable(t)) reason = t
    else differences.push(differenceOf(definition, c, t, isAdaptive))
  }
  return differences.length > 0 ? combineStrata(differences) : reason
}

function differenceOf(
  { kind }: MetricDefinition,
  control: ArmEstimate,
  treatment: ArmEstimate,
  isAdaptive: boolean,
): Difference {
  if (kind === 'PROPORTION' && !isAdaptive) return proportionDifference(control, treatment)
  const difference = meanDifference(control, treatment)
  return kind === 'RATIO' || isAdaptive ? { ...difference, degreesOfFreedom: Number.POSITIVE_INFINITY } : difference
}

function whatIsMissing({ definition, plan, control, treatment }: ComparisonInput): Comparison['waitsFor'] {
  const arms = [addUp(control.values()), addUp(treatment.values())]
  if (arms.some(({ units }) => units < plan.minimumSampleSize)) return 'MINIMUM_SAMPLE'
  const isWarm = ({ units, x }: ArmSums) =>
    definition.kind === 'PROPORTION'
      ? x >= BURN_IN_CONVERSIONS && units - x >= BURN_IN_CONVERSIONS
      : units >= BURN_IN_UNITS
  return arms.every(isWarm) ? null : 'BURN_IN'
}

/** Of the arms as a whole. A ratio has none: its units have no common spread. */
function effectSizeOf({ definition, control, treatment }: ComparisonInput): Comparison['effectSize'] {
  if (definition.kind === 'RATIO') return null
  const c = estimateArm(definition, addUp(control.values()), false)
  const t = estimateArm(definition, addUp(treatment.values()), false)
  if (!isComputable(c) || !isComputable(t)) return null
  if (definition.kind === 'PROPORTION') return { name: 'COHENS_H', value: cohensH(c, t) }
  const value = cohensD(c, t)
  return value === null ? null : { name: 'COHENS_D', value }
}
