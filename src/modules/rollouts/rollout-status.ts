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

/** Running or paused: units may be on the new version and it has not ended. */
export function isUnderWay(status: RolloutStatus): boolean {
  return status === 'RUNNING' || status === 'PAUSED'
}

export function hasEnded(status: RolloutStatus): boolean {
  return status === 'COMPLETED' || status === 'ROLLED_BACK'
}
