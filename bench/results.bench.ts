import { ApiClient } from '../src/cli/api-client.ts'
import { type BenchServer, startExperiment } from './bench-server.ts'
import { eventsOf, exposeUnits, quantile, sendEvents } from './traffic.ts'

const UNITS = 10_000
const FEW = 10_000
const MANY = 1_000_000
const ROUNDS = 400

const RESULTS = `query ($key: String!) { experiment(key: $key) { results {
  version exposedUnits
  metrics { variants { units mean } comparisons { isSignificant test { pValue } alwaysValid { pValue } } }
  decision { recommendation }
} } }`

/** (2) Results with a million events logged against ten thousand; the two are asked for in turn. */
export async function benchResults(server: BenchServer): Promise<string[]> {
  const api = new ApiClient({ url: server.url, apiKey: server.keys.serverKey })
  for (const [key, events] of [
    ['few', FEW],
    ['many', MANY],
  ] as const) {
    await startExperiment(server, key, `event-${key}`)
    await exposeUnits(api, key, UNITS)
    for (let sent = 0; sent < events; sent += 100_000) {
      const batches = Array.from({ length: Math.min(20, (events - sent) / 5_000) }, () =>
        eventsOf(`event-${key}`, 5_000, UNITS),
      )
      await sendEvents(server, batches, 4)
    }
  }
  const times: Record<string, number[]> = { few: [], many: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const key of round % 2 === 0 ? ['few', 'many'] : ['many', 'few']) {
      const began = performance.now()
      await api.call(RESULTS, { key })
      if (round >= ROUNDS / 10) times[key]!.push(performance.now() - began)
    }
  }
  const [few, many] = [quantile(times.few!, 0.5), quantile(times.many!, 0.5)]
  return [
    `${FEW.toLocaleString('en-US')} events: ${few.toFixed(2)} ms at the median (baseline)`,
    `${MANY.toLocaleString('en-US')} events: ${many.toFixed(2)} ms at the median, ${(many / few).toFixed(2)} of the baseline (at most 1.3)`,
  ]
}
