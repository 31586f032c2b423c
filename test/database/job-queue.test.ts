import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type JobKind, JobQueue } from '../../src/database/job-queue.ts'
import { WATCH } from '../../src/server/jobs/job-kinds.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const ORGANIZATION = '00000000-0000-4000-8000-000000000001'
/** The queue of a keyed kind, used with a payload. */
const KEYED: JobKind<{ n: number }> = { name: WATCH.name, isKeyed: true }
const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })

let server: TestServer
const queues: JobQueue[] = []
beforeAll(async () => {
  server = await startTestServer()
})
afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.close()))
})
afterAll(() => server?.stop())

function worker(): JobQueue {
  const queue = new JobQueue(server.database.app, log, true)
  queues.push(queue)
  return queue
}

/** Runs jobs in as many processes as told, and gives the numbers that they were told as they run. */
async function runners(count: number, run: (n: number) => Promise<void> = async () => undefined) {
  const seen: number[] = []
  for (let index = 0; index < count; index++) {
    await worker().work(KEYED, async ({ organizationId, payload }) => {
      expect(organizationId).toBe(ORGANIZATION)
      seen.push(payload.n)
      await run(payload.n)
    })
  }
  return seen
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5)
}

describe('the job queue', () => {
  test('does each job once, in any number of processes', async () => {
    const seen = await runners(3)
    const numbers = Array.from({ length: 30 }, (_, n) => n)
    for (const n of numbers) await server.platform.jobs.add(KEYED, ORGANIZATION, { n }, { key: String(n) })
    await until(() => seen.length >= numbers.length)
    await pause(1_200)
    expect(seen.sort((a, b) => a - b)).toEqual(numbers)
  })

  test('a backlog is worked off without a pause between two jobs', async () => {
    const numbers = Array.from({ length: 20 }, (_, n) => n)
    // In one transaction: the workers are woken once for all of them.
    await server.platform.scopedTo(ORGANIZATION).transactional(async (em) => {
      for (const n of numbers) {
        await server.platform.jobs.add(KEYED, ORGANIZATION, { n }, { em: em as never, key: String(n) })
      }
    })
    const began = performance.now()
    const seen = await runners(1)
    await until(() => seen.length >= numbers.length)
    // Two places; with a pause of two seconds after each job it would be twenty.
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  test('a keyed job waits at most once, and not beside one that runs', async () => {
    const gate = Promise.withResolvers<void>()
    const seen = await runners(2, () => gate.promise)
    const add = (n: number) => server.platform.jobs.add(KEYED, ORGANIZATION, { n }, { key: 'same' })
    await add(1)
    await until(() => seen.length === 1)
    for (const n of [2, 3, 4]) await add(n)
    await pause(1_500)
    expect(seen).toEqual([1])
    gate.resolve()
    await until(() => seen.length === 2)
    await pause(1_200)
    expect(seen).toEqual([1, 2])
  })

  test('a job added in a transaction runs when it has committed, and never when it has not', async () => {
    const seen = await runners(1)
    const em = () => server.platform.scopedTo(ORGANIZATION)
    const add = (n: number, fails: boolean) =>
      em().transactional(async (own) => {
        await server.platform.jobs.add(KEYED, ORGANIZATION, { n }, { em: own as never, key: String(n) })
        await pause(1_200)
        expect(seen).not.toContain(n)
        if (fails) throw new Error('rolled back')
      })
    await expect(add(1, true)).rejects.toThrow('rolled back')
    await add(2, false)
    await until(() => seen.length > 0)
    expect(seen).toEqual([2])
  })

  test('a job that throws is tried again', async () => {
    let failures = 0
    const seen = await runners(1, async () => {
      if (failures++ === 0) throw new Error('at first')
    })
    await server.platform.jobs.add(KEYED, ORGANIZATION, { n: 7 }, { key: 'again' })
    await until(() => seen.length === 2)
    expect(seen).toEqual([7, 7])
  })

  test('a job for later waits for its time', async () => {
    const seen = await runners(1)
    const at = new Date(Date.now() + 2_000)
    await server.platform.jobs.add(KEYED, ORGANIZATION, { n: 1 }, { key: 'later', at })
    await pause(1_000)
    expect(seen).toEqual([])
    await until(() => seen.length === 1)
    expect(Date.now()).toBeGreaterThanOrEqual(at.getTime())
  })

  test('a stop lets the job under way finish', async () => {
    const finished: number[] = []
    const seen = await runners(1, async (n) => {
      await pause(500)
      finished.push(n)
    })
    await server.platform.jobs.add(KEYED, ORGANIZATION, { n: 1 }, { key: 'stopping' })
    await until(() => seen.length === 1)
    await queues[0]!.close()
    expect(finished).toEqual([1])
  })
})
