import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { housekeep } from '../../../src/server/jobs/housekeep.ts'
import { storedAggregates } from '../../support/aggregate-cells.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const DAY = 86_400_000
const START = Date.parse('2026-01-01T12:00:00Z')
const RETENTION_DAYS = 30

let server: TestServer
let owner: Client
let bench: Workbench
let now = START
beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now), retentionDays: RETENTION_DAYS })
  owner = new Client(server.database.owner)
  await owner.connect()
})
afterAll(async () => {
  await owner?.end()
  await server?.stop()
})
beforeEach(async () => {
  onDay(0)
  bench = await Workbench.open(server)
})

function onDay(day: number): void {
  now = START + day * DAY
}

const metric = (key: string) => ({ metrics: [{ key, kind: 'COUNT' as const }], start: true })
const expose = (experimentKey: string, variantKey: string, unitId: string) =>
  bench.query(
    'mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted rejected { code } } }',
    {
      input: { exposures: [{ experimentKey, variantKey, unitId }] },
    },
  )
const track = async (name: string, unitId: string, idempotencyKey = `${name}:${unitId}:${now}`) =>
  (
    await bench.query('mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted duplicates } }', {
      input: { events: [{ idempotencyKey, unitId, name, value: 1 }] },
    })
  ).trackEvents
const purge = () => server.platform.retention.purge(bench.seed.keys.organizationId)
const rebuild = async (key: string) =>
  (
    await bench.query(
      `mutation ($key: String!) { rebuildExperiment(input: { experimentKey: $key }) {
        ... on RebuildExperimentSuccess { checks { kind differing } } ... on Error { code }
      } }`,
      { key },
    )
  ).rebuildExperiment
const wrongRows = async (key: string) =>
  (await rebuild(key)).checks.reduce((sum: number, { differing }: { differing: number }) => sum + differing, 0)
const stored = async () => Object.fromEntries(await storedAggregates(server.database, bench.seed.keys.organizationId))
const loggedDays = async () => {
  const { rows } = await owner.query(
    'select extract(epoch from received_at)::float8 as at from event where organization_id = $1 order by 1',
    [bench.seed.keys.organizationId],
  )
  return rows.map(({ at }) => (at * 1_000 - START) / DAY)
}

describe('purge', () => {
  test('removes what is older than retention and than every experiment that may still change', async () => {
    await bench.experiment('ended', metric('a'))
    await expose('ended', 'control', 'u')
    for (const day of [0, 3]) {
      onDay(day)
      await track('a', 'u')
    }
    onDay(5)
    await bench.done('completeExperiment', { experimentKey: 'ended' })
    onDay(9)
    await track('a', 'u')
    onDay(20)
    await bench.experiment('live', metric('b'))
    await expose('live', 'control', 'u')
    await track('b', 'u')
    const before = await stored()

    onDay(36)
    expect(await purge()).toEqual({ experiments: 0, events: 0 })
    expect(await wrongRows('ended')).toBe(0)

    onDay(41)
    expect(await purge()).toEqual({ experiments: 1, events: 3 })
    expect(await loggedDays()).toEqual([20])
    expect(await stored()).toEqual(before)
    expect(await wrongRows('live')).toBe(0)
    expect(await rebuild('ended')).toEqual({ code: 'LOG_PURGED' })

    // A change of its texts does not bring it back to the index.
    await bench.done('updateExperiment', { experimentKey: 'ended', name: 'Long ago' })
    expect(await rebuild('ended')).toEqual({ code: 'LOG_PURGED' })
    expect(await stored()).toEqual(before)
    expect(await purge()).toEqual({ experiments: 0, events: 0 })
  })

  test('keeps the log of a long experiment whole, so that a unit can still be taken out of it', async () => {
    await bench.experiment('long', metric('c'))
    await expose('long', 'control', 'u')
    await expose('long', 'treatment', 'v')
    for (const day of [0, 10, 50, 100]) {
      onDay(day)
      await track('c', 'u')
      await track('c', 'v')
      await purge()
    }
    expect(await loggedDays()).toEqual([0, 0, 10, 10, 50, 50, 100, 100])
    const both = await stored()
    await expose('long', 'treatment', 'u')
    const one = await stored()
    const events = (cells: typeof both) =>
      Object.entries(cells).reduce(
        (sum, [cell, { events: count = '0' }]) => (cell.startsWith('event_series') ? sum + Number(count) : sum),
        0,
      )
    expect([events(both), events(one)]).toEqual([8, 4])
    expect(await wrongRows('long')).toBe(0)
  })

  test('remembers each key for as long as its event would be accepted', async () => {
    expect(await track('d', 'u', 'once')).toEqual({ accepted: 1, duplicates: 0 })
    for (const day of [1, RETENTION_DAYS, RETENTION_DAYS + 1]) {
      onDay(day)
      await purge()
      expect([day, await track('d', 'u', 'once')]).toEqual([day, { accepted: 0, duplicates: 1 }])
    }
    onDay(RETENTION_DAYS + 2)
    expect((await purge()).events).toBe(1)
  })

  test('leaves other organizations alone, and an organization that another process is at', async () => {
    await track('e', 'u')
    const own = bench
    bench = await Workbench.open(server)
    await track('e', 'u')
    onDay(90)
    const elsewhere = new Client(server.database.owner)
    await elsewhere.connect()
    await elsewhere.query('begin')
    const { rows } = await elsewhere.query(
      `select pg_try_advisory_xact_lock(classid::int, -1) as taken from (
         select ('x' || lpad(to_hex(crc32(convert_to($1, 'UTF8'))), 8, '0'))::bit(32)::int as classid) l`,
      [bench.seed.keys.organizationId],
    )
    expect(rows).toEqual([{ taken: true }])
    expect(await purge()).toEqual({ experiments: 0, events: 0 })
    await elsewhere.end()
    expect(await purge()).toEqual({ experiments: 0, events: 1 })
    bench = own
    expect(await loggedDays()).toEqual([0])
    expect(await server.platform.retention.organizations()).toContain(bench.seed.keys.organizationId)
  })
})

test('housekeeping purges one organization, and stops between batches when it is told to', async () => {
  await track('f', 'u')
  const first = bench
  bench = await Workbench.open(server)
  await track('f', 'u')
  onDay(90)
  await housekeep(server.platform, first.seed.keys.organizationId, AbortSignal.abort())
  await housekeep(server.platform, bench.seed.keys.organizationId)
  expect(await loggedDays()).toEqual([])
  bench = first
  expect(await loggedDays()).toHaveLength(1)
  await housekeep(server.platform, first.seed.keys.organizationId)
  expect(await loggedDays()).toEqual([])
})
