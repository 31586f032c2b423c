import type { AnalysisPlan, DecisionMethod } from '../experiments/analysis-plan.ts'
import type { AssignmentAlgorithm, MetricRole } from '../experiments/experiment.enums.ts'
import type { ExperimentStatus } from '../experiments/experiment-status.ts'
import type { NonInferiorityMargin } from '../experiments/non-inferiority-margin.ts'
import type { MetricDefinition } from '../metrics/metric-definition.ts'

export interface SubjectVariant {
  id: number
  key: string
  isControl: boolean
}

export interface SubjectMetric {
  metric: { id: number; key: string }
  role: MetricRole
  /** How much worse a treatment may be on it; null: nothing is said about it. */
  margin: NonInferiorityMargin | null
  /** The version that the experiment keeps. */
  definition: MetricDefinition
}

/** All of a started experiment that its results depend on, next to its aggregates. */
export interface ResultSubject<
  Variant extends SubjectVariant = SubjectVariant,
  Metric extends SubjectMetric['metric'] = SubjectMetric['metric'],
> {
  id: number
  key: string
  status: ExperimentStatus
  algorithm: AssignmentAlgorithm
  analysis: AnalysisPlan
  /** In their order; exactly one is the control. */
  variants: readonly Variant[]
  /** In their order. */
  metrics: ReadonlyArray<SubjectMetric & { metric: Metric }>
  epochs: ReadonlyArray<{ number: number; weights: ReadonlyMap<number, number> }>
}

export function controlOf<Variant extends SubjectVariant>(subject: ResultSubject<Variant>): Variant {
  return subject.variants.find((variant) => variant.isControl)!
}

export function treatmentsOf<Variant extends SubjectVariant>(subject: ResultSubject<Variant>): Variant[] {
  return subject.variants.filter((variant) => !variant.isControl)
}

/** The method that decides: where the allocation adapts, only the confidence sequence holds. */
export function decidingMethod({ decisionMethod }: AnalysisPlan, isAdaptive: boolean): DecisionMethod {
  return isAdaptive ? 'ALWAYS_VALID' : decisionMethod
}

/** Units of all variants together after which no verdict is to be expected any more; null: never. */
function fullSampleOf({ analysis, algorithm }: ResultSubject): number | null {
  const { plannedSampleSize, maximumSampleSize } = analysis
  const method = decidingMethod(analysis, algorithm === 'THOMPSON')
  return method === 'GROUP_SEQUENTIAL' ? maximumSampleSize : plannedSampleSize
}

/**
 * Whether it has run its course: it has ended, or has its full sample.
 * @param countedUnits - those that count for the metric that is judged
 */
export function isFinished(subject: ResultSubject, countedUnits: number): boolean {
  if (subject.status === 'COMPLETED' || subject.status === 'CANCELLED') return true
  const full = fullSampleOf(subject)
  return full !== null && countedUnits >= full
}

/** What a sample of the plan holds of a treatment and the control, by the weights at the start, which nothing that is seen later changes. */
export function pairShareOf(subject: ResultSubject, treatment: SubjectVariant): number {
  const weightOf = ({ id }: SubjectVariant) => subject.epochs[0]?.weights.get(id) ?? 0
  const both = weightOf(controlOf(subject)) + weightOf(treatment)
  const all = subject.variants.reduce((sum, variant) => sum + weightOf(variant), 0)
  return both > 0 ? both / all : 1
}
