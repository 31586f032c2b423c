import { Client } from 'pg'
import { ApiClient } from '../src/cli/api-client.ts'
import { type BenchServer, startExperiment } from './bench-server.ts'
import { eventsOf, exposeUnits, PROPERTIES, sendEvents } from './traffic.ts'

const UNITS = 20_000
const BATCH = 1_000
const BATCHES = 200
const IN_FLIGHT = 8
/** Batches before the clock starts, in which plans are cached and code is compiled. */
const WARM_UP = 60

/** (1) Events through GraphQL over HTTP, attributed and aggregated, against a plain insert of the log's own columns. */
export async function benchIngestion(server: BenchServer): Promise<string[]> {
  const api = new ApiClient({ url: server.url, apiKey: server.keys.serverKey })
  const baseline = await plainInsert(server)
  await startExperiment(server, 'one', 'bought')
  await exposeUnits(api, 'one', UNITS)
  const batches = (name: string, count: number) => Array.from({ length: count }, () => eventsOf(name, BATCH, UNITS))
  await sendEvents(server, batches('bought', WARM_UP), IN_FLIGHT)
  const one = await sendEvents(server, batches('bought', BATCHES), IN_FLIGHT)
  for (let n = 1; n <= 5; n++) {
    await startExperiment(server, `five-${n}`, 'visited')
    await exposeUnits(api, `five-${n}`, UNITS)
  }
  await sendEvents(server, batches('visited', 10), IN_FLIGHT)
  const five = await sendEvents(server, batches('visited', BATCHES / 2), IN_FLIGHT)
  const line = (what: string, rate: number) =>
    `${what}: ${Math.round(rate).toLocaleString('en-US')} events/s, ${(rate / baseline).toFixed(2)} of the plain insert`
  return [
    `plain INSERT … unnest, one connection, no index: ${Math.round(baseline).toLocaleString('en-US')} events/s (baseline)`,
    line('units in one experiment, one metric (at least 0.20, aim 0.33)', one),
    line('units in six experiments, five of them read the event', five),
  ]
}

/** Rows per second into a table without an index, in batches of the same size. */
async function plainInsert({ owner }: BenchServer): Promise<number> {
  const client = new Client(owner)
  await client.connect()
  await client.query('create table plain_log (like event)')
  const rows = BATCH * BATCHES
  const column = <T>(value: (n: number) => T) => Array.from({ length: BATCH }, (_, n) => value(n))
  const now = new Date()
  const began = performance.now()
  for (let batch = 0; batch < BATCHES; batch++) {
    await client.query({
      name: 'plain',
      text: `insert into plain_log (organization_id, unit_type, unit_id, occurred_at, received_at, name, value, properties)
        select $1::uuid, 'user', unit_id, occurred_at, occurred_at, 'bought', value, properties::jsonb
        from unnest($2::text[], $3::timestamptz[], $4::numeric[], $5::text[]) as i (unit_id, occurred_at, value, properties)`,
      values: [
        '00000000-0000-4000-8000-000000000000',
        column((n) => `u${(batch * BATCH + n) % UNITS}`),
        column(() => now),
        column(() => Math.round(Math.random() * 10_000) / 100),
        column(() => JSON.stringify(PROPERTIES)),
      ],
    })
  }
  const rate = rows / ((performance.now() - began) / 1_000)
  await client.query('drop table plain_log')
  await client.end()
  return rate
}
