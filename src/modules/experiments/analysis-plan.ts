import type { Correction } from '../../statistics/multiplicity/multiple-testing.ts'
import type { Dimension } from './dimensions.ts'
import type { MetricRole } from './experiment.enums.ts'

export type DecisionMethod = 'ALWAYS_VALID' | 'FIXED_HORIZON' | 'GROUP_SEQUENTIAL' | 'BAYESIAN'

/** How a group-sequential test spends its error budget as information arrives. */
export type SpendingFunction = 'OBRIEN_FLEMING' | 'POCOCK' | 'QUADRATIC'

/** Which comparisons are corrected for together. */
export type CorrectionScope = 'VARIANTS' | 'ROLE'

/** How an experiment is judged; frozen when it starts. */
export interface AnalysisPlan {
  /** Shape of this record, so that a stored plan can be read by a later engine. */
  planVersion: 2
  decisionMethod: DecisionMethod
  /** Two-sided error budget of the primary metrics, 0 < alpha < 1; intervals have the level 1 − alpha. */
  alpha: number
  /** Budgets of the other roles; null: that of the primary metrics. */
  secondaryAlpha: number | null
  guardrailAlpha: number | null
  /** Chance to find the minimum detectable effect that planning aims at. */
  power: number
  correction: Correction
  correctionScope: CorrectionScope
  /** Exposed units that each variant needs before a verdict. */
  minimumSampleSize: number
  /** Units of all variants together that the experiment is planned for; tunes the confidence sequence. Null: 10,000. */
  plannedSampleSize: number | null
  /** Units of all variants together beyond which nobody will look again; only a group-sequential test needs it. */
  maximumSampleSize: number | null
  spending: SpendingFunction
  /** Looks of a group-sequential test, evenly spread over the maximum sample. */
  looks: number
  /** Smallest absolute difference of the primary metric worth having, in its unit; null: any. */
  minimumDetectableEffect: number | null
  /** What is believed of the relative lift before the data, as a normal distribution; null: nothing. */
  prior: { mean: number; standardDeviation: number } | null
  /** By which results can be grouped. */
  dimensions: readonly Dimension[]
  /** Key of the dimension within whose values rates and means are compared, then averaged; null: over all units at once. */
  stratifyBy: string | null
}

export const DEFAULT_ANALYSIS_PLAN: AnalysisPlan = {
  planVersion: 2,
  decisionMethod: 'ALWAYS_VALID',
  alpha: 0.05,
  secondaryAlpha: null,
  guardrailAlpha: null,
  power: 0.8,
  correction: 'BONFERRONI',
  correctionScope: 'VARIANTS',
  minimumSampleSize: 100,
  plannedSampleSize: null,
  maximumSampleSize: null,
  spending: 'OBRIEN_FLEMING',
  looks: 50,
  minimumDetectableEffect: null,
  prior: null,
  dimensions: [],
  stratifyBy: null,
}

/** Sample size that the confidence sequence is tuned to where none is planned. */
export const DEFAULT_TUNING_SIZE = 10_000

/** N*: the sample that the confidence sequence is narrowest at. */
export function tuningSizeOf({ plannedSampleSize, maximumSampleSize }: AnalysisPlan): number {
  return plannedSampleSize ?? maximumSampleSize ?? DEFAULT_TUNING_SIZE
}

/** The error budget of a role. */
export function alphaOf({ alpha, secondaryAlpha, guardrailAlpha }: AnalysisPlan, role: MetricRole): number {
  if (role === 'SECONDARY') return secondaryAlpha ?? alpha
  return role === 'GUARDRAIL' ? (guardrailAlpha ?? alpha) : alpha
}
