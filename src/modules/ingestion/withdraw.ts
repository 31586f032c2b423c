import type { EntityManager } from '@mikro-orm/postgresql'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Experiment } from '../experiments/experiment.entity.ts'
import { AHEAD_MS } from './item-rules.ts'
import { ALL_STRIPES, LOCK_EXCLUSIVE, lockSpaceOf } from './unit-locks.ts'
import { EXCLUDE_OVERRIDDEN, HAS_OVERRIDDEN, REMOVE_LATE_EXPOSURES, TAKE_BACK_LATE_EVENTS } from './withdraw.sql.ts'

/** Slot of the aggregates that no batch writes to, for changes that come with the definition. */
export const DEFINITION_SLOT = -1

/** Takes overridden units out of the analysis, in the transaction that sets the override or starts the experiment. */
export async function excludeOverridden(
  em: EntityManager,
  { organizationId, id }: Experiment,
  now: Date,
): Promise<void> {
  const [row] = await runInTransaction<{ found: boolean }>(em, HAS_OVERRIDDEN, [organizationId, id])
  if (!row?.found) return
  await lockAllUnits(em, organizationId)
  await runInTransaction(em, EXCLUDE_OVERRIDDEN, [organizationId, DEFINITION_SLOT, id, now])
}

/**
 * Ends what counts for an experiment, in the transaction that completes or cancels it. Batches under way are waited for; what
 * they, or clients whose clocks are ahead, have counted after the end is taken back.
 */
export async function endAttribution(
  em: EntityManager,
  { organizationId, id }: Pick<Experiment, 'organizationId' | 'id'>,
  endedAt: Date,
) {
  const open = await runInTransaction(
    em,
    'select from attributed_experiment where organization_id = $1 and experiment_id = $2 and ended_at is null',
    [organizationId, id],
  )
  if (open.length === 0) return
  await lockAllUnits(em, organizationId)
  await runInTransaction(em, REMOVE_LATE_EXPOSURES, [organizationId, DEFINITION_SLOT, id, endedAt])
  await runInTransaction(em, TAKE_BACK_LATE_EVENTS, [
    organizationId,
    DEFINITION_SLOT,
    id,
    endedAt,
    `${AHEAD_MS} milliseconds`,
  ])
  await runInTransaction(
    em,
    'update attributed_experiment set ended_at = $3 where organization_id = $1 and experiment_id = $2',
    [organizationId, id, endedAt],
  )
}

/** No batch of the organization is under way from here to the end of the transaction. */
async function lockAllUnits(em: EntityManager, organizationId: string): Promise<void> {
  await runInTransaction(em, LOCK_EXCLUSIVE, [lockSpaceOf(organizationId), ALL_STRIPES])
}
