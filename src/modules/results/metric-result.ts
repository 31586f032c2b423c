import { addChiSquares } from '../../statistics/chi-square-test.ts'
import { independenceTest } from '../../statistics/independence-test.ts'
import type { Interval } from '../../statistics/interval.ts'
import { meanInterval } from '../../statistics/mean-interval.ts'
import type { Correction } from '../../statistics/multiplicity/multiple-testing.ts'
import { isComputable } from '../../statistics/not-computable.ts'
import { wilsonInterval } from '../../statistics/proportions/wilson-interval.ts'
import type { Aggregates, SeriesCell, SliceCells } from '../ingestion/aggregates.read-model.ts'
import { isRate, type MetricDefinition } from '../metrics/metric-definition.ts'
import { addUp, armSumsByEpoch } from './arm-sums.ts'
import { chancesByVariant } from './chance-to-be-best.ts'
import { type Comparison, compareArms } from './comparison.ts'
import { type ArmByEpoch, comparedArms, measureDifference } from './difference.ts'
import { estimateArm, meanOf } from './estimate-arm.ts'
import { type Family, shareOf } from './families.ts'
import type { StoredLook } from './group-sequential-looks.ts'
import {
  controlOf,
  isFinished,
  pairShareOf,
  type ResultSubject,
  type SubjectMetric,
  type SubjectVariant,
  treatmentsOf,
} from './result-subject.ts'

export interface VariantResult {
  variant: SubjectVariant
  units: number
  total: number
  denominatorTotal: number | null
  mean: number | null
  interval: Interval | null
  /** In the direction of the metric, of all variants with units; null while it cannot be told. */
  chanceToBeBest: number | null
}

export interface OverallTest {
  statistic: number
  degreesOfFreedom: number
  pValue: number
  cramersV: number
}

export interface MetricResult {
  metric: SubjectMetric['metric']
  role: SubjectMetric['role']
  definition: MetricDefinition
  variants: VariantResult[]
  comparisons: Array<Comparison & { variant: SubjectVariant }>
  /** What its comparisons are corrected for together with. */
  multipleTesting: { correction: Correction; comparisons: number; alpha: number; alphaPerComparison: number }
  overall: OverallTest | null
  series: Array<Omit<SeriesCell, 'variantId'> & { variant: SubjectVariant }>
}

/**
 * One metric of an experiment: its variants, each treatment against the control, and all of them together; verdicts are still open.
 * @param countedUnits - of all variants together that count for it, which are held against the sample of the plan
 */
export function metricResult(
  subject: ResultSubject,
  metric: SubjectMetric,
  aggregates: Aggregates,
  { family, countedUnits, looks }: { family: Family; countedUnits: number; looks: readonly StoredLook[] },
): MetricResult {
  const { definition, role } = metric
  const { analysis: plan } = subject
  const alpha = shareOf(family, plan)
  const metricId = metric.metric.id
  const isAdaptive = subject.algorithm === 'THOMPSON'
  const armsOf = (cells: SliceCells) =>
    new Map(subject.variants.map((variant) => [variant.id, armSumsByEpoch(cells, metric, variant.id)]))
  const arms = armsOf(aggregates)
  const strata = aggregates.strata.map(armsOf)
  const control = controlOf(subject)
  const isOneEpoch = new Set([...arms.values()].flatMap((arm) => [...arm.keys()])).size === 1
  const contenders = treatmentsOf(subject).map((variant) => {
    const pair = comparedArms({
      control: arms.get(control.id)!,
      treatment: arms.get(variant.id)!,
      strata: strata.map((each) => ({ control: each.get(control.id)!, treatment: each.get(variant.id)! })),
      isOneEpoch,
    })
    const measured = measureDifference(definition, pair, isAdaptive)
    const comparison = compareArms({
      metricId,
      variantId: variant.id,
      definition,
      plan,
      alpha,
      isAdaptive,
      arms: pair,
      measured,
      margin: metric.margin,
      pairShare: pairShareOf(subject, variant),
      isReweighted: subject.epochs.length > 1,
      isFinished: isFinished(subject, countedUnits),
      countedUnits,
      looks: looks.filter((look) => look.metricId === metricId && look.variantId === variant.id),
    })
    const hasUnits = arms.get(variant.id)!.size > 0
    return { variant, variantId: variant.id, hasUnits, arms: pair, measured, comparison, bayesian: comparison.bayesian }
  })
  const chances = chancesByVariant(definition, plan, control.id, contenders, isAdaptive)
  return {
    metric: metric.metric,
    role,
    definition,
    variants: subject.variants.map((variant) => ({
      ...variantResult(variant, definition, addUp(arms.get(variant.id)!.values()), plan.alpha, isAdaptive),
      chanceToBeBest: chances.get(variant.id) ?? null,
    })),
    comparisons: contenders.map(({ variant, comparison }) => ({ variant, ...comparison })),
    multipleTesting: {
      correction: plan.correction,
      comparisons: family.size,
      alpha: family.alpha,
      alphaPerComparison: alpha,
    },
    overall: isRate(definition.kind) && !isAdaptive ? overallTest([...arms.values()]) : null,
    series: aggregates.series.flatMap(({ variantId, ...point }) => {
      const variant = subject.variants.find(({ id }) => id === variantId)
      return variant && point.metricId === metric.metric.id ? [{ ...point, variant }] : []
    }),
  }
}

function variantResult(
  variant: SubjectVariant,
  definition: MetricDefinition,
  sums: ReturnType<typeof addUp>,
  alpha: number,
  isAdaptive: boolean,
): Omit<VariantResult, 'chanceToBeBest'> {
  const estimate = estimateArm(definition, sums, isAdaptive)
  const shown = { variant, units: sums.units, total: sums.x }
  const denominatorTotal = definition.kind === 'RATIO' ? sums.y : null
  // One unit has a mean, but says nothing of its spread.
  if (!isComputable(estimate)) {
    return { ...shown, denominatorTotal, mean: meanOf(definition, sums, isAdaptive), interval: null }
  }
  const isPlainRate = isRate(definition.kind) && !isAdaptive
  const interval = isPlainRate
    ? wilsonInterval(estimate, alpha)
    : estimate.units > 1
      ? meanInterval(estimate, alpha)
      : null
  return { ...shown, denominatorTotal, mean: estimate.mean, interval }
}

/** Chi-square by epoch, added up: a shift of the weights between epochs cannot pass for a difference of the variants. */
function overallTest(arms: readonly ArmByEpoch[]): OverallTest | null {
  const epochs = [...new Set(arms.flatMap((arm) => [...arm.keys()]))]
  const tests = epochs
    .map((epoch) => independenceTest(arms.map((arm) => armCounts(arm.get(epoch)))))
    .filter((test) => isComputable(test))
  if (tests.length === 0) return null
  const units = arms.reduce((sum, arm) => sum + addUp(arm.values()).units, 0)
  const { statistic, degreesOfFreedom, pValue } = addChiSquares(tests)
  return { statistic, degreesOfFreedom, pValue, cramersV: Math.sqrt(statistic / units) }
}

function armCounts(sums: { units: number; x: number } | undefined): { units: number; conversions: number } {
  return { units: sums?.units ?? 0, conversions: sums?.x ?? 0 }
}
