import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RecomputationBench } from '../../support/recomputation-bench.ts'
import { Seed } from '../../support/seed.ts'
import { TestClock } from '../../support/test-clock.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const DAY_S = 86_400
const RETENTION_DAYS = 30

let server: TestServer
let owner: Client
let bench: RecomputationBench
const clock = new TestClock()
beforeAll(async () => {
  server = await startTestServer({ clock: clock.read, retentionDays: RETENTION_DAYS })
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
const queued = async () => {
  const { rows } = await owner.query(
    `select count(*)::int as jobs from pgboss.job where name = 'recompute-results' and data->>'organizationId' = $1`,
    [bench.organizationId],
  )
  return rows[0].jobs
}

describe('recomputeResults', () => {
  test('takes a request, says how far it is, and has the results in the end', async () => {
    const asOf = clock.advance(1)
    const requestedAt = clock.advance(1)
    const { recomputation } = await bench.ask('old', asOf)
    const asked = {
      id: recomputation.id,
      asOf: iso(asOf),
      status: 'QUEUED',
      requestedAt: iso(requestedAt),
      requestedBy: expect.stringMatching(/^key:\d+$/),
      startedAt: null,
      finishedAt: null,
      engineVersion: null,
      experiment: { key: 'old' },
      failure: null,
      results: null,
    }
    expect(recomputation).toEqual(asked)
    expect(await queued()).toBe(1)
    const finishedAt = clock.advance(1)
    await bench.turn(recomputation.id)
    const done = await bench.read(recomputation.id)
    expect(done).toEqual({
      ...asked,
      status: 'SUCCEEDED',
      startedAt: iso(finishedAt),
      finishedAt: iso(finishedAt),
      engineVersion: expect.stringMatching(/\S/),
      results: { id: expect.any(String), exposedUnits: 2 },
    })
    const { experiment, node, nodes } = await bench.bench.query(
      `query ($id: ID!, $results: ID!) {
        node(id: $id) { ... on ResultsRecomputation { status } }
        nodes(ids: [$results]) { id ... on ExperimentResults { computedAt exposedUnits } }
        experiment(key: "old") { results { id } recomputations { totalCount edges { node { id status } } } }
      }`,
      { id: recomputation.id, results: done.results.id },
    )
    expect(node).toEqual({ status: 'SUCCEEDED' })
    expect(nodes).toEqual([{ id: done.results.id, computedAt: iso(asOf), exposedUnits: 2 }])
    expect(experiment.results.id).not.toBe(done.results.id)
    expect(experiment.recomputations).toEqual({
      totalCount: 1,
      edges: [{ node: { id: recomputation.id, status: 'SUCCEEDED' } }],
    })
  })

  test('stands in the audit log of the experiment, by whom', async () => {
    const asOf = clock.read()
    const id = await bench.asked('old', asOf)
    await bench.turn(id)
    const { auditLog } = await bench.bench.query(
      `{ auditLog(filter: { subjectType: ["ResultsRecomputation"] }) { edges { node { action actor subjectId rootType rootKey after } } } }`,
    )
    expect(auditLog.edges.map(({ node }: { node: object }) => node)).toEqual([
      {
        action: 'CREATED',
        actor: expect.stringMatching(/^key:\d+$/),
        subjectId: id,
        rootType: 'Experiment',
        rootKey: 'old',
        after: expect.objectContaining({ asOf: iso(asOf), status: 'QUEUED' }),
      },
    ])
  })

  test('the same asked twice waits once; once it has its turn, later knowledge has one of its own', async () => {
    const asOf = clock.read()
    const ids = await Promise.all([1, 2, 3, 4].map(() => bench.asked('old', asOf)))
    expect(new Set(ids).size).toBe(1)
    expect(await queued()).toBe(1)
    await bench.turn(ids[0]!)
    expect(await bench.asked('old', asOf)).not.toBe(ids[0])
  })

  test('is refused outside the life of the experiment, and for what has none', async () => {
    const start = new Date(clock.read().getTime() - 60_000)
    const future = new Date(clock.read().getTime() + 1)
    expect(await bench.ask('old', future)).toEqual({
      __typename: 'InputError',
      code: 'AS_OF_INVALID',
      message: `asOf is ${iso(future)}, which lies in the future; it is ${iso(clock.read())}.`,
      path: ['asOf'],
    })
    const early = new Date(start.getTime() - 1)
    expect(await bench.ask('old', early)).toEqual({
      __typename: 'InputError',
      code: 'AS_OF_INVALID',
      message: `asOf is ${iso(early)}; old started at ${iso(start)}.`,
      path: ['asOf'],
    })
    await bench.bench.experiment('draft')
    expect(await bench.ask('draft', start)).toMatchObject({ __typename: 'RuleError', code: 'EXPERIMENT_NOT_STARTED' })
    for (const key of ['nowhere', 'no key at all']) {
      expect(await bench.ask(key, start)).toMatchObject({ __typename: 'NotFoundError', code: 'EXPERIMENT_NOT_FOUND' })
    }
    await bench.bench.done('completeExperiment', { experimentKey: 'old' })
    await bench.bench.mutate('deleteExperiment', { experimentKey: 'old' })
    expect((await bench.ask('old', start)).code).toBe('EXPERIMENT_NOT_FOUND')
    expect(await queued()).toBe(0)
  })

  test('is refused beyond the retention of the log, with the oldest end that is not', async () => {
    const asOf = clock.read()
    await bench.bench.done('completeExperiment', { experimentKey: 'old' })
    const inTime = await bench.asked('old', asOf)
    const late = await bench.asked('old', new Date(asOf.getTime() - 1))
    await bench.turn(inTime)
    clock.advance((RETENTION_DAYS + 2) * DAY_S)
    await server.platform.retention.purge(bench.organizationId)
    const refusal = {
      code: 'LOG_PURGED',
      message: `The log of events no longer reaches back to the start of old at ${iso(new Date(asOf.getTime() - 60_000))}: it ended at ${iso(asOf)}, and only experiments that ended at ${iso(new Date(asOf.getTime() + DAY_S * 1_000))} or later can be computed again. results(asOf:) has what was stored of it.`,
    }
    expect(await bench.ask('old', asOf)).toEqual({ __typename: 'RuleError', ...refusal })
    // One that waited for too long finds the log gone; one that was done keeps what it found.
    await bench.turn(late)
    expect(await bench.read(late)).toMatchObject({ status: 'FAILED', failure: refusal, results: null })
    expect(await bench.read(inTime)).toMatchObject({ status: 'SUCCEEDED', results: { exposedUnits: 2 } })
  })

  test('an organization has ten waiting or under way at the most, and takes the next when one is done', async () => {
    const moments = Array.from({ length: 11 }, (_, index) => new Date(clock.read().getTime() - index * 1_000))
    const ids: string[] = []
    for (const moment of moments.slice(0, 10)) ids.push(await bench.asked('old', moment))
    expect(await bench.ask('old', moments[10]!)).toMatchObject({
      __typename: 'RuleError',
      code: 'TOO_MANY_RECOMPUTATIONS',
    })
    expect(await bench.asked('old', moments[3]!)).toBe(ids[3])
    const other = await RecomputationBench.open(server)
    await other.started('old')
    await other.asked('old', clock.read())
    await bench.turn(ids[0]!)
    await bench.asked('old', moments[10]!)
  })

  test('needs result:recompute, and finds nothing of others', async () => {
    const asOf = clock.read()
    const id = await bench.asked('old', asOf)
    await bench.turn(id)
    const { results } = await bench.read(id)
    const { serverKey } = bench.bench.seed.keys
    await expect(bench.ask('old', asOf, serverKey)).rejects.toThrow('FORBIDDEN')
    const other = await Seed.organization(server)
    expect((await bench.ask('old', asOf, other.keys.adminKey)).code).toBe('EXPERIMENT_NOT_FOUND')
    const query = `query ($id: ID!, $results: ID!) { resultsRecomputation(id: $id) { id } nodes(ids: [$id, $results]) { id } }`
    expect(await server.graphql(other.keys.adminKey, query, { id, results: results.id })).toEqual({
      resultsRecomputation: null,
      nodes: [null, null],
    })
  })
})
