import type { ArmSummary } from './arm-summary.ts'

/** What a health check looks at. */
export type HealthSignal = 'ERROR_RATE' | 'LATENCY' | 'QUALITY' | 'METRIC'

/** What it holds it against: a fixed limit, or the units that are not on the new version yet, at the same time. */
export type HealthComparison = 'THRESHOLD' | 'CONTROL'

export type FailureAction = 'ROLL_BACK' | 'PAUSE'

/** Units on the new version, and those not on it yet. */
export type RolloutArm = 'TREATMENT' | 'CONTROL'

export interface HealthRule {
  signal: HealthSignal
  comparison: HealthComparison
  /** Which way is bad. */
  isHigherWorse: boolean
  /**
   * For THRESHOLD the worst value that is healthy, in the signal's unit; for CONTROL how much worse than the control is tolerated,
   * at least 0, in the same unit.
   */
  limit: number
  /** For LATENCY against a THRESHOLD: this share of requests, such as 0.95, must be within the limit; null: the mean. */
  quantile: number | null
  /** Requests, scores or units that each arm that is looked at needs before a stage may advance. */
  minimumSample: number
  onFailure: FailureAction
}

/** What is known for one check in the present window. */
export interface HealthData {
  treatment: ArmSummary | null
  /** Null where nothing was reported, and for checks that do not look at it. */
  control: ArmSummary | null
  /**
   * End of the newest sample of the signal, or the newest exposure; of two arms that are looked at, of the one that has been silent
   * for longer. Null: one of them has none.
   */
  newestAt: Date | null
}

export type CheckStatus =
  | 'PASSED'
  | 'FAILED'
  | 'NO_DATA'
  | 'STALE'
  | 'TOO_FEW_SAMPLES'
  | 'BEYOND_LIMIT'
  | 'NOT_APPLICABLE'

/** What a check says now, with all that it rests on. */
export interface CheckAssessment {
  status: CheckStatus
  /** One-sided error budget of this check in this window. */
  alpha: number
  treatmentSample: number
  controlSample: number
  /** Rate, mean or ratio of each arm; null where it does not exist. */
  treatmentEstimate: number | null
  controlEstimate: number | null
  /**
   * The best that the data leave possible: for THRESHOLD of the signal, for CONTROL of the difference treatment − control. The truth
   * is worse at all looks together with probability 1 − alpha; the check fails when this lies beyond the limit. Null: not yet known.
   */
  bound: number | null
  limit: number
}
