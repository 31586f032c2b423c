import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { housekeep } from '../../../src/server/jobs/housekeep.ts'
import { RecomputationBench } from '../../support/recomputation-bench.ts'
import { TestClock } from '../../support/test-clock.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const DAY_S = 86_400

let server: TestServer
let owner: Client
let bench: RecomputationBench
const clock = new TestClock()
beforeAll(async () => {
  server = await startTestServer({ clock: clock.read })
  owner = new Client(server.database.owner)
  await owner.connect()
})
afterAll(async () => {
  await owner?.end()
  await server?.stop()
})
beforeEach(async () => {
  bench = await RecomputationBench.open(server)
  await bench.started('old')
  await bench.expose('old', 'control', ['a', 'b'])
  clock.advance(60)
})

const iso = (time: Date) => time.toISOString()

describe('the job of a recomputation', () => {
  test('does it once, however often it has its turn', async () => {
    const id = await bench.asked('old', clock.read())
    await bench.turn(id)
    const done = await bench.read(id)
    clock.advance(60)
    await bench.expose('old', 'control', ['c'])
    await bench.turn(id)
    expect(await bench.read(id)).toEqual(done)
  })

  test('ends with a reason when the log takes too long to read', async () => {
    const id = await bench.asked('old', clock.read())
    const impatient = await startTestServer({ clock: clock.read, database: server.database, mostReadingMs: 300 })
    try {
      await whileLogIsHeld(() => bench.turn(id, { on: impatient }))
    } finally {
      await impatient.stop()
    }
    expect(await bench.read(id)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'RECOMPUTATION_TIMED_OUT', message: 'The log could not be read within 0.3 s.' },
      finishedAt: iso(clock.read()),
    })
  })

  test('leaves the connections of the hot paths to them, however long it reads', async () => {
    const small = await startTestServer({ clock: clock.read, database: server.database, poolSize: 4 })
    const ids = [0, 1, 2].map((index) => bench.asked('old', new Date(clock.read().getTime() - index)))
    const turns: Array<Promise<void>> = []
    try {
      await whileLogIsHeld(async () => {
        for (const id of await Promise.all(ids)) turns.push(bench.turn(id, { on: small }))
        await expect.poll(waiting, { timeout: 20_000 }).toBe(2)
        const query = '{ experiment(key: "old") { results { exposedUnits } } }'
        const answers = await Promise.all([1, 2, 3, 4].map(() => small.graphql(bench.bench.seed.keys.serverKey, query)))
        for (const { experiment } of answers) expect(experiment.results.exposedUnits).toBe(2)
      })
      await Promise.all(turns)
    } finally {
      await small.stop()
    }
    for (const id of await Promise.all(ids)) expect((await bench.read(id)).status).toBe('SUCCEEDED')
  })

  test('is taken up again where it was broken off, and leaves no statement behind', async () => {
    const id = await bench.asked('old', clock.read())
    await whileLogIsHeld(async () => {
      const abort = new AbortController()
      const turn = bench.turn(id, { signal: abort.signal })
      const outcome = turn.catch((error: unknown) => error)
      await expect.poll(waiting, { timeout: 20_000 }).toBe(1)
      expect((await bench.read(id)).status).toBe('RUNNING')
      abort.abort()
      expect(await outcome).toBeInstanceOf(Error)
      await expect.poll(waiting, { timeout: 20_000 }).toBe(0)
    })
    expect(await bench.read(id)).toMatchObject({ status: 'RUNNING', results: null, finishedAt: null })
    await bench.turn(id)
    expect(await bench.read(id)).toMatchObject({ status: 'SUCCEEDED', results: { exposedUnits: 2 } })
  })

  test('is tried again after a fault, and given up after five without saying what only operators may know', async () => {
    const id = await bench.asked('old', clock.read())
    await owner.query('alter table metric_source rename to metric_source_away')
    try {
      for (let attempt = 1; attempt < 5; attempt++) {
        await expect(bench.turn(id)).rejects.toThrow('metric_source')
        expect((await bench.read(id)).status).toBe('RUNNING')
      }
      await bench.turn(id)
    } finally {
      await owner.query('alter table metric_source_away rename to metric_source')
    }
    expect(await bench.read(id)).toMatchObject({
      status: 'FAILED',
      failure: {
        code: 'INTERNAL_SERVER_ERROR',
        message: 'It was tried 5 times and failed by a fault of the server; the log of the server has the details.',
      },
    })
  })

  test('of an experiment that was deleted meanwhile comes nothing', async () => {
    const asOf = clock.read()
    const id = await bench.asked('old', asOf)
    await bench.bench.done('completeExperiment', { experimentKey: 'old' })
    await bench.bench.mutate('deleteExperiment', { experimentKey: 'old' })
    await bench.turn(id)
    expect(await bench.read(id)).toBeNull()
    const { rows } = await owner.query(
      'select status, failure_code from results_recomputation where organization_id = $1',
      [bench.organizationId],
    )
    expect(rows).toEqual([{ status: 'FAILED', failure_code: 'EXPERIMENT_DELETED' }])
  })

  test('housekeeping gives up what was lost for a day, and forgets what was done 30 days ago', async () => {
    const done = await bench.asked('old', clock.read())
    await bench.turn(done)
    clock.advance(29 * DAY_S)
    const lost = await bench.asked('old', clock.read())
    clock.advance(DAY_S - 60)
    await housekeep(server.platform, bench.organizationId)
    expect([(await bench.read(done))?.status, (await bench.read(lost))?.status]).toEqual(['SUCCEEDED', 'QUEUED'])
    clock.advance(120)
    await housekeep(server.platform, bench.organizationId)
    expect(await bench.read(done)).toBeNull()
    expect(await bench.read(lost)).toMatchObject({
      status: 'FAILED',
      failure: {
        code: 'INTERNAL_SERVER_ERROR',
        message: 'It was not done within a day of being asked for; ask for it again.',
      },
    })
    await bench.turn(lost)
    expect((await bench.read(lost)).status).toBe('FAILED')
  })
})

/** Statements of the server that wait for the log. */
async function waiting(): Promise<number> {
  const { rows } = await owner.query(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows[0].n
}

/** Runs `work` while nobody can read what is logged. */
async function whileLogIsHeld(work: () => Promise<void>): Promise<void> {
  const holder = new Client(server.database.owner)
  await holder.connect()
  try {
    await holder.query('begin; lock table event in access exclusive mode')
    await work()
  } finally {
    await holder.query('rollback')
    await holder.end()
  }
}
