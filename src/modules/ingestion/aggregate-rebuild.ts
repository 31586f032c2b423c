import type { Pool } from 'pg'
import { noteChange } from '../../database/note-change.ts'
import { tenantTransaction } from '../../database/tenant-transaction.ts'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import type { DefinitionCache } from '../experiments/definition-cache.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { OnAggregatesChanged } from './ingestion.ts'
import { REBUILD } from './rebuild.sql.ts'
import { type AggregateCheck, type AggregateKind, AggregateKindEnum } from './rebuild.types.ts'
import { ALL_STRIPES, LOCK_EXCLUSIVE, lockSpaceOf } from './unit-locks.ts'
import { DEFINITION_SLOT } from './withdraw.ts'

/** Proves on a live database that the aggregates are what the log says, and makes them so. */
export class AggregateRebuild {
  readonly #pool: Pool
  readonly #definitions: DefinitionCache
  readonly #onChanged: OnAggregatesChanged
  readonly #clock: Clock

  constructor(pool: Pool, definitions: DefinitionCache, clock: Clock, onChanged: OnAggregatesChanged) {
    this.#pool = pool
    this.#definitions = definitions
    this.#onChanged = onChanged
    this.#clock = clock
  }

  /**
   * One transaction; batches of the organization wait for it.
   * @throws DomainError EXPERIMENT_NOT_FOUND; LOG_PURGED when the log no longer reaches back to its start
   */
  async run(viewer: Viewer, experimentKey: string): Promise<AggregateCheck[]> {
    viewer.assertCan('experiment:rebuild')
    const { organizationId } = viewer
    const experiment = await this.#definitions.byKey(organizationId, experimentKey)
    if (!experiment) {
      throw new DomainError('EXPERIMENT_NOT_FOUND', `No started experiment has the key ${experimentKey}.`)
    }
    const row = await tenantTransaction(this.#pool, organizationId, async (client) => {
      await client.query(LOCK_EXCLUSIVE, [lockSpaceOf(organizationId), ALL_STRIPES])
      const { rowCount } = await client.query(
        'select from attributed_experiment where organization_id = $1 and experiment_id = $2',
        [organizationId, experiment.id],
      )
      if (!rowCount) {
        throw new DomainError(
          'LOG_PURGED',
          `The experiment ${experimentKey} ended before the retention of events; its log is no longer whole and its aggregates stay as they are.`,
        )
      }
      const { rows } = await client.query(REBUILD, [organizationId, DEFINITION_SLOT, experiment.id])
      await noteChange(client, {
        organizationId,
        at: this.#clock(),
        actor: viewer.actor,
        action: 'UPDATED',
        subjectType: 'Aggregates',
        subjectId: String(experiment.id),
        root: { type: 'Experiment', id: experiment.id, key: experiment.key },
        before: null,
        after: checksOf(rows[0]),
      })
      return rows[0]
    })
    this.#onChanged(organizationId, row.experiments)
    return Object.entries(checksOf(row)).map(([kind, check]) => ({ kind: kind as AggregateKind, ...check }))
  }
}

function checksOf(row: Record<string, Omit<AggregateCheck, 'kind'>>): Record<string, Omit<AggregateCheck, 'kind'>> {
  return Object.fromEntries(Object.keys(AggregateKindEnum).map((kind) => [kind, row[kind]!]))
}
