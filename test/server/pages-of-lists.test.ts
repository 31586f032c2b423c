import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recomputeResults } from '../../src/server/jobs/recompute-results.ts'
import { watchOrganization } from '../../src/server/jobs/watch-organization.ts'
import { integerKey } from '../../src/shared/global-id.ts'
import { countStatements } from '../support/count-statements.ts'
import { FURNISHABLE } from '../support/furnished-organization.ts'
import { RolloutBench } from '../support/rollout-bench.ts'
import { TestClock } from '../support/test-clock.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const PARENTS = 20
const RECOMPUTE = `mutation ($input: RecomputeResultsInput!) { recomputeResults(input: $input) {
  ... on RecomputeResultsSuccess { recomputation { id } } ... on Error { code message } } }`
const HOUR = 3_600

/** Lists of many objects: a field of each node of a connection. */
const LISTS = [
  { parents: 'experiments', list: 'decisions', node: 'id winner { key }' },
  {
    parents: 'experiments',
    list: 'recomputations',
    node: 'id status experiment { key } results { id metrics { metric { key } variants { variant { key } } } }',
  },
  { parents: 'rollouts', list: 'decisions', node: 'id number evidence' },
  { parents: 'webhookEndpoints', list: 'deliveries', node: 'id sequence endpoint { id } attempts { number }' },
]

const clock = new TestClock()
let server: TestServer
let bench: RolloutBench
beforeAll(async () => {
  server = await startTestServer({ ...FURNISHABLE, clock: clock.read })
  bench = await RolloutBench.open(server)
  const { seed } = bench
  const change = (name: string, input: Record<string, unknown>) => {
    const type = name[0]!.toUpperCase() + name.slice(1)
    return seed.admin(
      `mutation ($input: ${type}Input!) { ${name}(input: $input) { ... on Error { code message } } }`,
      input,
    )
  }
  for (let n = 0; n < PARENTS; n++) {
    const eventTypes = [['EXPERIMENT_DELETED'], ['METRIC_CHANGED'], ['METRIC_CHANGED', 'EXPERIMENT_STARTED']][n % 3]
    await change('createWebhookEndpoint', { url: `https://127.0.0.1/${n}`, eventTypes })
  }
  await seed.metric({ key: 'bought', kind: 'PROPORTION' })
  const keys = Array.from({ length: PARENTS }, (_, n) => `e${n}`)
  for (const key of keys) await seed.experiment({ key, metrics: [], useMetrics: ['bought'] })
  for (let round = 0; round < 3; round++) {
    const some = keys.filter((_, n) => n % 4 > round)
    for (const step of ['pauseExperiment', 'resumeExperiment']) {
      for (const experimentKey of some) await change(step, { experimentKey })
      await watchOrganization(server.platform, seed.keys.organizationId)
    }
  }
  const { organizationId } = seed.keys
  for (const [n, experimentKey] of keys.entries()) {
    for (let round = 0; round < (n + 1) % 4; round++) {
      const input = { experimentKey, asOf: clock.read().toISOString() }
      const { recomputation } = (await seed.admin(RECOMPUTE, input)) as { recomputation: { id: string } }
      const recomputationId = integerKey(recomputation.id, 'ResultsRecomputation')!
      await recomputeResults(server.platform, { organizationId, payload: { recomputationId } })
    }
  }
  for (let n = 0; n < 4; n++) await seed.metric({ key: `m${n}`, kind: 'PROPORTION' })
  const shares = [500, 2_500, 5_000, 7_500, 10_000]
  const stages = shares.map((shareBasisPoints) => ({ shareBasisPoints, minimumDurationSeconds: HOUR }))
  for (let n = 0; n < PARENTS; n++) {
    await bench.started(`r${n}`, { stages: stages.slice(n % 4) })
  }
  for (let round = 0; round < 10; round++) {
    clock.advance(HOUR)
    await server.platform.rollouts.engine.advanceDueRollouts(seed.keys.organizationId, clock.read())
  }
  // Long enough without a unit for an alert.
  clock.advance(24 * HOUR)
  await watchOrganization(server.platform, seed.keys.organizationId)
}, 180_000)
afterAll(() => server.stop())

