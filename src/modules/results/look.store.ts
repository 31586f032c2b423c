import type { Pool } from 'pg'
import { tenantTransaction } from '../../database/tenant-transaction.ts'
import type { StoredLook } from './group-sequential-looks.ts'

const FIND = `
select experiment_id, metric_id, variant_id, number, units, estimate, standard_error, critical_value, is_rejected
from analysis_look
where organization_id = $1 and experiment_id = any($2::int[]) and taken_at < coalesce($3::timestamptz, 'infinity')
order by number`

const STORE = `
insert into analysis_look (organization_id, experiment_id, metric_id, variant_id, number, units, estimate, standard_error, critical_value, is_rejected, taken_at)
select $1, i.*, $11
from unnest($2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::float8[], $8::float8[], $9::float8[], $10::boolean[])
  as i (experiment_id, metric_id, variant_id, number, units, estimate, standard_error, critical_value, is_rejected)
order by 2, 3, 4, 5
on conflict do nothing`

/** Looks of group-sequential tests: each is taken once, by whichever process reaches it, and never changes. */
export class LookStore {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /**
   * By experiment, in the order in which they were taken.
   * @param before - only those that had been taken before it
   */
  async of(
    organizationId: string,
    experimentIds: readonly number[],
    before: Date | null = null,
  ): Promise<Map<number, StoredLook[]>> {
    if (experimentIds.length === 0) return new Map()
    const { rows } = await tenantTransaction(this.#pool, organizationId, (client) =>
      client.query({ name: 'looks', text: FIND, values: [organizationId, experimentIds, before] }),
    )
    return Map.groupBy(
      rows.map(({ experiment_id, metric_id, variant_id, standard_error, critical_value, is_rejected, ...look }) => ({
        ...look,
        experimentId: experiment_id,
        metricId: metric_id,
        variantId: variant_id,
        standardError: standard_error,
        criticalValue: critical_value,
        isRejected: is_rejected,
      })),
      ({ experimentId }) => experimentId,
    )
  }

  /** @returns how many of them nobody else had taken */
  async store(
    organizationId: string,
    looks: ReadonlyArray<StoredLook & { experimentId: number }>,
    takenAt: Date,
  ): Promise<number> {
    const column = <Name extends keyof (typeof looks)[number]>(name: Name) => looks.map((look) => look[name])
    const { rowCount } = await tenantTransaction(this.#pool, organizationId, (client) =>
      client.query(STORE, [
        organizationId,
        column('experimentId'),
        column('metricId'),
        column('variantId'),
        column('number'),
        column('units'),
        column('estimate'),
        column('standardError'),
        column('criticalValue'),
        column('isRejected'),
        takenAt,
      ]),
    )
    return rowCount ?? 0
  }
}
