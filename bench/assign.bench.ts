import autocannon from 'autocannon'
import { type BenchServer, startExperiment } from './bench-server.ts'

const CONNECTIONS = 256
const SECONDS = 8
const RETURNING = 10_000

const ASSIGN = 'mutation ($input: AssignInput!) { assign(input: $input) { variant { key } reason } }'

/** (3) Single assign calls over HTTP against a bare `{ __typename }` on the same server. */
export async function benchAssign(server: BenchServer): Promise<string[]> {
  await startExperiment(server, 'assigned', 'pressed')
  let unit = 0
  const assign = (unitId: string) =>
    JSON.stringify({ query: ASSIGN, variables: { input: { experimentKey: 'assigned', unitId } } })
  const bare = await fire(server, () => JSON.stringify({ query: '{ __typename }' }))
  const fresh = await fire(server, () => assign(`new-${unit++}`))
  let returning = 0
  const again = () => assign(`new-${returning++ % Math.min(RETURNING, unit)}`)
  const known = await fire(server, again)
  const line = (what: string, { rate, p50, p99 }: Fired) =>
    `${what}: ${Math.round(rate).toLocaleString('en-US')}/s, p50 ${p50} ms, p99 ${p99} ms, ${(rate / bare.rate).toFixed(2)} of the bare query`
  return [
    `bare { __typename }, ${CONNECTIONS} connections: ${Math.round(bare.rate).toLocaleString('en-US')}/s, p50 ${bare.p50} ms, p99 ${bare.p99} ms (baseline)`,
    line('assign, returning units (at least 0.5)', known),
    line('assign, new units', fresh),
  ]
}

interface Fired {
  rate: number
  p50: number
  p99: number
}

async function fire({ url, keys }: BenchServer, body: () => string): Promise<Fired> {
  const run = (duration: number) =>
    autocannon({
      url,
      connections: CONNECTIONS,
      duration,
      requests: [
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.serverKey}` },
          setupRequest: (request) => ({ ...request, body: body() }),
        },
      ],
    })
  await run(2)
  const { requests, latency, non2xx, errors } = await run(SECONDS)
  if (non2xx + errors > 0) throw new Error(`${non2xx} answers were not 2xx, ${errors} failed.`)
  return { rate: requests.average, p50: latency.p50, p99: latency.p99 }
}
