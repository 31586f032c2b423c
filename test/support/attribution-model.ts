import { bucketOf } from '../../src/statistics/quantile/value-histogram.ts'

/**
 * What the aggregates must be, computed from everything that was ever sent, one unit at a time and without SQL.
 * Amounts are bigints in hundredths, inverse propensities in units of 1e-12, so that every sum is exact.
 */

export interface ModelMetric {
  id: number
  numerator: ModelSource
  denominator: ModelSource | null
  /** The most a unit counts for, in hundredths; null: no cap. */
  cap: bigint | null
  windowHours: number | null
  /** How long before its first exposure a unit's events are its covariates; null: they are not. */
  covariateHours: number | null
}

export interface ModelSource {
  eventName: string
  counts: boolean
  /** Only events with a value, which is kept. */
  keepsValues: boolean
  /** Only events whose property `country` is this one. */
  country: string | null
}

export interface ModelExperiment {
  id: number
  unitType: string
  timeZone: string
  startedAt: number
  endedAt: number | null
  isAdaptive: boolean
  /** Ascending by start; weights in basis points by variant id. */
  epochs: ReadonlyArray<{ number: number; startedAt: number; weights: ReadonlyMap<number, number> }>
  metrics: readonly ModelMetric[]
  /** In which slices a unit with this context is, that of every unit left out. */
  slicesOf(context: ModelExposure['context']): readonly number[]
  /** Units that are overridden. */
  overridden: ReadonlySet<string>
}

export interface ModelExposure {
  experimentId: number
  variantId: number
  unitId: string
  context: Readonly<Record<string, string>>
  at: number
}

export interface ModelEvent {
  units: ReadonlyArray<{ type: string; id: string }>
  name: string
  /** Hundredths. */
  value: bigint | null
  country: string | null
  at: number
}

/** Events of a name without filters. */
export function modelSource(eventName: string, counts: boolean, rest: Partial<ModelSource> = {}): ModelSource {
  return { eventName, counts, keepsValues: false, country: null, ...rest }
}

/** A metric without denominator, cap and windows. */
export function modelMetric(id: number, numerator: ModelSource, rest: Partial<ModelMetric> = {}): ModelMetric {
  return { id, numerator, denominator: null, cap: null, windowHours: null, covariateHours: null, ...rest }
}

/** Sums by cell, as text: `daily_metric 3 1 1 2026-03-01 7` → `x=1.5 …`; cells whose sums are all zero are left out. */
export type Cells = Map<string, Record<string, string>>

type Add = (cell: string, name: string, value: bigint, scale: number) => void

const HOUR = 3_600_000
const SCALE = { hundredths: 2, weight: 12 }

export function modelAggregates(
  experiments: readonly ModelExperiment[],
  exposures: readonly ModelExposure[],
  events: readonly ModelEvent[],
): Cells {
  const sums = new Map<string, Record<string, { value: bigint; scale: number }>>()
  const add = (cell: string, name: string, value: bigint, scale: number) => {
    const row = sums.get(cell) ?? {}
    sums.set(cell, row)
    row[name] = { value: (row[name]?.value ?? 0n) + value, scale }
  }
  for (const experiment of experiments) {
    const own = exposures.filter(
      ({ experimentId, at, unitId }) =>
        experimentId === experiment.id &&
        at >= experiment.startedAt &&
        at < (experiment.endedAt ?? Number.POSITIVE_INFINITY) &&
        !experiment.overridden.has(unitId),
    )
    for (const [unitId, met] of Map.groupBy(own, (exposure) => exposure.unitId)) {
      addUnit(experiment, unitId, met, events, add)
    }
  }
  return new Map(
    [...sums].flatMap(([cell, row]) => {
      const shown = Object.entries(row).map(([name, { value, scale }]) => [name, decimal(value, scale)] as const)
      return shown.every(([, value]) => value === '0') ? [] : [[cell, Object.fromEntries(shown)] as const]
    }),
  )
}

