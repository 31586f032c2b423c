import type { Pool } from 'pg'
import { tenantTransaction } from '../../database/tenant-transaction.ts'
import type { StoredLook } from './group-sequential-looks.ts'

const FIND = `
select experiment_id, metric_id, variant_id, number, units, information, estimate, standard_error, control_mean, control_variance,
  treatment_mean, treatment_variance, base_mean, base_variance, base_covariance, critical_value, is_rejected
from analysis_look
where organization_id = $1 and experiment_id = any($2::int[]) and taken_at < coalesce($3::timestamptz, 'infinity')
order by number`

const STORE = `
insert into analysis_look (organization_id, experiment_id, metric_id, variant_id, number, units, is_rejected, estimate, standard_error,
  control_mean, control_variance, treatment_mean, treatment_variance, base_mean, base_variance, base_covariance, critical_value, information, taken_at)
select $1, i.*, $19
from unnest($2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::boolean[], $8::float8[], $9::float8[], $10::float8[],
  $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[], $16::float8[], $17::float8[], $18::float8[])
  as i (experiment_id, metric_id, variant_id, number, units, is_rejected, estimate, standard_error, control_mean,
    control_variance, treatment_mean, treatment_variance, base_mean, base_variance, base_covariance, critical_value, information)
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
      rows.map((row: LookRow) => ({ experimentId: row.experiment_id, ...lookOf(row) })),
      ({ experimentId }) => experimentId,
    )
  }

  /** @returns how many of them nobody else had taken */
  async store(
    organizationId: string,
    looks: ReadonlyArray<StoredLook & { experimentId: number }>,
    takenAt: Date,
  ): Promise<number> {
    const column = <Value>(pick: (look: (typeof looks)[number]) => Value) => looks.map(pick)
    const { rowCount } = await tenantTransaction(this.#pool, organizationId, (client) =>
      client.query(STORE, [
        organizationId,
        column((look) => look.experimentId),
        column((look) => look.metricId),
        column((look) => look.variantId),
        column((look) => look.number),
        column((look) => look.units),
        column((look) => look.isRejected),
        column((look) => look.estimate),
        column((look) => look.standardError),
        column((look) => look.control.mean),
        column((look) => look.control.variance),
        column((look) => look.treatment.mean),
        column((look) => look.treatment.variance),
        column((look) => look.base?.mean ?? null),
        column((look) => look.base?.variance ?? null),
        column((look) => look.base?.covariance ?? null),
        column((look) => look.criticalValue),
        column((look) => look.information),
        takenAt,
      ]),
    )
    return rowCount ?? 0
  }
}

interface LookRow {
  experiment_id: number
  metric_id: number
  variant_id: number
  number: number
  units: number
  information: number
  estimate: number
  standard_error: number
  control_mean: number
  control_variance: number
  treatment_mean: number
  treatment_variance: number
  base_mean: number | null
  base_variance: number | null
  base_covariance: number | null
  critical_value: number
  is_rejected: boolean
}

function lookOf(row: LookRow): StoredLook {
  return {
    metricId: row.metric_id,
    variantId: row.variant_id,
    number: row.number,
    units: row.units,
    information: row.information,
    estimate: row.estimate,
    standardError: row.standard_error,
    control: { mean: row.control_mean, variance: row.control_variance },
    treatment: { mean: row.treatment_mean, variance: row.treatment_variance },
    base:
      row.base_mean === null
        ? null
        : { mean: row.base_mean, variance: row.base_variance!, covariance: row.base_covariance! },
    criticalValue: row.critical_value,
    isRejected: row.is_rejected,
  }
}
