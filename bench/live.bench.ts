import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { ApiClient } from '../src/cli/api-client.ts'
import { type BenchServer, startExperiment } from './bench-server.ts'
import { exposeUnits, quantile } from './traffic.ts'

const SUBSCRIBERS = 200
const EVENTS = 60
const UNITS = 1_000

const LIVE = `subscription { experimentResults(experimentKey: "watched") {
  version metrics { variants { variant { key } units total mean } comparisons { isSignificant alwaysValid { pValue } } }
} }`
const TRACK = `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }`

interface Pushed {
  experimentResults: { metrics: Array<{ variants: Array<{ total: number }> }> }
}

/** (4) From the answer to a tracked event to the push that holds it, at every subscriber. */
export async function benchLive(server: BenchServer): Promise<string[]> {
  const api = new ApiClient({ url: server.url, apiKey: server.keys.serverKey })
  await startExperiment(server, 'watched', 'seen')
  await exposeUnits(api, 'watched', UNITS)
  const answered: number[] = []
  const delays: number[] = []
  const clients = Array.from({ length: SUBSCRIBERS }, () => {
    const client = createClient({
      url: server.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${server.keys.serverKey}` },
    })
    let counted = 0
    client.subscribe<Pushed>(
      { query: LIVE },
      {
        next: ({ data }) => {
          const now = performance.now()
          const variants = data?.experimentResults.metrics[0]?.variants ?? []
          const total = variants.reduce((sum, variant) => sum + variant.total, 0)
          // An event whose answer is still under way is counted with no delay.
          for (; counted < total; counted++) delays.push(Math.max(0, now - (answered[counted] ?? now)))
        },
        error: (error) => console.error(error),
        complete: () => undefined,
      },
    )
    return client
  })
  await pause(2_000)
  for (let event = 0; event < EVENTS; event++) {
    const events = [{ idempotencyKey: `live-${event}`, unitId: `u${event % UNITS}`, name: 'seen', value: 1 }]
    await api.call(TRACK, { input: { events } })
    answered.push(performance.now())
    await pause(20 + Math.random() * 400)
  }
  await pause(1_000)
  for (const client of clients) await client.dispose()
  if (delays.length !== SUBSCRIBERS * EVENTS)
    throw new Error(`${delays.length} of ${SUBSCRIBERS * EVENTS} events were pushed.`)
  const [p50, p99] = [quantile(delays, 0.5), quantile(delays, 0.99)]
  return [
    `${SUBSCRIBERS} subscribers, ${EVENTS} events: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms from answer to push (p99 under 500 ms)`,
  ]
}
