import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const CALLS: Array<[string, string]> = [
  [
    'assign',
    'mutation ($a: JSONObject) { assign(input: { experimentKey: "asked", unitId: "u", attributes: $a }) { reason } }',
  ],
  ['assignAll', 'mutation ($a: JSONObject) { assignAll(input: { unitId: "u", attributes: $a }) { reason } }'],
  [
    'assignAll without exposures',
    'mutation ($a: JSONObject) { assignAll(input: { unitId: "u", attributes: $a, recordExposure: false }) { reason } }',
  ],
  [
    'assignFirst',
    'mutation ($a: JSONObject) { assignFirst(input: { tag: "asked", unitId: "u", attributes: $a }) { reason } }',
  ],
  ['evaluate', 'query ($a: JSONObject) { evaluate(unitId: "u", attributes: $a) { reason } }'],
]
const ASKED = '{ evaluate(unitId: "u") { reason } }'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

describe.each(CALLS)('%s', (_name, query) => {
  it.each([
    ['above 16 KB', { agent: 'x'.repeat(20_000) }, 'PROPERTIES_INVALID'],
    ['deeper than 8 levels', JSON.parse(`${'{"a":'.repeat(10)}1${'}'.repeat(10)}`), 'PROPERTIES_INVALID'],
    ['that cannot be stored', { agent: 'Mozilla \ud83d' }, 'TEXT_INVALID'],
  ])('refuses attributes %s by their name, whatever was before, and stores nothing', async (_what, a, code) => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'asked', tags: ['asked'] })
    const { serverKey } = seed.keys
    const refusal = [{ message: expect.stringMatching(/attributes/i), extensions: { code } }]
    expect((await server.send(serverKey, query, { a })).errors).toMatchObject(refusal)
    expect(await server.graphql(serverKey, ASKED)).toEqual({ evaluate: [{ reason: 'ASSIGNED' }] })
    await server.graphql(serverKey, CALLS[0]![1], { a: {} })
    expect((await server.send(serverKey, query, { a })).errors).toMatchObject(refusal)
  })
})
