import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storedAggregates } from '../../support/aggregate-cells.ts'
import {
  type ModelEvent,
  type ModelExperiment,
  type ModelExposure,
  type ModelMetric,
  modelAggregates,
} from '../../support/attribution-model.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const EXPOSE = `mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted duplicates rejected { code } } }`
const TRACK = `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted duplicates rejected { code } } }`
const REBUILD = `mutation ($key: String!) { rebuildExperiment(input: { experimentKey: $key }) {
  ... on RebuildExperimentSuccess { checks { kind checked differing } } ... on Error { code }
} }`

const MINUTE = 60_000
const DAY = 1_440 * MINUTE
const START = Date.parse('2026-03-06T00:00:00Z')
/** The second epoch begins; the clocks of New York change at the same weekend. */
const SECOND_EPOCH = START + 3 * DAY
const NOW = START + 6 * DAY
const WRITERS = 6

let now = START
const servers: TestServer[] = []
beforeAll(async () => {
  const clock = () => new Date(now)
  servers.push(await startTestServer({ clock }))
  servers.push(await startTestServer({ clock, database: servers[0]!.database }))
})
afterAll(async () => {
  for (const server of [...servers].reverse()) await server.stop()
})

const COUNTRIES = ['DE', 'FR', null]
const UNITS = ['a', 'b', 'c', 'd', 'é', 'f', 'g', 'h']
const EXPERIMENTS = ['hash', 'device', 'bandit', 'ends'] as const
const VARIANTS = ['control', 'treatment', 'third']

