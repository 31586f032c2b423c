export type OnVerdict = 'NOTHING' | 'PAUSE' | 'COMPLETE'

/** What an experiment does by itself, beside its scheduled start and end. */
export interface ExperimentAutomation {
  /** What happens when the deciding method has reached its verdict. */
  onVerdict: OnVerdict
  /** How long it runs at least before a verdict makes anything happen, in hours. */
  minimumRunHours: number
  /** Whether a rollout is drafted for a winning treatment. */
  promotesWinner: boolean
  /** Whether a guardrail pauses it on which a treatment is shown to be worse than the margin. */
  pausesForGuardrails: boolean
  /** Hours after the start without data that raise an alert; null: never. */
  noDataHours: number | null
}

export const DEFAULT_AUTOMATION: ExperimentAutomation = {
  onVerdict: 'NOTHING',
  minimumRunHours: 168,
  promotesWinner: false,
  pausesForGuardrails: true,
  noDataHours: 24,
}
