import { DomainError } from '../../shared/domain-error.ts'
import { ALL_BASIS_POINTS } from '../experiments/variant-weights.ts'
import { type RolloutStatus, type RolloutStep, statusesBefore } from './rollout-status.ts'

/** A share of units that gets the new version, and how long at least before the next one. */
export interface RampStage {
  shareBasisPoints: number
  minimumDurationSeconds: number
}

/** Where a rollout stands in its ramp. */
export interface RampState {
  status: RolloutStatus
  /** Place in the stages, from 0; null before the start and while the share was set by hand. */
  stageIndex: number | null
  /** Share of units on the new version now. */
  shareBasisPoints: number
  /** When the stage has lasted its minimum duration; null where no clock runs. */
  stageDueAt: Date | null
  /** Samples count in the window in which they were taken; each stage, resumption and share set by hand opens a new one. 0: none yet. */
  windowNumber: number
}

export interface Ramp extends RampState {
  /** Ascending shares; the last is everybody. */
  stages: readonly RampStage[]
  /** When a draft starts by itself; null: by hand. */
  startsAt: Date | null
}

export type RampAction =
  | 'STARTED'
  | 'STAGE_ENTERED'
  | 'STAGE_SKIPPED'
  | 'SHARE_SET'
  | 'PAUSED'
  | 'RESUMED'
  | 'COMPLETED'
  | 'ROLLED_BACK'

/** One step of the ramp: what happened and where it stands after. */
export interface RampChange {
  action: RampAction
  state: RampState
}

/** What the health checks of a running rollout say together. */
export interface HealthVerdict {
  /** HELD: nothing is shown to be wrong, but a check lacks samples or doubts. */
  status: 'PASSED' | 'HELD' | 'FAILED'
  /** What the failed checks ask for; null unless FAILED. */
  action: 'ROLL_BACK' | 'PAUSE' | null
}

export function startRamp(ramp: Ramp, now: Date): RampChange {
  assertStep(ramp, 'start')
  return { action: 'STARTED', state: enterStage(ramp, 0, now) }
}

/** Units keep what they have; nothing advances and no clock runs. */
export function pauseRamp(ramp: Ramp): RampChange {
  assertStep(ramp, 'pause')
  return { action: 'PAUSED', state: { ...stateOf(ramp), status: 'PAUSED', stageDueAt: null } }
}

/** The stage begins again: its full minimum duration, with fresh samples. */
export function resumeRamp(ramp: Ramp, now: Date): RampChange {
  assertStep(ramp, 'resume')
  const { stageIndex, windowNumber } = ramp
  const state: RampState =
    stageIndex === null
      ? { ...stateOf(ramp), status: 'RUNNING', windowNumber: windowNumber + 1 }
      : enterStage(ramp, stageIndex, now)
  return { action: 'RESUMED', state }
}

/** The share stays as set until somebody skips to the next stage above it; health checks go on watching. */
export function setShare(ramp: Ramp, shareBasisPoints: number): RampChange {
  assertStep(ramp, 'set the share of')
  const state = { ...stateOf(ramp), stageIndex: null, stageDueAt: null, shareBasisPoints }
  return { action: 'SHARE_SET', state: { ...state, windowNumber: ramp.windowNumber + 1 } }
}

/** On to the first stage with a larger share than now, whatever clock and checks say. */
export function skipStage(ramp: Ramp, now: Date): RampChange {
  assertStep(ramp, 'skip a stage of')
  const next = ramp.stages.findIndex((stage) => stage.shareBasisPoints > ramp.shareBasisPoints)
  if (next < 0) {
    throw new DomainError('INVALID_TRANSITION', 'The rollout has reached everybody; complete it instead.')
  }
  return { action: 'STAGE_SKIPPED', state: enterStage(ramp, next, now) }
}

/** Everybody gets the new version, for good. */
export function completeRamp(ramp: Ramp): RampChange {
  assertStep(ramp, 'complete')
  return { action: 'COMPLETED', state: ended(ramp, 'COMPLETED', ALL_BASIS_POINTS) }
}

/** Nobody gets the new version any more, from this moment on. */
export function rollBackRamp(ramp: Ramp): RampChange {
  assertStep(ramp, 'roll back')
  return { action: 'ROLLED_BACK', state: ended(ramp, 'ROLLED_BACK', 0) }
}

/**
 * The one step that the clock and the health checks ask for now, or null for none. A stage is entered at the moment it is entered,
 * not when it was due: after downtime the stages come one at a time, each for its full minimum duration with fresh samples.
 */
export function advanceRamp(ramp: Ramp, verdict: HealthVerdict, now: Date): RampChange | null {
  if (ramp.status === 'DRAFT') return ramp.startsAt && ramp.startsAt <= now ? startRamp(ramp, now) : null
  if (ramp.status !== 'RUNNING') return null
  if (verdict.status === 'FAILED') return verdict.action === 'PAUSE' ? pauseRamp(ramp) : rollBackRamp(ramp)
  if (ramp.stageIndex === null || ramp.stageDueAt === null || now < ramp.stageDueAt) return null
  if (verdict.status === 'HELD') return null
  const next = ramp.stageIndex + 1
  return next < ramp.stages.length
    ? { action: 'STAGE_ENTERED', state: enterStage(ramp, next, now) }
    : completeRamp(ramp)
}

function enterStage(ramp: Ramp, index: number, now: Date): RampState {
  const { shareBasisPoints, minimumDurationSeconds } = ramp.stages[index]!
  return {
    status: 'RUNNING',
    stageIndex: index,
    shareBasisPoints,
    stageDueAt: new Date(now.getTime() + minimumDurationSeconds * 1_000),
    windowNumber: ramp.windowNumber + 1,
  }
}

function ended(ramp: Ramp, status: RolloutStatus, shareBasisPoints: number): RampState {
  return { ...stateOf(ramp), status, shareBasisPoints, stageDueAt: null }
}

function stateOf({ status, stageIndex, shareBasisPoints, stageDueAt, windowNumber }: Ramp): RampState {
  return { status, stageIndex, shareBasisPoints, stageDueAt, windowNumber }
}

/** @throws DomainError INVALID_TRANSITION */
function assertStep({ status }: Ramp, step: RolloutStep): void {
  const before = statusesBefore(step)
  if (!before.includes(status)) {
    throw new DomainError(
      'INVALID_TRANSITION',
      `The rollout is ${status}; to ${step} it, it must be ${before.join(' or ')}.`,
    )
  }
}
