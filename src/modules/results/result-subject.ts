import type { AnalysisPlan } from '../experiments/analysis-plan.ts'
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

/** Whether it has run its course: it has ended, or has the units that it was planned for. */
export function isFinished({ analysis, status }: ResultSubject, exposedUnits: number): boolean {
  if (status === 'COMPLETED' || status === 'CANCELLED') return true
  return analysis.plannedSampleSize !== null && exposedUnits >= analysis.plannedSampleSize
}