function addUnit(
  experiment: ModelExperiment,
  unitId: string,
  met: readonly ModelExposure[],
  events: readonly ModelEvent[],
  add: Add,
): void {
  const first = met.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.variantId < a.variantId) ? b : a))
  const isContaminated = new Set(met.map(({ variantId }) => variantId)).size > 1
  const epoch = experiment.epochs.findLast(({ startedAt }) => startedAt <= first.at) ?? experiment.epochs[0]!
  const day = dayOf(first.at, experiment.timeZone)
  const weight = epoch.weights.get(first.variantId)!
  const w = experiment.isAdaptive ? roundedQuotient(10n ** 12n * 10_000n, BigInt(weight)) : null
  const addToSlices: Add = (cell, name, value, scale) => {
    for (const slice of [0, ...experiment.slicesOf(first.context)]) {
      add(cell.replace('*', `${experiment.id} ${slice}`), name, value, scale)
    }
  }
  const exposureCell = `daily_exposure * ${epoch.number} ${day} ${first.variantId}`
  addToSlices(exposureCell, 'units', isContaminated ? 0n : 1n, 0)
  addToSlices(exposureCell, 'contaminated', isContaminated ? 1n : 0n, 0)
  addToSlices(exposureCell, 'w', isContaminated ? 0n : (w ?? 0n), SCALE.weight)
  addToSlices(exposureCell, 'ww', isContaminated ? 0n : (w ?? 0n) ** 2n, 2 * SCALE.weight)
  if (isContaminated) return
  const own = events.filter(({ units }) => units.some(({ type, id }) => type === experiment.unitType && id === unitId))
  for (const metric of experiment.metrics) {
    const until = Math.min(
      metric.windowHours === null ? Number.POSITIVE_INFINITY : first.at + metric.windowHours * HOUR,
      experiment.endedAt ?? Number.POSITIVE_INFINITY,
    )
    const reached = own.filter(({ at }) => at >= first.at && at < until)
    for (const event of reached) {
      const [numerator, denominator] = amountsOf(event, metric)
      if (numerator === null && denominator === null) continue
      const cell = `event_series ${experiment.id} ${metric.id} ${dayOf(event.at, experiment.timeZone)} ${first.variantId}`
      add(cell, 'events', numerator === null ? 0n : 1n, 0)
      add(cell, 'numerator', numerator ?? 0n, 2)
      add(cell, 'denominator', denominator ?? 0n, 2)
    }
    const since = first.at - (metric.covariateHours ?? 0) * HOUR
    const before = own.filter(({ at }) => at < first.at && at >= since)
    const [x, y] = totalsOf(reached, metric)
    const [c, d] = totalsOf(before, metric)
    const place = `* ${metric.id} ${epoch.number} ${day} ${first.variantId}`
    const moments = { x, y, c, d, xx: x * x, yy: y * y, cc: c * c, dd: d * d }
    const products = { xy: x * y, xc: x * c, xd: x * d, yc: y * c, yd: y * d, cd: c * d }
    for (const [name, value] of Object.entries({ ...moments, ...products })) {
      addToSlices(`daily_metric ${place}`, name, value, 2 * name.length)
    }
    if (metric.numerator.keepsValues)
      addValues(reached, metric, `${metric.id} ${epoch.number} ${first.variantId}`, addToSlices)
    if (w === null) continue
    addToSlices(`daily_weighted ${place}`, 'wx', w * x, 14)
    addToSlices(`daily_weighted ${place}`, 'wy', w * y, 14)
    addToSlices(`daily_weighted ${place}`, 'wwx', w * w * x, 26)
    addToSlices(`daily_weighted ${place}`, 'wwy', w * w * y, 26)
    addToSlices(`daily_weighted ${place}`, 'wwxx', w * w * x * x, 28)
    addToSlices(`daily_weighted ${place}`, 'wwyy', w * w * y * y, 28)
    addToSlices(`daily_weighted ${place}`, 'wwxy', w * w * x * y, 28)
  }
}

/** What the values of one unit add to the histogram. */
function addValues(reached: readonly ModelEvent[], { numerator }: ModelMetric, place: string, add: Add): void {
  const values = reached
    .filter((event) => amountOf(event, numerator, 0n) !== null)
    .map(({ value }) => Number(value) / 100)
  const buckets = values.map(bucketOf)
  for (const bucket of new Set(buckets)) {
    const count = (matches: (other: number) => boolean) => BigInt(buckets.filter(matches).length)
    const within = count((other) => other === bucket)
    const upTo = count((other) => other <= bucket)
    const cell = `value_histogram * ${place} ${bucket}`
    add(cell, 'h', within, 0)
    add(cell, 'nh', within * BigInt(buckets.length), 0)
    add(cell, 'bb', upTo ** 2n - (upTo - within) ** 2n, 0)
  }
}

/** Numerator and denominator over events, the first capped. */
function totalsOf(events: readonly ModelEvent[], metric: ModelMetric): [bigint, bigint] {
  const amounts = events.map((event) => amountsOf(event, metric))
  const x = amounts.reduce((sum, [numerator]) => sum + (numerator ?? 0n), 0n)
  const y = amounts.reduce((sum, [, denominator]) => sum + (denominator ?? 0n), 0n)
  return [metric.cap !== null && x > metric.cap ? metric.cap : x, y]
}

function amountsOf(event: ModelEvent, { numerator, denominator }: ModelMetric): [bigint | null, bigint | null] {
  return [amountOf(event, numerator, 0n), denominator && amountOf(event, denominator, 100n)]
}

/** @param withoutValue - what an event without a value adds to a sum, in hundredths */
function amountOf(event: ModelEvent, source: ModelSource, withoutValue: bigint): bigint | null {
  if (event.name !== source.eventName || (source.country !== null && event.country !== source.country)) return null
  if (source.keepsValues && event.value === null) return null
  return source.counts ? 100n : (event.value ?? withoutValue)
}

function dayOf(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at)
}

function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor)
}

/** As PostgreSQL writes a numeric without trailing zeros. */
function decimal(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${whole}${fraction && scale > 0 ? `.${fraction}` : ''}`
}
