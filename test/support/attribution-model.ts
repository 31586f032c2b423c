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
}

export interface ModelSource {
  eventName: string
  counts: boolean
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
  /** Units that are overridden. */
  overridden: ReadonlySet<string>
}

export interface ModelExposure {
  experimentId: number
  variantId: number
  unitId: string
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

/** Sums by cell, as text: `daily_metric 3 1 1 2026-03-01 7` → `x=1.5 …`; cells whose sums are all zero are left out. */
export type Cells = Map<string, Record<string, string>>

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
  add: (cell: string, name: string, value: bigint, scale: number) => void,
): void {
  const first = met.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.variantId < a.variantId) ? b : a))
  const isContaminated = new Set(met.map(({ variantId }) => variantId)).size > 1
  const epoch = experiment.epochs.findLast(({ startedAt }) => startedAt <= first.at) ?? experiment.epochs[0]!
  const day = dayOf(first.at, experiment.timeZone)
  const weight = epoch.weights.get(first.variantId)!
  const w = experiment.isAdaptive ? roundedQuotient(10n ** 12n * 10_000n, BigInt(weight)) : null
  const exposureCell = `daily_exposure ${experiment.id} ${epoch.number} ${day} ${first.variantId}`
  add(exposureCell, 'units', isContaminated ? 0n : 1n, 0)
  add(exposureCell, 'contaminated', isContaminated ? 1n : 0n, 0)
  add(exposureCell, 'w', isContaminated ? 0n : (w ?? 0n), SCALE.weight)
  add(exposureCell, 'ww', isContaminated ? 0n : (w ?? 0n) ** 2n, 2 * SCALE.weight)
  if (isContaminated) return
  for (const metric of experiment.metrics) {
    const until = Math.min(
      metric.windowHours === null ? Number.POSITIVE_INFINITY : first.at + metric.windowHours * 3_600_000,
      experiment.endedAt ?? Number.POSITIVE_INFINITY,
    )
    const reached = events.filter(
      ({ units, at }) =>
        at >= first.at && at < until && units.some(({ type, id }) => type === experiment.unitType && id === unitId),
    )
    let x = 0n
    let y = 0n
    for (const event of reached) {
      const numerator = amountOf(event, metric.numerator, 0n)
      const denominator = metric.denominator && amountOf(event, metric.denominator, 100n)
      const cell = `event_series ${experiment.id} ${metric.id} ${dayOf(event.at, experiment.timeZone)} ${first.variantId}`
      if (numerator !== null || denominator !== null) {
        add(cell, 'events', numerator === null ? 0n : 1n, 0)
        add(cell, 'numerator', numerator ?? 0n, 2)
        add(cell, 'denominator', denominator ?? 0n, 2)
      }
      x += numerator ?? 0n
      y += denominator ?? 0n
    }
    if (metric.cap !== null && x > metric.cap) x = metric.cap
    const place = `${experiment.id} ${metric.id} ${epoch.number} ${day} ${first.variantId}`
    add(`daily_metric ${place}`, 'x', x, 2)
    add(`daily_metric ${place}`, 'y', y, 2)
    add(`daily_metric ${place}`, 'xx', x * x, 4)
    add(`daily_metric ${place}`, 'yy', y * y, 4)
    add(`daily_metric ${place}`, 'xy', x * y, 4)
    if (w === null) continue
    add(`daily_weighted ${place}`, 'wx', w * x, 14)
    add(`daily_weighted ${place}`, 'wy', w * y, 14)
    add(`daily_weighted ${place}`, 'wwx', w * w * x, 26)
    add(`daily_weighted ${place}`, 'wwy', w * w * y, 26)
    add(`daily_weighted ${place}`, 'wwxx', w * w * x * x, 28)
    add(`daily_weighted ${place}`, 'wwyy', w * w * y * y, 28)
    add(`daily_weighted ${place}`, 'wwxy', w * w * x * y, 28)
  }
}

/** @param withoutValue - what an event without a value adds to a sum, in hundredths */
function amountOf(event: ModelEvent, source: ModelSource, withoutValue: bigint): bigint | null {
  if (event.name !== source.eventName || (source.country !== null && event.country !== source.country)) return null
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