it.each([
  [
    'results of the past',
    'experiments',
    'results(asOf: "2026-03-31T00:00:00Z") { version metrics { metric { key } comparisons { variant { key } } } }',
  ],
  ['the experiments of alerts', 'alerts', 'experiment { key }'],
])('reads %s in as many statements for two as for twenty', async (_, parents, field) => {
  const read = async (first: number) => {
    const query = `query ($first: Int!) { ${parents}(first: $first) { edges { node { id ${field} } } } }`
    const { result, statements } = await countStatements(() =>
      server.graphql(bench.seed.keys.adminKey, query, { first }),
    )
    expect(result[parents].edges).toHaveLength(first)
    expect(Object.values(result[parents].edges[first - 1].node)).not.toContain(null)
    return outlines(statements)
  }
  await read(PARENTS)
  expect(await read(PARENTS)).toEqual(await read(2))
})

interface Edge {
  cursor: string
  node: { id: string }
}

describe.each(LISTS)('$list of $parents', ({ parents, list, node }) => {
  const pages = async (page: string, first = PARENTS) => {
    const query = `{ ${parents}(first: ${first}) { edges { node { id
      list: ${list}(${page}) { totalCount edges { cursor node { ${node} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } } }`
    const { result, statements } = await countStatements(() => server.graphql(bench.seed.keys.adminKey, query))
    const { edges } = result[parents] as {
      edges: Array<{ node: { list: Record<string, unknown> & { edges: Edge[] } } }>
    }
    expect(edges).toHaveLength(first)
    return { lists: edges.map(({ node: parent }) => parent.list), statements: outlines(statements) }
  }

  it('are read in as many statements for two parents as for twenty', async () => {
    await pages('first: 2')
    const two = await pages('first: 2', 2)
    const twenty = await pages('first: 2')
    expect(twenty.statements).toEqual(two.statements)
  })

  it('are each the page of its own list, whichever way it is asked for', async () => {
    const { lists: whole } = await pages('first: 100')
    const sizes = whole.map(({ edges }) => edges.length)
    expect(new Set(sizes).size).toBeGreaterThan(2)
    const some = whole.flatMap(({ edges }) => edges).sort((a, b) => idOf(b) - idOf(a))
    const middle = some[Math.floor(some.length / 2)]!
    for (const [page, isMember, take] of [
      ['first: 2', () => true, 2],
      ['last: 2', () => true, -2],
      [`first: 2, after: "${middle.cursor}"`, (edge: Edge) => idOf(edge) < idOf(middle), 2],
      [`last: 1, before: "${middle.cursor}"`, (edge: Edge) => idOf(edge) > idOf(middle), -1],
    ] as const) {
      const { lists } = await pages(page)
      for (const [index, { edges, totalCount, pageInfo }] of lists.entries()) {
        const rest = whole[index]!.edges.filter(isMember)
        const expected = take > 0 ? rest.slice(0, take) : rest.slice(take)
        const hasMore = rest.length > expected.length
        expect(edges).toEqual(expected)
        expect(totalCount).toBe(sizes[index])
        expect(pageInfo).toEqual({
          hasNextPage: take > 0 ? hasMore : page.includes('before'),
          hasPreviousPage: take > 0 ? page.includes('after') : hasMore,
          startCursor: expected[0]?.cursor ?? null,
          endCursor: expected.at(-1)?.cursor ?? null,
        })
      }
    }
  })

  it('take no cursor of another list, nor one that is none', async () => {
    const { metrics } = await server.graphql(
      bench.seed.keys.adminKey,
      '{ metrics(first: 1) { pageInfo { endCursor } } }',
    )
    const forged = ['nonsense', metrics.pageInfo.endCursor, cursorOf(2 ** 40), cursorOf('1'), cursorOf(1.5)]
    for (const after of forged) {
      const query = `{ ${parents}(first: 2) { edges { node { list: ${list}(first: 1, after: "${after}") { totalCount } } } } }`
      const { errors } = await server.send(bench.seed.keys.adminKey, query)
      expect(errors?.[0]?.extensions?.code).toBe('INVALID_CURSOR')
    }
  })
})

/** Beginnings of the statements; whether definitions in memory are still new is asked every now and then. */
function outlines(statements: readonly string[]): string[] {
  return statements
    .filter((text) => !text.includes('from "organization"'))
    .map((text) => text.slice(0, 60))
    .sort()
}

/** Number of the row that an opaque id names. */
function idOf({ node }: Edge): number {
  return Number(Buffer.from(node.id, 'base64').toString('utf8').match(/\d+$/)![0])
}

function cursorOf(id: unknown): string {
  const inner = Buffer.from(JSON.stringify([id])).toString('base64url')
  return Buffer.from(JSON.stringify(['{"id":"desc"}', inner])).toString('base64url')
}
