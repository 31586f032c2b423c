export type DecisionMethod = 'ALWAYS_VALID' | 'FIXED_HORIZON'

/** How an experiment is judged; frozen when it starts. */
export interface AnalysisPlan {
  /** Shape of this record, so that a stored plan can be read by a later engine. */
  planVersion: 1
  decisionMethod: DecisionMethod
  /** Two-sided significance level, 0 < alpha < 1; intervals have the level 1 − alpha. */
  alpha: number
  /** Exposed units that each variant needs before a verdict. */
  minimumSampleSize: number
  /** Units of all variants together that the experiment is planned for; tunes the confidence sequence. Null: 10,000. */
  plannedSampleSize: number | null
  /** Smallest absolute difference of the primary metric worth having, in its unit; null: any. */
  minimumDetectableEffect: number | null
}

export const DEFAULT_ANALYSIS_PLAN: AnalysisPlan = {
  planVersion: 1,
  decisionMethod: 'ALWAYS_VALID',
  alpha: 0.05,
  minimumSampleSize: 100,
  plannedSampleSize: null,
  minimumDetectableEffect: null,
}
