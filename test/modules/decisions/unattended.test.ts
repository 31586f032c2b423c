import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const HISTORY = `{ resultsHistory(experimentKey: "alone", metricKey: "alone-converted") { computedAt version exposedUnits } }`

let servers: TestServer[]
beforeAll(async () => {
  const first = await startTestServer({ runsJobs: true })
  servers = [first, await startTestServer({ runsJobs: true, database: first.database })]
})
afterAll(async () => {
  for (const server of servers?.toReversed() ?? []) await server.stop()
})

test('a running experiment that changes is evaluated every minute at least, by one of the servers, though nobody watches', async () => {
  const bench = await Workbench.open(servers[0]!)
  await bench.experiment('alone', { start: true })
  const startedAt = Date.now()
  let units = 0
  const points = async (): Promise<Array<{ computedAt: string; version: number }>> => {
    await bench.seed.arms('alone', [{ variantKey: 'control', from: units++, units: 1 }])
    return (await bench.query(HISTORY)).resultsHistory
  }
  await expect.poll(async () => (await points()).length, { timeout: 150_000, interval: 500 }).toBeGreaterThanOrEqual(2)
  const history = await points()
  const times = [startedAt, ...history.map(({ computedAt }) => Date.parse(computedAt))]
  for (const [index, time] of times.entries()) if (index > 0) expect(time - times[index - 1]!).toBeLessThan(65_000)
  expect(new Set(history.map(({ version }) => version)).size).toBe(history.length)
}, 160_000)
