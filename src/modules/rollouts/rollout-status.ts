export type RolloutStatus = 'DRAFT' | 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'ROLLED_BACK'

/** What people do to a rollout; the system takes some of these steps too. */
export type RolloutStep =
  | 'start'
  | 'pause'
  | 'resume'
  | 'complete'
  | 'roll back'
  | 'skip a stage of'
  | 'set the share of'

const BEFORE: Record<RolloutStep, readonly RolloutStatus[]> = {
  start: ['DRAFT'],
  pause: ['RUNNING'],
  resume: ['PAUSED'],
  complete: ['RUNNING', 'PAUSED'],
  'roll back': ['RUNNING', 'PAUSED'],
  'skip a stage of': ['RUNNING'],
  'set the share of': ['RUNNING', 'PAUSED'],
}

/** Where a step may be taken from. */
export function statusesBefore(step: RolloutStep): readonly RolloutStatus[] {
  return BEFORE[step]
}
