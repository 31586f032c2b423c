import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { housekeep } from '../../../src/server/jobs/housekeep.ts'
import { watchOrganization } from '../../../src/server/jobs/watch-organization.ts'
import { Seed } from '../../support/seed.ts'
import { Subscriber } from '../../support/subscriber.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const ALERTS = `query ($filter: AlertFilter) { alerts(first: 50, filter: $filter) { totalCount edges { node {
  id kind message raisedAt clearedAt experiment { key } } } } }`
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let server: TestServer
let now: Date
beforeAll(async () => {
  server = await startTestServer({ clock: () => now })
})
beforeEach(() => {
  now = new Date('2026-03-02T09:00:00Z')
})
afterAll(() => server?.stop())

async function open() {
  const bench = await Workbench.open(server)
  return {
    bench,
    watch: () => watchOrganization(server.platform, bench.seed.keys.organizationId),
    alerts: async (filter: object = {}) => {
      const { alerts } = await bench.query(ALERTS, { filter })
      // biome-ignore lint/suspicious/noExplicitAny: tests look at any part of it.
      return alerts.edges.map(({ node }: any) => node).reverse() as any[]
    },
  }
}

const BOUGHT = [{ key: 'bought', kind: 'PROPORTION' as const }]

describe('alerts', () => {
  test('are raised once for a cause by any number of processes, cleared when it ends, and raised anew', async () => {
    const { bench, watch, alerts } = await open()
    await bench.experiment('skewed', { metrics: BOUGHT, start: true })
    await bench.seed.arms('skewed', [
      { variantKey: 'control', units: 300, events: { bought: { units: 5 } } },
      { variantKey: 'treatment', units: 100 },
    ])
    await Promise.all(Array.from({ length: 6 }, watch))
    const raisedAt = now.toISOString()
    expect(await alerts()).toMatchObject([
      { kind: 'SAMPLE_RATIO_MISMATCH', raisedAt, clearedAt: null, experiment: { key: 'skewed' } },
    ])
    now = new Date(now.getTime() + HOUR_MS)
    await watch()
    expect(await alerts()).toHaveLength(1)
    await bench.seed.arms('skewed', [{ variantKey: 'treatment', from: 100, units: 200 }])
    await watch()
    expect(await alerts()).toMatchObject([{ raisedAt, clearedAt: now.toISOString() }])
    await bench.seed.arms('skewed', [{ variantKey: 'treatment', from: 300, units: 400 }])
    await watch()
    expect(await alerts()).toMatchObject([{ raisedAt }, { kind: 'SAMPLE_RATIO_MISMATCH', clearedAt: null }])
    await bench.done('cancelExperiment', { experimentKey: 'skewed' })
    await watch()
    expect(await alerts({ isOpen: true })).toEqual([])
  })

  test('do not come of looking often: a sample ratio alarms once the sequential test shows it', async () => {
    const { bench, watch, alerts } = await open()
    await bench.experiment('watched', { metrics: BOUGHT, start: true })
    await bench.seed.arms('watched', [
      { variantKey: 'control', units: 1_075, events: { bought: { units: 1 } } },
      { variantKey: 'treatment', units: 925 },
    ])
    await watch()
    const query = `{ experiment(key: "watched") { results { health { sampleRatioMismatch {
      pValue alwaysValidPValue isMismatch epochs { alwaysValidPValue } } } } } }`
    const ratio = async () => (await bench.query(query)).experiment.results.health.sampleRatioMismatch
    const { pValue, alwaysValidPValue, isMismatch, epochs } = await ratio()
    expect({ pValue, isMismatch }).toEqual({ pValue: expect.closeTo(7.96e-4, 6), isMismatch: true })
    expect(alwaysValidPValue).toBeGreaterThan(0.01)
    expect(epochs).toEqual([{ alwaysValidPValue }])
    expect(await alerts()).toEqual([])
    await bench.seed.arms('watched', [{ variantKey: 'control', from: 1_075, units: 125 }])
    await watch()
    expect((await ratio()).alwaysValidPValue).toBeLessThan(0.01)
    expect(await alerts()).toMatchObject([{ kind: 'SAMPLE_RATIO_MISMATCH', clearedAt: null }])
  })

  test('tell of units that met several variants', async () => {
    const { bench, watch, alerts } = await open()
    await bench.experiment('mixed', { metrics: BOUGHT, start: true })
    const both = (variantKey: string) =>
      Array.from({ length: 10 }, (_, unit) => ({ experimentKey: 'mixed', variantKey, unitId: `both-${unit}` }))
    await bench.seed.arms('mixed', [{ variantKey: 'control', units: 50, events: { bought: { units: 5 } } }])
    await server.graphql(
      bench.seed.keys.serverKey,
      'mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted } }',
      { input: { exposures: [...both('control'), ...both('treatment')] } },
    )
    await watch()
    expect(await alerts({ kind: ['CONTAMINATED_UNITS'] })).toMatchObject([
      { message: expect.stringMatching(/^10 units/) },
    ])
  })

  test('tell of an experiment without units, and of a metric without events, after the hours that were asked for', async () => {
    const { bench, watch, alerts } = await open()
    await bench.experiment('silent', { metrics: BOUGHT, start: true })
    await bench.done('setExperimentAutomation', { experimentKey: 'silent', noDataHours: 6 })
    now = new Date(now.getTime() + 6 * HOUR_MS - 1)
    await watch()
    expect(await alerts()).toEqual([])
    now = new Date(now.getTime() + 1)
    await watch()
    expect(await alerts()).toMatchObject([{ kind: 'NO_DATA', message: 'silent has run for 6 hours without a unit.' }])
    await bench.seed.arms('silent', [{ variantKey: 'control', units: 3 }])
    await watch()
    expect(await alerts({ isOpen: true })).toMatchObject([
      { message: 'silent has run for 6 hours, and its metric bought has no event.' },
    ])
    await bench.seed.arms('silent', [{ variantKey: 'treatment', units: 3, events: { bought: { units: 1 } } }])
    await watch()
    expect(await alerts({ isOpen: true })).toEqual([])
    expect(await alerts({ isOpen: false })).toHaveLength(2)
  })

  test("tell of a metric's sudden jump from its level on that day of the week", async () => {
    const { bench, watch, alerts } = await open()
    const start = now
    await bench.experiment('jumpy', { metrics: [{ key: 'spent', kind: 'MEAN' }], start: true })
    await bench.seed.arms('jumpy', [
      { variantKey: 'control', units: 1 },
      { variantKey: 'treatment', units: 1 },
    ])
    for (let day = 1; day <= 29; day++) {
      now = new Date(start.getTime() + day * DAY_MS)
      const isWeekend = [0, 6].includes(now.getUTCDay())
      const value = day === 29 ? 1_000 : isWeekend ? 500 : 100
      await server.graphql(
        bench.seed.keys.serverKey,
        'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }',
        { input: { events: [{ idempotencyKey: `day-${day}`, unitId: 'jumpy:control:0', name: 'spent', value }] } },
      )
      await watch()
    }
    expect(await alerts({ kind: ['METRIC_JUMP'] })).toEqual([])
    now = new Date(start.getTime() + 30 * DAY_MS)
    await watch()
    expect(await alerts({ kind: ['METRIC_JUMP'] })).toMatchObject([
      {
        clearedAt: null,
        message: 'On 2026-03-31 the metric spent of jumpy was 1000; usual on that day of the week is 100.',
      },
    ])
  })

  test('are pushed to subscribers, as the list of those that are open', async () => {
    const { bench, watch } = await open()
    await bench.experiment('pushed', { metrics: BOUGHT, start: true })
    const client = createClient({
      url: server.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${bench.seed.keys.serverKey}` },
    })
    const subscriber = new Subscriber((sink) =>
      client.subscribe({ query: 'subscription { openAlerts { kind } }' }, sink),
    )
    expect((await subscriber.first()).data.openAlerts).toEqual([])
    await bench.seed.arms('pushed', [{ variantKey: 'control', units: 300, events: { bought: { units: 1 } } }])
    await watch()
    await subscriber.until(({ data }) => data.openAlerts[0]?.kind === 'SAMPLE_RATIO_MISMATCH')
    await bench.done('cancelExperiment', { experimentKey: 'pushed' })
    await watch()
    await subscriber.until(
      ({ data }) => subscriber.seen.length > 1 && data.openAlerts.length === 0 && data !== subscriber.seen[0]!.data,
    )
    subscriber.stop()
    await client.dispose()
  })

  test('of an experiment that was deleted before it was looked at again are cleared by housekeeping', async () => {
    const { bench, watch, alerts } = await open()
    await bench.experiment('vanished', { metrics: BOUGHT, start: true })
    await bench.experiment('staying', { useMetrics: ['bought'], metrics: [], start: false })
    await bench.done('setExperimentAutomation', { experimentKey: 'staying', scheduledStartAt: now.toISOString() })
    await bench.seed.arms('vanished', [{ variantKey: 'control', units: 300 }])
    await watch()
    await bench.done('cancelExperiment', { experimentKey: 'vanished' })
    await bench.done('deleteExperiment', { experimentKey: 'vanished' })
    await watch()
    expect(await alerts({ isOpen: true, kind: ['SAMPLE_RATIO_MISMATCH'] })).toHaveLength(1)
    const others = (await alerts({ isOpen: true })).length - 1
    await housekeep(server.platform, bench.seed.keys.organizationId)
    expect(await alerts({ isOpen: true, kind: ['SAMPLE_RATIO_MISMATCH'] })).toEqual([])
    expect(await alerts({ isOpen: true })).toHaveLength(others)
  })

  test('are seen by no other organization', async () => {
    const { bench, watch, alerts } = await open()
    await bench.experiment('private', { metrics: BOUGHT, start: true })
    await bench.seed.arms('private', [{ variantKey: 'control', units: 300 }])
    await watch()
    const [{ id }] = (await alerts()) as [{ id: string }]
    const other = await Seed.organization(server)
    const answer = await server.graphql(
      other.keys.adminKey,
      'query ($id: ID!) { node(id: $id) { id } alerts(first: 5) { totalCount } }',
      { id },
    )
    expect(answer).toEqual({ node: null, alerts: { totalCount: 0 } })
  })
})
