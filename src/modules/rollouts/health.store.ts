import type { Pool } from 'pg'
import { tenantTransaction } from '../../database/tenant-transaction.ts'
import { CURRENT_WINDOWS, NOTE_EXPOSURES, RECORD_HEALTH, WINDOW_HEALTH } from './health.sql.ts'
import type { RolloutArm } from './health-check.ts'
import type { HealthSampleRow } from './health-sample.ts'

export interface CurrentWindow {
  rolloutId: number
  number: number
  startedAt: Date
  attributionId: number | null
  /** By arm, when a unit was last met; null: none yet. */
  newestExposureAt: Record<RolloutArm, Date | null>
}

/** What was reported of one arm in one window. */
export interface ArmHealthSums {
  rolloutId: number
  arm: RolloutArm
  requests: number
  errors: number
  latency: { count: number; sum: number; sumOfSquares: number }
  quality: { count: number; sum: number; sumOfSquares: number }
  buckets: Array<{ lowerBound: number; requests: number }>
  percentiles: Record<string, number> | null
  /** End of the newest sample. */
  newestAt: Date
  /** End of the newest sample that held any of it; null: none yet. */
  newest: Record<'requests' | 'latency' | 'buckets' | 'quality', Date | null>
}

/** Health samples, by SQL alone. */
export class HealthStore {
  readonly #pool: Pool

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Whether each sample was new; null where it lies inside no window. In their order; no two with the same rollout and key. */
  async record(organizationId: string, samples: readonly HealthSampleRow[]): Promise<Array<boolean | null>> {
    const rows = await this.#query('record-health', RECORD_HEALTH, organizationId, [
      JSON.stringify(
        samples.map(({ rolloutId, latency, quality, ...sample }, place) => ({
          ...sample,
          place,
          rollout_id: rolloutId,
          latency_count: latency.count,
          latency_sum: latency.sum,
          latency_sum_of_squares: latency.sumOfSquares,
          quality_count: quality.count,
          quality_sum: quality.sum,
          quality_sum_of_squares: quality.sumOfSquares,
        })),
      ),
    ])
    const isNew = new Map(rows.map(({ place, is_new }) => [place, is_new as boolean]))
    return samples.map((_, place) => isNew.get(place) ?? null)
  }

  async windows(organizationId: string, rolloutIds: readonly number[]): Promise<CurrentWindow[]> {
    const rows = await this.#query('current-windows', CURRENT_WINDOWS, organizationId, [rolloutIds])
    return rows.map((row) => ({
      rolloutId: row.rollout_id,
      number: row.number,
      startedAt: row.started_at,
      attributionId: row.attribution_id,
      newestExposureAt: { TREATMENT: row.newest_treatment_exposure_at, CONTROL: row.newest_control_exposure_at },
    }))
  }

  async sums(organizationId: string, windows: readonly CurrentWindow[]): Promise<ArmHealthSums[]> {
    const rows = await this.#query('window-health', WINDOW_HEALTH, organizationId, [
      windows.map(({ rolloutId }) => rolloutId),
      windows.map(({ number }) => number),
    ])
    return rows.map((row) => ({
      rolloutId: row.rollout_id,
      arm: row.arm,
      requests: row.requests,
      errors: row.errors,
      latency: { count: row.latency_count, sum: row.latency_sum, sumOfSquares: row.latency_sum_of_squares },
      quality: { count: row.quality_count, sum: row.quality_sum, sumOfSquares: row.quality_sum_of_squares },
      buckets: row.buckets ?? [],
      percentiles: row.percentiles,
      newestAt: row.newest_at,
      newest: {
        requests: row.newest_requests_at,
        latency: row.newest_latency_at,
        buckets: row.newest_buckets_at,
        quality: row.newest_quality_at,
      },
    }))
  }

  /** @param newest - by attribution id, when units of each arm were met last */
  async noteExposures(
    organizationId: string,
    newest: ReadonlyMap<number, Partial<Record<RolloutArm, Date>>>,
  ): Promise<void> {
    if (newest.size === 0) return
    const times = (arm: RolloutArm) => [...newest.values()].map((times) => times[arm] ?? null)
    await this.#query('note-exposures', NOTE_EXPOSURES, organizationId, [
      [...newest.keys()],
      times('TREATMENT'),
      times('CONTROL'),
    ])
  }

  async #query(name: string, text: string, organizationId: string, values: readonly unknown[]) {
    const { rows } = await tenantTransaction(this.#pool, organizationId, (client) =>
      client.query({ name, text, values: [organizationId, ...values] }),
    )
    return rows
  }
}
