import { afterAll, beforeAll, expect, test } from 'vitest'
import { watchOrganization } from '../../../src/server/jobs/watch-organization.ts'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const MINUTE = 60_000
const start = Date.now()
let now = new Date(start)
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ clock: () => now })
})
afterAll(() => server.stop())

const BODY = `id version computedAt exposedUnits
  metrics { metric { key kind } variants { variant { key name } units total mean } comparisons { variant { key } isSignificant test { pValue } alwaysValid { pValue } } }
  health { sampleRatioMismatch { pValue isMismatch epochs { variants { variant { key } } } } }
  decision { recommendation winner { key } reasons { code } }`
const AT = `query ($asOf: DateTime) { experiment(key: "then") { results(asOf: $asOf) { ${BODY} } } }`

test('results(asOf:) are those that were stored then, whole, with their own time', async () => {
  const seed = await Seed.organization(server)
  const resultsAt = async (minute: number | null, key = seed.keys.serverKey) => {
    const asOf = minute === null ? null : new Date(start + minute * MINUTE).toISOString()
    return (await server.graphql(key, AT, { asOf })).experiment?.results
  }
  const evaluateAt = (minute: number) => {
    now = new Date(start + minute * MINUTE)
    return watchOrganization(server.platform, seed.keys.organizationId)
  }
  await seed.experiment({ key: 'then', metrics: [{ key: 'bought', kind: 'PROPORTION' }] })
  await seed.arms('then', [
    { variantKey: 'control', units: 200, events: { bought: { units: 50 } } },
    { variantKey: 'treatment', units: 200, events: { bought: { units: 60 } } },
  ])
  await evaluateAt(1)
  const first = await resultsAt(null)
  await seed.arms('then', [{ variantKey: 'treatment', from: 200, units: 30, events: { bought: { units: 10 } } }])
  await evaluateAt(3)
  expect(await resultsAt(0)).toBeNull()
  const { id, ...then } = await resultsAt(2)
  expect({ ...then, id: first.id }).toEqual(first)
  expect(await resultsAt(2)).toMatchObject({ exposedUnits: 400, computedAt: new Date(start + MINUTE).toISOString() })
  const last = await resultsAt(null)
  expect({ ...(await resultsAt(10)), id: last.id }).toEqual(last)
  // Clients keep objects by their ids: what was known then is another one than what is known now.
  expect(last.id).toBe(first.id)
  expect(new Set([last.id, id, (await resultsAt(10)).id]).size).toBe(3)
  const node = async (key: string, of: string) => {
    const query = `query ($id: ID!) { node(id: $id) { ... on ExperimentResults { ${BODY} } } }`
    return (await server.graphql(key, query, { id: of })).node
  }
  expect(await node(seed.keys.serverKey, id)).toEqual({ ...then, id })
  expect(await node(seed.keys.serverKey, last.id)).toEqual(last)
  const other = await Seed.organization(server)
  expect(await resultsAt(10, other.keys.serverKey)).toBeUndefined()
  expect(await node(other.keys.serverKey, id)).toBeNull()
})
