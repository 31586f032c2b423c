import type { Pool } from 'pg'
import { tenantTransaction } from '../../database/tenant-transaction.ts'
import type { Clock } from '../../shared/clock.ts'
import { AGGREGATES, EXPOSED_UNITS, UNITS_PER_DAY } from './aggregates.sql.ts'

/** Sums over the units of one variant in one epoch, first exposed on any day. */
export interface MetricCell {
  metricId: number
  epoch: number
  variantId: number
  x: number
  y: number
  xx: number
  yy: number
  xy: number
  /** Of the covariate from before exposure. */
  c: number
  cc: number
  xc: number
  /** With weights 1 / propensity; null unless the allocation adapts. */
  weighted: { wx: number; wy: number; wwx: number; wwy: number; wwxx: number; wwyy: number; wwxy: number } | null
}

export interface ExposureCell {
  epoch: number
  variantId: number
  units: number
  contaminated: number
  w: number
  ww: number
}

/** Units that count for a metric of retention: their window has passed. */
export interface MaturedCell {
  metricId: number
  epoch: number
  variantId: number
  units: number
  w: number
  ww: number
}

export interface SeriesCell {
  metricId: number
  variantId: number
  /** YYYY-MM-DD, in the time zone of the experiment. */
  day: string
  events: number
  numerator: number
  denominator: number
}

/** Everything that the results of an experiment are computed from, as of one moment. */
export interface Aggregates {
  experimentId: number
  /** The change counter: it rises with every change of these. */
  version: number
  exposures: ExposureCell[]
  metrics: MetricCell[]
  /** Only of metrics that wait for the end of a unit's window; for the others every exposed unit counts. */
  matured: MaturedCell[]
  series: SeriesCell[]
}

/** Aggregates by sets of experiments, in one statement and so in one snapshot. */
export class AggregatesReadModel {
  readonly #pool: Pool
  readonly #clock: Clock

  constructor(pool: Pool, clock: Clock) {
    this.#pool = pool
    this.#clock = clock
  }

  /** Analysed units by experiment; those without any are left out. */
  async exposedUnits(organizationId: string, experimentIds: readonly number[]): Promise<Map<number, number>> {
    const { rows } = await tenantTransaction(this.#pool, organizationId, (client) =>
      client.query({ name: 'exposed-units', text: EXPOSED_UNITS, values: [organizationId, experimentIds] }),
    )
    return new Map(rows.map(({ experiment_id, units }) => [experiment_id, Number(units)]))
  }

  /** First exposures a day, over the last days on which any came; 0 if none ever did. */
  async unitsPerDay(organizationId: string, experimentId: number, days: number): Promise<number> {
    const { rows } = await tenantTransaction(this.#pool, organizationId, (client) =>
      client.query({ name: 'units-per-day', text: UNITS_PER_DAY, values: [organizationId, experimentId, days] }),
    )
    return Number(rows[0]?.rate ?? 0)
  }

  /** In the order of the ids. */
  async of(organizationId: string, experimentIds: readonly number[]): Promise<Aggregates[]> {
    const { rows } = await tenantTransaction(this.#pool, organizationId, (client) =>
      client.query({ name: 'aggregates', text: AGGREGATES, values: [organizationId, experimentIds, this.#clock()] }),
    )
    return rows.map(aggregatesOf)
  }
}

/** A row of the statement AGGREGATES. */
export interface AggregatesRow {
  experiment_id: number
  version: string
  exposures: ExposureCell[] | null
  metrics: MetricCell[] | null
  matured: MaturedCell[] | null
  series: SeriesCell[] | null
}

export function aggregatesOf({
  experiment_id,
  version,
  exposures,
  metrics,
  matured,
  series,
}: AggregatesRow): Aggregates {
  return {
    experimentId: experiment_id,
    version: Number(version),
    exposures: exposures ?? [],
    metrics: metrics ?? [],
    matured: matured ?? [],
    series: series ?? [],
  }
}
