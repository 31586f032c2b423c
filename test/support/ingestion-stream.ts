import fc from 'fast-check'

export const MINUTE = 60_000
const DAY = 1_440 * MINUTE
export const START = Date.parse('2026-03-06T00:00:00Z')
/** The second epoch begins; the clocks of New York change at the same weekend. */
export const SECOND_EPOCH = START + 3 * DAY
export const NOW = START + 6 * DAY

export const COUNTRIES = ['DE', 'FR', null]
export const UNITS = ['a', 'b', 'c', 'd', 'é', 'f', 'g', 'h']
export const EXPERIMENTS = ['hash', 'device', 'bandit', 'ends'] as const
export const VARIANTS = ['control', 'treatment', 'third']

export interface ExposureItem {
  kind: 'exposure'
  experiment: (typeof EXPERIMENTS)[number]
  variant: number
  unit: number
  minute: number
}
export interface EventItem {
  kind: 'event'
  unit: number
  device: number | null
  friend: number | null
  name: string
  cents: number | null
  country: number
  minute: number
}

// Half hours, so that windows, days, epochs and the end are often met exactly; some clocks are ahead.
const minute = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: -20, max: (NOW - START) / MINUTE / 30 }).map((half) => half * 30) },
  { weight: 1, arbitrary: fc.constant((NOW - START) / MINUTE + 5) },
)
const unit = fc.nat(UNITS.length - 1)
const exposure: fc.Arbitrary<ExposureItem> = fc.record({
  kind: fc.constant('exposure' as const),
  experiment: fc.constantFrom(...EXPERIMENTS),
  // Mostly the variant of the unit, so that most units are not contaminated.
  variant: fc.oneof({ weight: 12, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(2) }),
  unit,
  minute,
})
const event: fc.Arbitrary<EventItem> = fc.record({
  kind: fc.constant('event' as const),
  unit,
  device: fc.option(unit),
  friend: fc.option(unit, { freq: 9 }),
  name: fc.constantFrom('buy', 'spend', 'visit', 'other'),
  cents: fc.option(fc.integer({ min: -5_000, max: 1_000_000 }), { freq: 5 }),
  country: fc.nat(COUNTRIES.length - 1),
  minute,
})
export const stream = fc.record({
  items: fc.array(fc.oneof({ weight: 1, arbitrary: exposure }, { weight: 2, arbitrary: event }), {
    minLength: 150,
    maxLength: 500,
    size: 'max',
  }),
  repeats: fc.array(fc.nat(), { maxLength: 100, size: 'max' }),
  batchSizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
  overridden: unit,
  seed: fc.integer(),
})
export type Stream = typeof stream extends fc.Arbitrary<infer T> ? T : never

const PLANS = ['free', 'pro', 'trial']

/** Of an exposure; two of a unit at the same time have the same one. */
export function contextOf({ unit: place, minute: at }: ExposureItem): Record<string, string> {
  const plan = PLANS[Math.abs(at / 30 + place) % 4]
  return { city: place % 2 === 0 ? 'Rome' : 'Oslo', ...(plan && { plan }) }
}

export function furtherUnits({ device, friend }: EventItem) {
  return [
    ...(device === null ? [] : [{ type: 'device', id: UNITS[device]! }]),
    ...(friend === null ? [] : [{ type: 'user', id: UNITS[friend]! }]),
  ]
}

/** Nobody meets a second variant after the end of `ends`: its exposures tell nothing that could be taken back. */
export function variantOf({ experiment, variant, unit: place }: ExposureItem): number {
  return variant === -1 || experiment === 'ends' ? place % 3 : variant
}

export interface Batch {
  isEvents: boolean
  payload: object[]
}

export function batchesOf(sent: readonly number[], items: Stream['items'], sizes: readonly number[]): Batch[] {
  const batches: Batch[] = []
  for (const isEvents of [true, false]) {
    const places = sent.filter((place) => (items[place]!.kind === 'event') === isEvents)
    for (let turn = 0; places.length > 0; turn++) {
      const payload = places.splice(0, sizes[turn % sizes.length]!).map((place) => payloadOf(items[place]!, place))
      // Something that is refused stands among them and harms none.
      if (turn % 3 === 0) payload.push(isEvents ? { idempotencyKey: '', unitId: 'a', name: 'buy' } : REFUSED_EXPOSURE)
      batches.splice((turn * 7) % (batches.length + 1), 0, { isEvents, payload })
    }
  }
  return batches
}

const REFUSED_EXPOSURE = { experimentKey: 'nowhere', variantKey: 'control', unitId: 'a' }

function payloadOf(item: ExposureItem | EventItem, place: number): object {
  const occurredAt = new Date(START + item.minute * MINUTE).toISOString()
  if (item.kind === 'exposure') {
    return {
      experimentKey: item.experiment,
      variantKey: VARIANTS[variantOf(item)],
      unitId: UNITS[item.unit],
      occurredAt,
      context: contextOf(item),
    }
  }
  const country = COUNTRIES[item.country]
  return {
    idempotencyKey: `event-${place}`,
    unitId: UNITS[item.unit],
    units: furtherUnits(item),
    name: item.name,
    value: item.cents === null ? null : item.cents / 100,
    properties: country === null ? null : { country },
    occurredAt,
  }
}

export function shuffle<T>(items: T[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[items[last], items[other]] = [items[other]!, items[last]!]
  }
}
