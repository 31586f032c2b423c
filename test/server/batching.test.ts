import { afterAll, beforeAll, expect, it } from 'vitest'
import { countStatements } from '../support/count-statements.ts'
import { Seed } from '../support/seed.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

/** Who asks, and whether the definitions in memory are still new: asked anew when so much time has passed, perhaps in a page. */
const OF_MEMORY = /door_credential|from "(credential|organization)"/

/** The statements of the page itself, however fast the machine is. */
async function statementsOf(key: string, query: string) {
  await server.graphql(key, query)
  // As after a second in which nobody asked.
  server.platform.authenticator.forget()
  const { result, statements } = await countStatements(() => server.graphql(key, query))
  expect(statements.join()).toMatch(OF_MEMORY)
  return { result, own: statements.filter((text) => !OF_MEMORY.test(text)).map((text) => text.slice(0, 80)) }
}

const PAGE = `query {
  experiments(first: 100) {
    totalCount
    edges { node {
      key
      variants { key weightBasisPoints }
      metrics { role metric { key } }
      progress { fraction }
      results { exposedUnits metrics { metric { key } variants { variant { key } units mean } comparisons { variant { key } isSignificant } } }
    } }
  }
}`

const ROLLOUTS = `query {
  rollouts(first: 50) {
    edges { node {
      key
      stages { shareBasisPoints }
      healthChecks { key metric { key } }
      transitions { action isReproduced }
      health { verdict checks { check { key } status } arms { requests } }
      promotedFrom { key }
    } }
  }
}`

it('reads a page of 50 rollouts with checks, steps and health in a handful of statements', async () => {
  const seed = await Seed.organization(server)
  await seed.metric({ key: 'crashed', kind: 'PROPORTION', direction: 'DECREASE' })
  for (let n = 0; n < 50; n++) {
    await seed.admin(
      'mutation ($input: CreateRolloutInput!) { createRollout(input: $input) { __typename ... on Error { code message } } }',
      {
        key: `r${n}`,
        name: 'x',
        versionLabel: 'v2',
        healthChecks: [{ signal: 'ERROR_RATE' }, { signal: 'METRIC', metricKey: 'crashed', comparison: 'CONTROL' }],
      },
    )
    await seed.admin(
      'mutation ($input: StartRolloutInput!) { startRollout(input: $input) { __typename ... on Error { code message } } }',
      { rolloutKey: `r${n}` },
    )
  }
  const { result, own } = await statementsOf(seed.keys.serverKey, ROLLOUTS)
  expect(result.rollouts.edges).toHaveLength(50)
  expect(result.rollouts.edges[0].node.health.checks).toHaveLength(2)
  // The page, its count, steps, checks (once shown, once judged), metrics, windows, sums of samples, aggregates, versions.
  expect(own).toHaveLength(10)
})

it('reads a page of 100 experiments with variants, metrics and results in a handful of statements', async () => {
  const seed = await Seed.organization(server)
  await seed.metric({ key: 'bought', kind: 'PROPORTION' })
  for (let n = 0; n < 100; n++) {
    await seed.experiment({ key: `e${n}`, metrics: [], useMetrics: ['bought'], analysis: { plannedSampleSize: 1_000 } })
  }
  const { result, own } = await statementsOf(seed.keys.serverKey, PAGE)
  expect(result.experiments.edges).toHaveLength(100)
  expect(result.experiments.edges[0].node.results.metrics[0].variants).toHaveLength(2)
  // The page, its count, variants, metrics of experiments, metrics, exposed units, aggregates. The definitions that results
  // need are in memory.
  expect(own).toHaveLength(7)
})
