import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { watchOrganization } from '../../../src/server/jobs/watch-organization.ts'
import { Seed } from '../../support/seed.ts'
import { Subscriber } from '../../support/subscriber.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const DAY = 86_400_000
const start = Date.parse('2026-03-01T00:00:00Z')
let now = new Date(start)
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ clock: () => now })
})
afterAll(() => server.stop())

const EXPOSE = 'mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted } }'
const TRACK = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }'
const COMPLETE = `mutation ($input: CompleteExperimentInput!) { completeExperiment(input: $input) { ... on Error { code message } } }`
const RESULTS =
  'query ($asOf: DateTime) { experiment(key: "back") { results(asOf: $asOf) { version exposedUnits metrics { variants { units total mean } } } } }'
const SUBSCRIPTION =
  'subscription { experimentResults(experimentKey: "back") { version metrics { variants { units total } } } }'

/** An experiment on who comes back on the seventh day after their first exposure, and what happens on a day of it. */
class Week {
  readonly seed: Seed

  private constructor(seed: Seed) {
    this.seed = seed
  }

  static async begin(design: object = {}): Promise<Week> {
    now = new Date(start)
    const seed = await Seed.organization(server)
    const window = { windowStartHours: 7 * 24, conversionWindowHours: 8 * 24 }
    await seed.experiment({
      key: 'back',
      metrics: [{ key: 'day-7', kind: 'RETENTION', eventName: 'opened', ...window }],
      ...design,
    })
    return new Week(seed)
  }

  async expose(day: number, ...unitIds: string[]): Promise<void> {
    now = new Date(start + day * DAY + 3_600_000)
    const exposures = unitIds.map((unitId) => ({ experimentKey: 'back', variantKey: 'control', unitId }))
    await server.graphql(this.seed.keys.serverKey, EXPOSE, { input: { exposures } })
  }

  async open(day: number, ...unitIds: string[]): Promise<void> {
    now = new Date(start + day * DAY + 2 * 3_600_000)
    const events = unitIds.map((unitId) => ({ idempotencyKey: `${unitId}@${day}`, unitId, name: 'opened' }))
    await server.graphql(this.seed.keys.serverKey, TRACK, { input: { events } })
  }

  async complete(day: number): Promise<void> {
    now = new Date(start + day * DAY)
    await this.seed.admin(COMPLETE, { experimentKey: 'back' })
  }

  async results(day: number, asOf: number | null = null) {
    now = new Date(start + day * DAY)
    const variables = { asOf: asOf === null ? null : new Date(start + asOf * DAY).toISOString() }
    return (await server.graphql(this.seed.keys.serverKey, RESULTS, variables)).experiment.results
  }

  async control(day: number, asOf: number | null = null) {
    return (await this.results(day, asOf)).metrics[0].variants[0]
  }

  watch(day: number): Promise<void> {
    now = new Date(start + day * DAY)
    return watchOrganization(server.platform, this.seed.keys.organizationId)
  }
}

it('counts units that come back in the window, once their window has passed', async () => {
  const week = await Week.begin()
  await week.expose(0, 'a', 'b', 'c')
  await week.open(1, 'a', 'b')
  await week.expose(4, 'late')
  expect(await week.control(5)).toMatchObject({ units: 0, mean: null })
  await week.open(7, 'a')
  await week.open(9, 'b')
  // The window of those of day 0 ends with day 8 at the latest: one of three came back on day 7.
  expect(await week.control(8)).toMatchObject({ units: 0 })
  expect(await week.control(9.2)).toMatchObject({ units: 3, total: 1 })
  await week.open(11, 'late')
  expect(await week.control(13)).toMatchObject({ units: 4, total: 2, mean: 0.5 })
})

it('weighs the same units by their propensities where the allocation adapts', async () => {
  const week = await Week.begin({ assignmentAlgorithm: 'THOMPSON' })
  await week.expose(0, 'a', 'b', 'c')
  await week.expose(4, 'late')
  await week.open(7, 'a')
  await week.open(11, 'late')
  const { units, total, mean } = await week.control(12)
  expect([units, total]).toEqual([3, 1])
  expect(mean).toBeCloseTo(1 / 3, 12)
})

it('leaves out for good the units whose window had not passed at the end', async () => {
  const week = await Week.begin()
  await week.expose(0, 'a', 'b')
  await week.expose(5, 'cut off')
  await week.open(7, 'a')
  await week.complete(10)
  expect(await week.control(10)).toMatchObject({ units: 2, total: 1 })
  expect(await week.control(30)).toMatchObject({ units: 2, total: 1 })
})

it('says the same when the log has forgotten the experiment', async () => {
  const week = await Week.begin()
  await week.expose(0, 'a', 'b')
  await week.expose(5, 'cut off')
  await week.open(7, 'a')
  await week.complete(10)
  const before = await week.results(20)
  now = new Date(start + 200 * DAY)
  expect(await server.platform.retention.purge(week.seed.keys.organizationId)).toMatchObject({ experiments: 1 })
  expect(before.metrics[0].variants[0]).toMatchObject({ units: 2, total: 1 })
  expect(await week.results(200)).toEqual(before)
})

it('makes it known when a window has passed, though nothing came in: to history, and to those who watch', async () => {
  const week = await Week.begin()
  await week.expose(0, 'a', 'b')
  await week.open(7, 'a')
  await week.watch(8.9)
  const client = createClient({
    url: server.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${week.seed.keys.serverKey}` },
  })
  const subscriber = new Subscriber((sink) => client.subscribe({ query: SUBSCRIPTION }, sink))
  const { version, metrics } = (await subscriber.first()).data.experimentResults
  expect(metrics[0].variants[0]).toEqual({ units: 0, total: 0 })
  await week.watch(9.1)
  const seen = await subscriber.until(({ data }) => data.experimentResults.version > version)
  expect(seen.data.experimentResults.metrics[0].variants[0]).toEqual({ units: 2, total: 1 })
  await client.dispose()
  expect(await week.control(9.1, 9)).toMatchObject({ units: 0 })
  expect(await week.control(9.2, 9.15)).toMatchObject({ units: 2, total: 1 })
  const sameDay = await week.results(9.9)
  expect(sameDay.version).toBe(seen.data.experimentResults.version)
})

it('needs a window with a beginning and an end', async () => {
  const seed = await Seed.organization(server)
  const metric = (fields: object) => seed.metric({ key: 'm', kind: 'RETENTION', ...fields })
  await expect(metric({})).rejects.toThrow('METRIC_DEFINITION_INVALID: windowStartHours')
  await expect(metric({ windowStartHours: 24 })).rejects.toThrow('METRIC_DEFINITION_INVALID: conversionWindowHours')
  await expect(metric({ windowStartHours: 24, conversionWindowHours: 24 })).rejects.toThrow('METRIC_DEFINITION_INVALID')
  await expect(seed.metric({ key: 'n', kind: 'PROPORTION', windowStartHours: 24 })).rejects.toThrow('only a RETENTION')
})
