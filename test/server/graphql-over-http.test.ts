import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../src/shared/error-code.ts'
import { type Answer, startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
let key: string

beforeAll(async () => {
  server = await startTestServer()
  key = (await server.organization()).adminKey
})
afterAll(() => server.stop())

/** The audits of the GraphQL over HTTP specification, by a caller who may read the schema; GET asks for a preflight header. */
describe('GraphQL over HTTP', () => {
  const audits = serverAudits({
    url: async () => server.url,
    fetchFn: (url: string, init?: RequestInit) =>
      fetch(url, {
        ...init,
        headers: { ...init?.headers, authorization: `Bearer ${key}`, 'apollo-require-preflight': 'true' },
      }),
  })

  for (const audit of audits) {
    it(`${audit.id} ${audit.name}`, async () => {
      const result = await audit.fn()
      if (result.status === 'ok') return
      const body = await result.response.text()
      expect.fail(`${result.reason}: ${result.response.status} ${body}`)
    })
  }

  it('refuses a request that a foreign page could make without asking', async () => {
    const response = await fetch(`${server.url}?query={__typename}`, { headers: { authorization: `Bearer ${key}` } })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('CSRF')
  })

  it('answers 401 as JSON without a key', async () => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })

  it('answers bad bodies, bad addresses and too much as JSON', async () => {
    const post = (body: string, type = 'application/json') =>
      fetch(server.url, { method: 'POST', headers: { 'content-type': type, authorization: `Bearer ${key}` }, body })
    const answers = await Promise.all([
      post('{"query":'),
      post('query', 'text/xml'),
      post(JSON.stringify({ query: '{ __typename }', variables: { a: 'x'.repeat(9_000_000) } })),
      fetch(server.url.replace('/graphql', '/nothing')),
    ])
    expect(answers.map(({ status }) => status)).toEqual([400, 415, 413, 404])
    for (const answer of answers)
      expect(await answer.json()).toMatchObject({ errors: [{ message: expect.any(String) }] })
  })

  it('sends a subscription to the transports that can hold one', async () => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: 'subscription { experimentResults(experimentKey: "any") { version } }' }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'SUBSCRIPTION_TRANSPORT' } }] })
  })

  it('runs no mutation by GET, as an event stream either', async () => {
    const query = 'query A { __typename } mutation B { createMarketingMetrics(input: {}) { __typename } }'
    const response = await fetch(`${server.url}/stream?${new URLSearchParams({ query, operationName: 'B' })}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${key}` },
    })
    expect(await response.text()).toContain('A mutation is sent by POST.')
  })

  it('answers with codes of the catalogue, whatever is wrong with the request', async () => {
    const codes = await Promise.all(
      [
        '{}',
        '[{"query":"{ __typename }"}]',
        '{"query":"{"}',
        '{"query":"{ nothing }"}',
        '{"query":"query A { __typename } query B { __typename }"}',
        '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}',
        '{"query":"{ __typename }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}',
        '{"query":"query ($first: Int!) { experiments(first: $first) { totalCount } }","variables":{"first":"x"}}',
      ].map(async (body) => {
        const response = await fetch(server.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
          body,
        })
        return ((await response.json()) as Answer).errors?.[0]?.extensions.code
      }),
    )
    expect(codes).toEqual([
      'BAD_REQUEST',
      'BAD_REQUEST',
      'GRAPHQL_PARSE_FAILED',
      'GRAPHQL_VALIDATION_FAILED',
      'OPERATION_RESOLUTION_FAILURE',
      'PERSISTED_QUERY_NOT_FOUND',
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
    ])
    expect(Object.keys(ERROR_CODES)).toEqual(expect.arrayContaining(codes))
  })

  it('refuses other methods with 405, naming those that it takes', async () => {
    const response = await fetch(server.url, { method: 'PUT', headers: { authorization: `Bearer ${key}` } })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, POST')
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
  })

  it('tells health to anybody', async () => {
    const response = await fetch(server.url.replace('/graphql', '/health'))
    expect(response.status).toBe(200)
  })
})
