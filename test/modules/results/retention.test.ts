import { afterAll, beforeAll, expect, it } from 'vitest'
import { Seed } from '../../support/seed.ts'
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
const RESULTS = '{ experiment(key: "back") { results { exposedUnits metrics { variants { units total mean } } } } }'

it('counts units that come back in the window, once their window has passed', async () => {
  const seed = await Seed.organization(server)
  await seed.experiment({
    key: 'back',
    metrics: [
      { key: 'day-7', kind: 'RETENTION', eventName: 'opened', windowStartHours: 7 * 24, conversionWindowHours: 8 * 24 },
    ],
  })
  const expose = async (day: number, ...unitIds: string[]) => {
    now = new Date(start + day * DAY + 3_600_000)
    const exposures = unitIds.map((unitId) => ({ experimentKey: 'back', variantKey: 'control', unitId }))
    await server.graphql(seed.keys.serverKey, EXPOSE, { input: { exposures } })
  }
  const open = async (day: number, ...unitIds: string[]) => {
    now = new Date(start + day * DAY + 2 * 3_600_000)
    const events = unitIds.map((unitId) => ({ idempotencyKey: `${unitId}@${day}`, unitId, name: 'opened' }))
    await server.graphql(seed.keys.serverKey, TRACK, { input: { events } })
  }
  const control = async (day: number) => {
    now = new Date(start + day * DAY)
    return (await server.graphql(seed.keys.serverKey, RESULTS)).experiment.results.metrics[0].variants[0]
  }
  await expose(0, 'a', 'b', 'c')
  await open(1, 'a', 'b')
  await expose(4, 'late')
  expect(await control(5)).toMatchObject({ units: 0, mean: null })
  await open(7, 'a')
  await open(9, 'b')
  // The window of those of day 0 ends with day 8 at the latest: one of three came back on day 7.
  expect(await control(8)).toMatchObject({ units: 0 })
  expect(await control(9.2)).toMatchObject({ units: 3, total: 1 })
  await open(11, 'late')
  expect(await control(13)).toMatchObject({ units: 4, total: 2, mean: 0.5 })
})

it('needs a window with a beginning and an end', async () => {
  const seed = await Seed.organization(server)
  const metric = (fields: object) => seed.metric({ key: 'm', kind: 'RETENTION', ...fields })
  await expect(metric({})).rejects.toThrow('METRIC_DEFINITION_INVALID: windowStartHours')
  await expect(metric({ windowStartHours: 24 })).rejects.toThrow('METRIC_DEFINITION_INVALID: conversionWindowHours')
  await expect(metric({ windowStartHours: 24, conversionWindowHours: 24 })).rejects.toThrow('METRIC_DEFINITION_INVALID')
  await expect(seed.metric({ key: 'n', kind: 'PROPORTION', windowStartHours: 24 })).rejects.toThrow('only a RETENTION')
})
