import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const ASSIGN =
  'mutation ($input: AssignInput!) { assign(input: $input) { experimentKey reason label variant { key } } }'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

describe('an experiment that never ran', () => {
  it('gives no variant, for the reason NOT_RUNNING, which is not to be unknown', async () => {
    const { keys } = await Seed.organization(server)
    await server.graphql(
      keys.adminKey,
      'mutation { createExperiment(input: { key: "draft", name: "Draft" }) { __typename } }',
    )
    const assign = (experimentKey: string) =>
      server.send(keys.clientKey, ASSIGN, { input: { experimentKey, unitId: 'u' } })
    const { data } = await assign('draft')
    expect(data.assign).toEqual({ experimentKey: 'draft', reason: 'NOT_RUNNING', label: null, variant: null })
    expect((await assign('unknown')).errors?.[0]?.extensions.code).toBe('EXPERIMENT_NOT_FOUND')
  })
})
