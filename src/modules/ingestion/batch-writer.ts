import type { Pool } from 'pg'
import { tenantTransaction } from '../../database/tenant-transaction.ts'
import type { EventRow } from './event-rows.ts'
import type { ExposureRow } from './exposure-rows.ts'
import { RECORD_EVENTS } from './record-events.sql.ts'
import { RECORD_EXPOSURES } from './record-exposures.sql.ts'
import { LOCK_EXCLUSIVE, LOCK_SHARED, lockSpaceOf, stripesOf } from './unit-locks.ts'

/** Aggregate rows are spread over so many slots, so that concurrent writers do not wait for each other's commit. */
const SLOTS = 4

export interface EventsWritten {
  /** Keys that were known already. */
  known: Set<string>
  /** Experiments whose aggregates changed. */
  experiments: number[]
}

export interface ExposuresWritten {
  /** Units that told something new, as `exposureName` names them. */
  changed: Set<string>
  experiments: number[]
}

/** The name of a unit in an experiment. */
export function exposureName(row: { unitType: string; unitId: string; experimentId: number }): string {
  return `${row.experimentId}:${row.unitType}:${row.unitId}`
}

/**
 * One transaction for each batch. Before the statement that does the work, in a statement of its own, come locks on stripes of the
 * units: shared for events, exclusive for exposures. An exposure and an event of one unit at the same moment would
 * otherwise each work on a snapshot without the other, and the event would be credited to nothing.
 */
export class BatchWriter {
  readonly #pool: Pool
  #turn = 0

  constructor(pool: Pool) {
    this.#pool = pool
  }

  writeEvents(organizationId: string, rows: readonly EventRow[], receivedAt: Date): Promise<EventsWritten> {
    const each = rows.flatMap((row) => row.units.map((unit, place) => ({ ...row, unit, isFurther: place > 0 })))
    return tenantTransaction(this.#pool, organizationId, async (client) => {
      await client.query({
        name: 'lock-shared',
        text: LOCK_SHARED,
        values: [lockSpaceOf(organizationId), stripesOf(each.map(({ unit }) => unit))],
      })
      const {
        rows: [answer],
      } = await client.query({
        name: 'record-events',
        text: RECORD_EVENTS,
        values: [
          organizationId,
          this.#turn++ % SLOTS,
          each.map((row) => row.key),
          each.map((row) => row.isFurther),
          each.map((row) => row.unit.type),
          each.map((row) => row.unit.id),
          each.map((row) => row.name),
          each.map((row) => row.value),
          each.map((row) => row.occurredAt),
          each.map((row) => row.properties),
          receivedAt,
        ],
      })
      return { known: new Set(answer.known), experiments: answer.experiments }
    })
  }

  writeExposures(organizationId: string, rows: readonly ExposureRow[]): Promise<ExposuresWritten> {
    return tenantTransaction(this.#pool, organizationId, async (client) => {
      await client.query({
        name: 'lock-exclusive',
        text: LOCK_EXCLUSIVE,
        values: [
          lockSpaceOf(organizationId),
          stripesOf(rows.map(({ unitType, unitId }) => ({ type: unitType, id: unitId }))),
        ],
      })
      const {
        rows: [answer],
      } = await client.query({
        name: 'record-exposures',
        text: RECORD_EXPOSURES,
        values: [
          organizationId,
          this.#turn++ % SLOTS,
          rows.map((row) => row.unitType),
          rows.map((row) => row.unitId),
          rows.map((row) => row.experimentId),
          rows.map((row) => row.variantId),
          rows.map((row) => row.occurredAt),
          rows.map((row) => row.context),
          rows.map((row) => row.slices && `{${row.slices.join()}}`),
        ],
      })
      const { unit_types, unit_ids, experiment_ids, experiments } = answer
      const changed = (experiment_ids as number[]).map((experimentId, index) =>
        exposureName({ unitType: unit_types[index], unitId: unit_ids[index], experimentId }),
      )
      return { changed: new Set(changed), experiments }
    })
  }
}
