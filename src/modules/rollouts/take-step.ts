import type { EntityManager } from '@mikro-orm/postgresql'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { DomainEvent } from '../../shared/domain-events.ts'
import type { RecordEvent } from '../../shared/unit-of-work.ts'
import { indexExperiment } from '../ingestion/attribution-index.ts'
import { endAttribution } from '../ingestion/withdraw.ts'
import { findVersions } from '../metrics/find-versions.ts'
import { freezeChecks } from './freeze-checks.ts'
import type { Ramp, RampAction, RampChange } from './ramp-schedule.ts'
import type { Rollout } from './rollout.entity.ts'
import type { RolloutEvidence } from './rollout-evidence.ts'
import { hasEnded } from './rollout-status.ts'
import { RolloutTransition } from './rollout-transition.entity.ts'
import { RolloutWindow } from './rollout-window.entity.ts'

const EVENTS: Record<RampAction, DomainEvent['type']> = {
  STARTED: 'RolloutStarted',
  STAGE_ENTERED: 'RolloutStageEntered',
  STAGE_SKIPPED: 'RolloutStageEntered',
  SHARE_SET: 'RolloutStageEntered',
  PAUSED: 'RolloutPaused',
  RESUMED: 'RolloutResumed',
  COMPLETED: 'RolloutCompleted',
  ROLLED_BACK: 'RolloutRolledBack',
}

export interface StepReason {
  at: Date
  /** In words. */
  cause: string
  /** Null for steps by hand. */
  evidence: RolloutEvidence | null
}

/** What the pure rules of the ramp look at. */
export function rampOf(rollout: Rollout): Ramp {
  const { status, stages, shareBasisPoints, windowNumber } = rollout
  return {
    status,
    stages,
    shareBasisPoints,
    windowNumber,
    startsAt: rollout.startsAt ?? null,
    stageIndex: rollout.stageIndex ?? null,
    stageDueAt: rollout.stageDueAt ?? null,
  }
}

/** Carries a step out: the state, the window in which samples add up, the entry in its history and the domain event. Under a lock. */
export async function takeStep(
  em: EntityManager,
  record: RecordEvent,
  rollout: Rollout,
  { action, state }: RampChange,
  { at, cause, evidence }: StepReason,
): Promise<void> {
  const shareBefore = rollout.shareBasisPoints
  if (action === 'STARTED') {
    rollout.startedAt = at
    await freezeChecks(em, rollout)
  }
  const opensWindow = state.windowNumber !== rollout.windowNumber
  if (opensWindow || hasEnded(state.status)) await closeWindow(em, rollout, at)
  Object.assign(rollout, state)
  if (opensWindow) await openWindow(em, rollout, at)
  if (hasEnded(state.status)) {
    rollout.endedAt = at
    await em.execute('delete from rollout_sample_key where organization_id = ? and rollout_id = ?', [
      rollout.organizationId,
      rollout.id,
    ])
  }
  const [last] = await em.find(RolloutTransition, { rollout: rollout.id }, { orderBy: { number: 'desc' }, limit: 1 })
  em.create(RolloutTransition, {
    organizationId: rollout.organizationId,
    rollout,
    number: (last?.number ?? 0) + 1,
    action,
    at,
    cause,
    shareBefore,
    shareAfter: state.shareBasisPoints,
    evidence,
  })
  await em.flush()
  record({ type: EVENTS[action], organizationId: rollout.organizationId, subjectId: rollout.id })
}

async function closeWindow(em: EntityManager, rollout: Rollout, at: Date): Promise<void> {
  const open = await em.findOne(RolloutWindow, { rollout: rollout.id, endedAt: null })
  if (!open) return
  open.endedAt = at
  if (open.attributionId != null) {
    await endAttribution(em, { organizationId: rollout.organizationId, id: open.attributionId }, at)
  }
}

/** A window whose checks read metrics is known to exposures, events and aggregates as an experiment is, by an id of their sequence. */
async function openWindow(em: EntityManager, rollout: Rollout, startedAt: Date): Promise<void> {
  const { organizationId, unitType, shareBasisPoints, windowNumber: number } = rollout
  const watched = rollout.checks.getItems().filter((check) => check.metric)
  let attributionId: number | null = null
  if (watched.length > 0) {
    const [row] = await runInTransaction<{ id: number }>(em, "select nextval('experiment_id_seq')::int as id", [])
    attributionId = row!.id
    const versions = await findVersions(
      em,
      watched.map((check) => ({ metricId: check.metric!.id, version: check.metricVersion })),
    )
    await indexExperiment(
      em,
      { organizationId, id: attributionId, unitType, timeZone: 'UTC', assignmentAlgorithm: 'HASH', startedAt },
      versions.map((version) => ({ metricId: version.metric.id, definition: version.definition })),
    )
  }
  em.create(RolloutWindow, { organizationId, rollout, number, shareBasisPoints, startedAt, attributionId })
}
