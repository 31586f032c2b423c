import type { Pool } from 'pg'
import { tenantTransaction } from '../../database/tenant-transaction.ts'
import type { Clock } from '../../shared/clock.ts'
import type { ValueHistogram } from '../../statistics/quantile/value-histogram.ts'
import type { MetricKind } from '../metrics/metric-definition.ts'
import { AGGREGATES, EXPOSED_UNITS, UNITS_PER_DAY } from './aggregates.sql.ts'

/** Sums over units of what they contribute, with squares and products. */
export interface Moments {
  x: number
  y: number
  xx: number
  yy: number
  xy: number
  /** Of numerator and denominator before exposure. */
  c: number
  d: number
  cc: number
  dd: number
  cd: number
  xc: number
  xd: number
  yc: number
  yd: number
}

/** Sums over the units of one variant in one epoch, first exposed on any day. */
export interface MetricCell extends Moments {
  metricId: number
  epoch: number
  variantId: number
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

/** The values of a metric that measures a quantile. */
export interface HistogramCell extends ValueHistogram {
  metricId: number
  epoch: number
  variantId: number
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

/** Sums over the units of a slice. */
export interface SliceCells {
  exposures: ExposureCell[]
  metrics: MetricCell[]
  /** Only of metrics that wait for the end of a unit's window; for the others every exposed unit counts. */
  matured: MaturedCell[]
  histograms: HistogramCell[]
}

/** The units that count for a metric: of retention only those whose window has passed. */
export function countedCells(
  { exposures, matured }: Pick<SliceCells, 'exposures' | 'matured'>,
  { metricId, kind }: { metricId: number; kind: MetricKind },
): ReadonlyArray<ExposureCell | MaturedCell> {
  return kind === 'RETENTION' ? matured.filter((cell) => cell.metricId === metricId) : exposures
}

/** Everything that the results of an experiment, or of one slice of its units, are computed from, as of one moment. */
export interface Aggregates extends SliceCells {
  experimentId: number
  /** The change counter: it rises with every change of these. */
  version: number
  series: SeriesCell[]
  /** The same by the values of the dimension that the plan stratifies by; empty without one. */
  strata: SliceCells[]
}

export interface SliceRequest {
  experimentId: number
  /** Number of the slice; 0 is every unit. */
  slice: number
}

export interface StrataRequest {
  experimentId: number
  /** Numbers of the slices to add. */
  strata: readonly number[]
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

  /** First exposures a day, over the last whole days and today so far, or since the first one; 0 if none came. */
  async unitsPerDay(organizationId: string, experimentId: number, days: number): Promise<number> {
    const values = [organizationId, experimentId, days, this.#clock()]
    const { rows } = await tenantTransaction(this.#pool, organizationId, (client) =>
      client.query({ name: 'units-per-day', text: UNITS_PER_DAY, values }),
    )
    return rows[0]?.rate ?? 0
  }

  /** Of all units, in the order of the ids. */
  of(organizationId: string, experimentIds: readonly number[]): Promise<Aggregates[]> {
    return this.ofSlices(
      organizationId,
      experimentIds.map((experimentId) => ({ experimentId, slice: 0 })),
    )
  }

  /** Of all units and of strata, in the order of the requests. */
  async withStrata(organizationId: string, requests: readonly StrataRequest[]): Promise<Aggregates[]> {
    return joinStrata(requests, await this.ofSlices(organizationId, slicesOfStrata(requests)))
  }

  /** Of one slice each, in their order. */
  async ofSlices(organizationId: string, slices: readonly SliceRequest[]): Promise<Aggregates[]> {
    const { rows } = await tenantTransaction(this.#pool, organizationId, (client) =>
      client.query({
        name: 'aggregates',
        text: AGGREGATES,
        values: aggregatesParameters(organizationId, slices, this.#clock()),
      }),
    )
    return rows.map(aggregatesOf)
  }
}

/** What the statement AGGREGATES takes. */
export function aggregatesParameters(organizationId: string, slices: readonly SliceRequest[], now: Date): unknown[] {
  return [organizationId, slices.map(({ experimentId }) => experimentId), now, slices.map(({ slice }) => slice)]
}

/** Every unit of each experiment, and then its strata. */
export function slicesOfStrata(requests: readonly StrataRequest[]): SliceRequest[] {
  return requests.flatMap(({ experimentId, strata }) => [0, ...strata].map((slice) => ({ experimentId, slice })))
}

/** @param slices - of {@link slicesOfStrata} */
export function joinStrata(requests: readonly StrataRequest[], slices: Iterable<Aggregates>): Aggregates[] {
  const left = slices[Symbol.iterator]()
  const next = (): Aggregates => left.next().value!
  return requests.map(({ strata }) => ({ ...next(), strata: strata.map(() => cellsOf(next())) }))
}

/** A row of the statement AGGREGATES. */
export interface AggregatesRow {
  experiment_id: number
  version: string
  exposures: ExposureCell[] | null
  metrics: MetricCell[] | null
  matured: MaturedCell[] | null
  histograms: HistogramCell[] | null
  series: SeriesCell[] | null
}

export function aggregatesOf({ experiment_id, version, series, ...cells }: AggregatesRow): Aggregates {
  return {
    experimentId: experiment_id,
    version: Number(version),
    exposures: cells.exposures ?? [],
    metrics: cells.metrics ?? [],
    matured: cells.matured ?? [],
    histograms: cells.histograms ?? [],
    series: series ?? [],
    strata: [],
  }
}

function cellsOf({ exposures, metrics, matured, histograms }: SliceCells): SliceCells {
  return { exposures, metrics, matured, histograms }
}
