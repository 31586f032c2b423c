import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storedAggregates } from '../support/aggregate-cells.ts'
import {
  type ModelEvent,
  type ModelExposure,
  modelAggregates,
  modelMetric,
  modelSource,
} from '../support/attribution-model.ts'
import { databaseUrl, ServerProcess } from '../support/server-process.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { Workbench } from '../support/workbench.ts'

const KILLS = 10
const CLIENTS = 6
const UNITS = 400
const BATCH = 40
/** Batches answered between two kills, at least. */
const BETWEEN_KILLS = 25

const EXPOSE = `mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted duplicates rejected { code } } }`
const TRACK = `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted duplicates rejected { code } } }`
const REBUILD = `mutation { rebuildExperiment(input: { experimentKey: "killed" }) {
  ... on RebuildExperimentSuccess { checks { kind checked differing } } ... on Error { code message }
} }`

let beside: TestServer
let server: ServerProcess
let owner: Client
beforeAll(async () => {
  beside = await startTestServer()
  server = await ServerProcess.on({ DATABASE_URL: databaseUrl(beside.database.owner), ASSAY_POOL_SIZE: '8' })
  owner = new Client(beside.database.owner)
  await owner.connect()
})
afterAll(async () => {
  await server?.end('SIGKILL')
  await owner?.end()
  await beside?.stop()
})

test('killed ten times in the middle of ingestion: nothing answered is lost, nothing is counted twice', async () => {
  const bench = await Workbench.open(beside)
  const { organizationId, serverKey } = bench.seed.keys
  const startedAt = Date.now() - 3_600_000
  await bench.experiment('killed', {
    metrics: [
      { key: 'bought', kind: 'PROPORTION' },
      { key: 'spent', kind: 'MEAN' },
    ],
    start: true,
    startedAt: new Date(startedAt).toISOString(),
  })
  const { started } = await beside.platform.definitions.of(organizationId)
  const [{ definition, metrics }] = [...started.values()] as [
    typeof started extends ReadonlyMap<number, infer T> ? T : never,
  ]
  const variants = definition.variants.map(({ id, key }) => ({ id, key }))

  const events: ModelEvent[] = []
  const exposures: ModelExposure[] = []
  const counts = { answered: 0, answeredEvents: 0, unanswered: 0, acceptedEvents: 0, acceptedAgain: 0 }
  let isStopped = false

  /** Sends a batch again, with the same idempotency keys, until it is answered. */
  const deliver = async (query: string, input: object): Promise<{ accepted: number; duplicates: number }> => {
    for (;;) {
      try {
        const response = await fetch(server.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${serverKey}` },
          body: JSON.stringify({ query, variables: { input } }),
        })
        const { data, errors } = (await response.json()) as { data: Record<string, never>; errors?: unknown }
        if (!errors) return Object.values(data)[0] as never
      } catch {
        // Nobody there, or killed before the answer.
      }
      counts.unanswered++
      await pause(25)
    }
  }

  const client = async (name: number) => {
    for (let turn = 0; !isStopped; turn++) {
      const unitOf = (index: number) => (name * 131 + turn * 37 + index * 7) % UNITS
      const at = (index: number) => startedAt + ((turn * 61 + index * 17 + name) % 3_000) * 1_000
      if (turn % 3 === 0) {
        const batch = Array.from({ length: BATCH }, (_, index) => {
          const unit = unitOf(index)
          // Every fiftieth unit is met in several variants.
          const variant = variants[unit % 50 === 0 ? index % 2 : unit % 2]!
          return { unit: `unit-${unit}`, variant, at: at(index) }
        })
        exposures.push(
          ...batch.map((one) => ({
            experimentId: definition.id,
            variantId: one.variant.id,
            unitId: one.unit,
            context: {},
            at: one.at,
          })),
        )
        await deliver(EXPOSE, {
          exposures: batch.map((one) => ({
            experimentKey: 'killed',
            variantKey: one.variant.key,
            unitId: one.unit,
            occurredAt: new Date(one.at).toISOString(),
          })),
        })
      } else {
        const batch = Array.from({ length: BATCH }, (_, index) => ({
          unit: `unit-${unitOf(index)}`,
          name: index % 4 === 0 ? 'bought' : 'spent',
          cents: (index * 31 + turn) % 10_000,
          at: at(index),
        }))
        events.push(
          ...batch.map((one) => ({
            units: [{ type: 'user', id: one.unit }],
            name: one.name,
            value: BigInt(one.cents),
            country: null,
            at: one.at,
          })),
        )
        const { accepted } = await deliver(TRACK, {
          events: batch.map((one, index) => ({
            idempotencyKey: `${name}:${turn}:${index}`,
            unitId: one.unit,
            name: one.name,
            value: one.cents / 100,
            occurredAt: new Date(one.at).toISOString(),
          })),
        })
        counts.answeredEvents += BATCH
        counts.acceptedEvents += accepted
        if (accepted === 0) counts.acceptedAgain += BATCH
      }
      counts.answered++
    }
  }

  await server.start()
  const clients = Array.from({ length: CLIENTS }, (_, name) => client(name))
  for (let kill = 0; kill < KILLS; kill++) {
    const until = counts.answered + BETWEEN_KILLS + kill
    while (counts.answered < until) await pause(1)
    await server.end('SIGKILL')
    const answered = counts.answeredEvents
    expect(await logged(organizationId)).toBeGreaterThanOrEqual(answered)
    await server.start()
  }
  isStopped = true
  await Promise.all(clients)
  expect(await server.end('SIGTERM')).toBe(0)

  const log = await logged(organizationId)
  const stored = await storedAggregates(beside.database, organizationId)
  const { rebuildExperiment } = await bench.query(REBUILD)
  console.info({ kills: KILLS, sentEvents: events.length, logged: log, ...counts, ...rebuildExperiment })
  expect(log).toBe(events.length)
  const idOf = (key: string) => metrics.find(({ metric }) => metric.key === key)!.metric.id
  const expected = modelAggregates(
    [
      {
        id: definition.id,
        unitType: 'user',
        timeZone: 'UTC',
        startedAt,
        endedAt: null,
        isAdaptive: false,
        epochs: [{ number: 1, startedAt, weights: definition.epochs[0]!.weights }],
        metrics: [
          modelMetric(idOf('bought'), modelSource('bought', true), { cap: 100n }),
          modelMetric(idOf('spent'), modelSource('spent', false)),
        ],
        slicesOf: () => [],
        overridden: new Set(),
      },
    ],
    exposures,
    events,
  )
  expect(Object.fromEntries([...stored].sort())).toEqual(Object.fromEntries([...expected].sort()))
  expect(rebuildExperiment.checks.filter(({ differing }: { differing: number }) => differing > 0)).toEqual([])
  // Some batches were committed, and killed before their answer: sent again, they counted nothing.
  expect(counts.unanswered).toBeGreaterThan(0)
}, 180_000)

async function logged(organizationId: string): Promise<number> {
  const { rows } = await owner.query('select count(*)::int as events from event where organization_id = $1', [
    organizationId,
  ])
  return rows[0].events
}
