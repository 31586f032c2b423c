import type { Pool } from 'pg'
import { type SnapshotLimits, tenantSnapshot } from '../../database/tenant-snapshot.ts'
import {
  type Aggregates,
  aggregatesOf,
  aggregatesParameters,
  joinStrata,
  type StrataRequest,
  slicesOfStrata,
} from './aggregates.read-model.ts'
import { AGGREGATES_FROM_LOG } from './aggregates-from-log.sql.ts'

const IS_ATTRIBUTED = 'select from attributed_experiment where organization_id = $1 and experiment_id = $2'

/** Aggregates of the past, from the exposures and the log: at a cost that grows with events. */
export class LogAggregates {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /**
   * What they would be if nothing had happened from the moment on, by what is known now; the version is that of now.
   * Ingestion does not wait for it.
   * @returns null when the log no longer reaches back to the start of the experiment
   */
  before(
    organizationId: string,
    request: StrataRequest,
    moment: Date,
    limits: SnapshotLimits,
  ): Promise<Aggregates | null> {
    return tenantSnapshot(this.#pool, organizationId, limits, async (client) => {
      const { rowCount } = await client.query(IS_ATTRIBUTED, [organizationId, request.experimentId])
      if (!rowCount) return null
      const parameters = aggregatesParameters(organizationId, slicesOfStrata([request]), moment)
      const { rows } = await client.query(AGGREGATES_FROM_LOG, parameters)
      return joinStrata([request], rows.map(aggregatesOf))[0]!
    })
  }
}