interface ExposureItem {
  kind: 'exposure'
  experiment: (typeof EXPERIMENTS)[number]
  variant: number
  unit: number
  minute: number
}
interface EventItem {
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
const stream = fc.record({
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
type Stream = typeof stream extends fc.Arbitrary<infer T> ? T : never

// Sums are `numeric`, counts `bigint`: both are compared to the last digit.
test('incremental = recomputed, in every aggregate row, for any order, repetition, lateness and concurrency', async () => {
  let checkedRows = 0
  await fc.assert(
    fc.asyncProperty(stream, async (given) => {
      checkedRows += await checkStream(given)
    }),
    { numRuns: 12, endOnFailure: true },
  )
  expect(checkedRows).toBeGreaterThan(1_000)
}, 180_000)

async function checkStream({ items, repeats, batchSizes, overridden, seed }: Stream): Promise<number> {
  const bench = await Workbench.open(servers[0]!)
  const { organizationId, serverKey } = bench.seed.keys
  const model = await design(bench)
  const sent = [...items.keys(), ...repeats.map((place) => place % items.length)]
  const random = randomOf(seed)
  shuffle(sent, random)
  const batches = batchesOf(sent, items, batchSizes)
  const saboteur = new Client(servers[0]!.database.owner)
  await saboteur.connect()
  const writer = async (server: TestServer) => {
    for (let batch = batches.pop(); batch; batch = batches.pop()) {
      const input = batch.isEvents ? { events: batch.payload } : { exposures: batch.payload }
      // A batch whose connection was cut gets no answer, and is sent again as it was.
      while ((await server.send(serverKey, batch.isEvents ? TRACK : EXPOSE, { input })).errors);
    }
  }
  const halfway = async () => {
    const half = batches.length / 2
    while (batches.length > half) {
      if (random() < 0.2) await cutConnection(saboteur)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await untilDone(bench, 'setOverride', { experimentKey: 'hash', unitId: UNITS[overridden], variantKey: 'control' })
    await untilDone(bench, 'completeExperiment', { experimentKey: 'ends' })
  }
  await Promise.all([halfway(), ...Array.from({ length: WRITERS }, (_, index) => writer(servers[index % 2]!))])
  await saboteur.end()

  const sentItems = items.map((item) => item)
  const expected = modelAggregates(
    model.experiments.map((experiment) => ({
      ...experiment,
      overridden: new Set(experiment.id === model.ids.hash ? [UNITS[overridden]!] : []),
      endedAt: experiment.id === model.ids.ends ? NOW : null,
    })),
    sentItems.flatMap((item) => (item.kind === 'exposure' ? [modelExposure(item, model)] : [])),
    sentItems.flatMap((item) => (item.kind === 'event' ? [modelEvent(item)] : [])),
  )
  const stored = await storedAggregates(servers[0]!.database, organizationId)
  expect(Object.fromEntries([...stored].sort())).toEqual(Object.fromEntries([...expected].sort()))
  for (const key of EXPERIMENTS) {
    const { rebuildExperiment } = await bench.query(REBUILD, { key })
    expect(rebuildExperiment.checks.filter((check: { differing: number }) => check.differing > 0)).toEqual([])
  }
  return stored.size
}

/** Four experiments on the same events: a plain one, one on devices, one that adapts, one that ends on the way. */
async function design(bench: Workbench) {
  now = START
  const filters = [{ property: 'country', operator: 'EQUALS', value: 'DE' }]
  await bench.seed.metric({ key: 'bought', kind: 'PROPORTION', eventName: 'buy', filters, conversionWindowHours: 30 })
  await bench.seed.metric({ key: 'spent', kind: 'MEAN', eventName: 'spend', capPerUnit: 9_000 })
  await bench.seed.metric({ key: 'buys', kind: 'COUNT', eventName: 'buy' })
  await bench.seed.metric({
    key: 'rate',
    kind: 'RATIO',
    eventName: 'spend',
    denominatorEventName: 'visit',
    denominatorAggregate: 'COUNT',
    conversionWindowHours: 50,
  })
  const variants = [4_000, 3_500, 2_500].map((weightBasisPoints, index) => ({
    key: VARIANTS[index],
    isControl: index === 0,
    weightBasisPoints,
  }))
  const designs: Record<(typeof EXPERIMENTS)[number], object> = {
    hash: { timeZone: 'Europe/Berlin' },
    device: { unitType: 'device', timeZone: 'America/New_York' },
    bandit: { assignmentAlgorithm: 'THOMPSON' },
    ends: { timeZone: 'Asia/Kolkata' },
  }
  const metrics = ['bought', 'spent', 'buys', 'rate'].map((metricKey) => ({ metricKey, role: 'PRIMARY' }))
  for (const key of EXPERIMENTS) {
    await bench.done('createExperiment', { key, name: key, variants, metrics, ...designs[key] })
    await bench.done('startExperiment', { experimentKey: key })
  }
  now = SECOND_EPOCH
  const weights = [2_000, 5_000, 3_000].map((weightBasisPoints, index) => ({
    variantKey: VARIANTS[index],
    weightBasisPoints,
  }))
  for (const key of EXPERIMENTS) await bench.done('updateAllocation', { experimentKey: key, weights })
  now = NOW
  return modelOf(bench)
}

async function modelOf(bench: Workbench) {
  const { started } = await servers[0]!.platform.definitions.of(bench.seed.keys.organizationId)
  const all = [...started.values()]
  const metricIds = new Map(all[0]!.metrics.map(({ metric }) => [metric.key, metric.id]))
  const source = (eventName: string, counts: boolean, country: string | null = null) => ({ eventName, counts, country })
  const metric = (key: string, rest: Omit<ModelMetric, 'id'>) => ({ id: metricIds.get(key)!, ...rest })
  const metrics = [
    metric('bought', { numerator: source('buy', true, 'DE'), denominator: null, cap: 100n, windowHours: 30 }),
    metric('spent', { numerator: source('spend', false), denominator: null, cap: 900_000n, windowHours: null }),
    metric('buys', { numerator: source('buy', true), denominator: null, cap: null, windowHours: null }),
    metric('rate', {
      numerator: source('spend', false),
      denominator: source('visit', true),
      cap: null,
      windowHours: 50,
    }),
  ]
  const experiments: ModelExperiment[] = all.map(({ definition }) => ({
    id: definition.id,
    unitType: definition.unitType,
    timeZone: definition.timeZone,
    startedAt: START,
    endedAt: null,
    isAdaptive: definition.algorithm === 'THOMPSON',
    epochs: definition.epochs.map(({ number, startedAt, weights }) => ({
      number,
      startedAt: startedAt.getTime(),
      weights,
    })),
    metrics,
    overridden: new Set(),
  }))
  const ids = Object.fromEntries(all.map(({ definition }) => [definition.key, definition.id]))
  const variantIds = new Map(
    all.map(({ definition }) => [definition.key, definition.variants.map((variant) => variant.id)]),
  )
  return { experiments, ids, variantIds }
}

type Model = Awaited<ReturnType<typeof modelOf>>

/** Nobody meets a second variant after the end of `ends`: its exposures tell nothing that could be taken back. */
function variantOf({ experiment, variant, unit: place }: ExposureItem): number {
  return variant === -1 || experiment === 'ends' ? place % 3 : variant
}

function modelExposure(item: ExposureItem, { ids, variantIds }: Model): ModelExposure {
  return {
    experimentId: ids[item.experiment]!,
    variantId: variantIds.get(item.experiment)![variantOf(item)]!,
    unitId: UNITS[item.unit]!,
    at: START + item.minute * MINUTE,
  }
}

function modelEvent(item: EventItem): ModelEvent {
  const units = [{ type: 'user', id: UNITS[item.unit]! }, ...furtherUnits(item)]
  return {
    units,
    name: item.name,
    value: item.cents === null ? null : BigInt(item.cents),
    country: COUNTRIES[item.country]!,
    at: START + item.minute * MINUTE,
  }
}

function furtherUnits({ device, friend }: EventItem) {
  return [
    ...(device === null ? [] : [{ type: 'device', id: UNITS[device]! }]),
    ...(friend === null ? [] : [{ type: 'user', id: UNITS[friend]! }]),
  ]
}

interface Batch {
  isEvents: boolean
  payload: object[]
}

function batchesOf(sent: readonly number[], items: Stream['items'], sizes: readonly number[]): Batch[] {
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

/** Cuts the connection of a batch that is being written. */
async function cutConnection(client: Client): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state = 'active' and query like '%logged as materialized%' limit 1`,
  )
}

/** People repeat what failed because a connection was cut. */
async function untilDone(bench: Workbench, mutation: string, input: Record<string, unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await bench.done(mutation, input)
      return
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

function shuffle<T>(items: T[], random: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[items[last], items[other]] = [items[other]!, items[last]!]
  }
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
