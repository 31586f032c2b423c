import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RecomputationBench } from '../support/recomputation-bench.ts'
import { databaseUrl, ServerProcess } from '../support/server-process.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

/** A dead process is found by its silence within 15 s; another one starts within 30 s. */
const WITHIN = { timeout: 60_000, interval: 50 }

let beside: TestServer
let owner: Client
const processes: ServerProcess[] = []
beforeAll(async () => {
  // Runs no jobs: those are left to the processes, one of which is killed.
  beside = await startTestServer()
  owner = new Client(beside.database.owner)
  await owner.connect()
  for (let index = 0; index < 2; index++) {
    processes.push(await ServerProcess.on({ DATABASE_URL: databaseUrl(beside.database.owner), ASSAY_POOL_SIZE: '6' }))
  }
})
afterAll(async () => {
  await Promise.all(processes.map((each) => each.end('SIGKILL')))
  await owner?.end()
  await beside?.stop()
})

/** Connections that wait for the log. */
async function waiting(): Promise<number> {
  const { rows } = await owner.query(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'relation'`,
  )
  return rows[0].n
}

/** The first process is about to read the log for a recomputation, which a lock keeps it from. */
async function reading(bench: RecomputationBench) {
  const [first, second] = processes as [ServerProcess, ServerProcess]
  const holder = new Client(beside.database.owner)
  await holder.connect()
  await holder.query('begin; lock table event in access exclusive mode')
  await first.start()
  const id = await bench.asked('past', new Date())
  return { holder, first, second, id }
}

test('killed while it reads the log: its statement ends, and another process does it, once', async () => {
  const bench = await RecomputationBench.open(beside)
  await bench.started('past', { metrics: [{ key: 'bought', kind: 'PROPORTION' }] })
  await bench.expose('past', 'control', ['a', 'b', 'c'])
  await bench.track([{ unitId: 'b', name: 'bought' }])
  const { holder, first, second, id } = await reading(bench)
  const status = async () => (await bench.read(id, 'status')).status
  await expect.poll(waiting, WITHIN).toBe(1)
  expect(await status()).toBe('RUNNING')
  await first.end('SIGKILL')
  await expect.poll(waiting, WITHIN).toBe(0)
  await second.start()
  await expect.poll(waiting, WITHIN).toBe(1)
  expect(await status()).toBe('RUNNING')
  await holder.query('rollback')
  await holder.end()
  await expect.poll(status, WITHIN).toBe('SUCCEEDED')
  expect(await bench.read(id, 'results { exposedUnits metrics { variants { total } } }')).toEqual({
    results: { exposedUnits: 3, metrics: [{ variants: [{ total: 1 }, { total: 0 }] }] },
  })
  const { rows } = await owner.query('select attempts from results_recomputation')
  expect(rows).toEqual([{ attempts: 2 }])
  await second.end('SIGTERM')
}, 180_000)

test('shut down while it reads the log: it does not hold up the end for long, and another process does it', async () => {
  const bench = await RecomputationBench.open(beside)
  await bench.started('past')
  const { holder, first, second, id } = await reading(bench)
  await expect.poll(waiting, WITHIN).toBe(1)
  const before = performance.now()
  expect(await first.end('SIGTERM')).toBe(0)
  expect(performance.now() - before).toBeLessThan(20_000)
  await expect.poll(waiting, WITHIN).toBe(0)
  await holder.query('rollback')
  await holder.end()
  await second.start()
  await expect.poll(async () => (await bench.read(id, 'status')).status, WITHIN).toBe('SUCCEEDED')
  await second.end('SIGTERM')
}, 180_000)
