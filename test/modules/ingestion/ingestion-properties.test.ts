import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../../src/cli/simulation/random.ts'
import { storedAggregates } from '../../support/aggregate-cells.ts'
import {
  type ModelEvent,
  type ModelExperiment,
  type ModelExposure,
  type ModelMetric,
  type ModelSource,
  modelAggregates,
  modelMetric,
  modelSource,
} from '../../support/attribution-model.ts'
import {
  batchesOf,
  COUNTRIES,
  contextOf,
  type EventItem,
  EXPERIMENTS,
  type ExposureItem,
  furtherUnits,
  MINUTE,
  NOW,
  SECOND_EPOCH,
  START,
  type Stream,
  shuffle,
  stream,
  UNITS,
  VARIANTS,
  variantOf,
} from '../../support/ingestion-stream.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const EXPOSE = `mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted duplicates rejected { code } } }`
const TRACK = `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted duplicates rejected { code } } }`
const REBUILD = `mutation ($key: String!) { rebuildExperiment(input: { experimentKey: $key }) {
  ... on RebuildExperimentSuccess { checks { kind checked differing } } ... on Error { code }
} }`

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
  const random = seededRandom(seed)
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

type ExperimentKey = (typeof EXPERIMENTS)[number]

/** Of the two dimensions below: the first has the numbers from 1 on, the second those from 22 on, with the rest 20 after the first value. */
const DIMENSIONS = [
  { key: 'plan', values: ['free', 'pro'] },
  { key: 'city', values: ['Oslo'] },
]
const SLICES_OF: Record<ExperimentKey, ModelExperiment['slicesOf']> = {
  hash: ({ plan, city }) => [plan === 'free' ? 1 : plan === 'pro' ? 2 : 21, city === 'Oslo' ? 22 : 42],
  device: () => [],
  bandit: ({ city }) => [city === 'Oslo' ? 1 : 21],
  ends: () => [],
}

/** Four experiments on the same events: a plain one, one on devices, one that adapts, one that ends on the way. */
async function design(bench: Workbench) {
  now = START
  const filters = [{ property: 'country', operator: 'EQUALS', value: 'DE' }]
  await bench.seed.metric({ key: 'bought', kind: 'PROPORTION', eventName: 'buy', filters, conversionWindowHours: 30 })
  await bench.seed.metric({
    key: 'spent',
    kind: 'MEAN',
    eventName: 'spend',
    capPerUnit: 9_000,
    covariateWindowHours: 30,
  })
  await bench.seed.metric({ key: 'buys', kind: 'COUNT', eventName: 'buy' })
  await bench.seed.metric({
    key: 'rate',
    kind: 'RATIO',
    eventName: 'spend',
    denominatorEventName: 'visit',
    denominatorAggregate: 'COUNT',
    conversionWindowHours: 50,
    covariateWindowHours: 40,
  })
  await bench.seed.metric({
    key: 'dear',
    kind: 'QUANTILE',
    eventName: 'spend',
    quantile: 0.9,
    conversionWindowHours: 60,
  })
  const variants = [4_000, 3_500, 2_500].map((weightBasisPoints, index) => ({
    key: VARIANTS[index],
    isControl: index === 0,
    weightBasisPoints,
  }))
  const designs: Record<(typeof EXPERIMENTS)[number], object> = {
    hash: { timeZone: 'Europe/Berlin', analysis: { dimensions: DIMENSIONS, stratifyBy: 'plan' } },
    device: { unitType: 'device', timeZone: 'America/New_York' },
    bandit: { assignmentAlgorithm: 'THOMPSON', analysis: { dimensions: DIMENSIONS.slice(1) } },
    ends: { timeZone: 'Asia/Kolkata' },
  }
  const metrics = ['bought', 'spent', 'buys', 'rate', 'dear'].map((metricKey) => ({ metricKey, role: 'PRIMARY' }))
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
  const metric = (key: string, numerator: ModelSource, rest: Partial<ModelMetric> = {}) =>
    modelMetric(metricIds.get(key)!, numerator, rest)
  const metrics = [
    metric('bought', modelSource('buy', true, { country: 'DE' }), { cap: 100n, windowHours: 30 }),
    metric('spent', modelSource('spend', false), { cap: 900_000n, covariateHours: 30 }),
    metric('buys', modelSource('buy', true)),
    metric('rate', modelSource('spend', false), {
      denominator: modelSource('visit', true),
      windowHours: 50,
      covariateHours: 40,
    }),
    metric('dear', modelSource('spend', true, { keepsValues: true }), { windowHours: 60 }),
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
    slicesOf: SLICES_OF[definition.key as ExperimentKey],
    overridden: new Set(),
  }))
  const ids = Object.fromEntries(all.map(({ definition }) => [definition.key, definition.id]))
  const variantIds = new Map(
    all.map(({ definition }) => [definition.key, definition.variants.map((variant) => variant.id)]),
  )
  return { experiments, ids, variantIds }
}

type Model = Awaited<ReturnType<typeof modelOf>>

function modelExposure(item: ExposureItem, { ids, variantIds }: Model): ModelExposure {
  return {
    experimentId: ids[item.experiment]!,
    variantId: variantIds.get(item.experiment)![variantOf(item)]!,
    unitId: UNITS[item.unit]!,
    context: contextOf(item),
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
