export type ExperimentStatus = 'DRAFT' | 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'CANCELLED'
export type ExperimentStep = 'start' | 'pause' | 'resume' | 'complete' | 'cancel'

const STEPS: Record<ExperimentStep, { from: readonly ExperimentStatus[]; to: ExperimentStatus }> = {
  start: { from: ['DRAFT'], to: 'RUNNING' },
  pause: { from: ['RUNNING'], to: 'PAUSED' },
  resume: { from: ['PAUSED'], to: 'RUNNING' },
  complete: { from: ['RUNNING', 'PAUSED'], to: 'COMPLETED' },
  cancel: { from: ['DRAFT', 'RUNNING', 'PAUSED'], to: 'CANCELLED' },
}

/** The status after a step, or null where the state machine has no such arrow. */
export function statusAfter(step: ExperimentStep, from: ExperimentStatus): ExperimentStatus | null {
  return STEPS[step].from.includes(from) ? STEPS[step].to : null
}

/** The step that leads from one status to another; null where they are the same. */
export function stepBetween(from: ExperimentStatus, to: ExperimentStatus): ExperimentStep | null {
  if (from === to) return null
  const steps = Object.keys(STEPS) as ExperimentStep[]
  return steps.find((step) => statusAfter(step, from) === to) ?? null
}

/** Where a step may be taken from. */
export function statusesBefore(step: ExperimentStep): readonly ExperimentStatus[] {
  return STEPS[step].from
}

/** Running or paused: units have met it and it has no result yet. */
export function isLive(status: ExperimentStatus): boolean {
  return status === 'RUNNING' || status === 'PAUSED'
}

export function hasEnded(status: ExperimentStatus): boolean {
  return status === 'COMPLETED' || status === 'CANCELLED'
}
