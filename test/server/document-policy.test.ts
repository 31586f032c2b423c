import { buildSchema, getOperationAST, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NewOrganization } from '../../src/modules/organizations/organization.service.ts'
import { Viewer } from '../../src/modules/organizations/viewer.ts'
import { assertWithinPolicy } from '../../src/server/document-policy.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
let keys: NewOrganization

beforeAll(async () => {
  server = await startTestServer()
  keys = await server.organization()
})
afterAll(() => server.stop())

async function codeOf(key: string, query: string, variables = {}): Promise<string | undefined> {
  return (await server.send(key, query, variables)).errors?.[0]?.extensions.code
}

describe('the document policy', () => {
  it('limits depth, aliases, directives, cost and tokens', async () => {
    const nested = '{ experiments { edges { node { results { metrics { variants { variant { key } } } } } } } }'
    expect(await codeOf(keys.adminKey, nested)).toBeUndefined()
    expect(
      await codeOf(keys.adminKey, `{ ${Array.from({ length: 101 }, (_, i) => `a${i}: __typename`).join(' ')} }`),
    ).toBe('DOCUMENT_TOO_COMPLEX')
    expect(await codeOf(keys.adminKey, `{ ${'... @include(if: true) { __typename } '.repeat(51)} }`)).toBe(
      'DOCUMENT_TOO_COMPLEX',
    )
    const costly = `{ ${Array.from({ length: 20 }, (_, i) => `a${i}: experiments(first: 100) { edges { node { results { metrics { variants { variant { key } } comparisons { test { pValue } variant { key } } } } } } }`).join(' ')} }`
    expect(await codeOf(keys.adminKey, costly)).toBe('DOCUMENT_TOO_COMPLEX')
    expect(await codeOf(keys.adminKey, `{ ${'__typename '.repeat(5_001)} }`)).toBe('GRAPHQL_PARSE_FAILED')
  })

  it('limits depth, in fragments too', () => {
    const schema = buildSchema('type Query { next: Query, name: String }')
    const viewer = new Viewer({ organizationId: '', credentialId: 1, actor: 'key:1', holder: 'SERVER' })
    const check = (query: string) => {
      const document = parse(query)
      assertWithinPolicy({ schema, document, operation: getOperationAST(document)!, variables: null }, viewer)
    }
    const chain = (levels: number) => `${'next { '.repeat(levels)} name ${'}'.repeat(levels)}`
    check(`{ ${chain(14)} }`)
    expect(() => check(`{ ${chain(15)} }`)).toThrow('The depth of the document is 16; at most 15 is taken.')
    expect(() => check(`{ next { ...Rest } } fragment Rest on Query { ${chain(14)} }`)).toThrow('is 16')
  })

  const DEEP = [501, 1_600, 5_000, 100_000]
  it.each(DEEP)('refuses %i brackets inside each other before it reads them', async (levels) => {
    const json = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    const evaluate = 'query ($a: JSONObject) { evaluate(unitId: "u", attributes: $a) { reason } }'
    const literal = json.replaceAll('"', '')
    const documents = [
      `${'{a'.repeat(levels)}${'}'.repeat(levels)}`,
      `query ($a: ${'['.repeat(levels)}Int${']'.repeat(levels)}) { __typename }`,
      `{ evaluate(unitId: "u", attributes: ${literal}) { reason } }`,
    ]
    const bodies = [
      ...documents.map((query) => JSON.stringify({ query })),
      `{"query":${JSON.stringify(evaluate)},"variables":{"a":${json}}}`,
    ]
    for (const url of [server.url, `${server.url}/stream`]) {
      for (const body of bodies) {
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${keys.adminKey}` }
        const accept = url === server.url ? 'application/json' : 'text/event-stream'
        const response = await fetch(url, { method: 'POST', headers: { ...headers, accept }, body })
        expect(await response.text()).toMatch(/nests? deeper than 500 levels.*DOCUMENT_TOO_COMPLEX/)
      }
    }
  })

  it('counts no brackets of texts and comments', async () => {
    const brackets = '{[('.repeat(600)
    const query = `{ # ${brackets}\n experiment(key: "${brackets}") { key } other: experiment(key: """${brackets}""") { key } }`
    expect(await server.send(keys.adminKey, query)).toEqual({ data: { experiment: null, other: null } })
    expect(await codeOf(keys.adminKey, `${'{'.repeat(500)}`)).toBe('GRAPHQL_PARSE_FAILED')
  })

  it('takes a page size from variables into account', async () => {
    const query = `query ($n: Int!) { ${Array.from({ length: 20 }, (_, i) => `a${i}: experiments(first: $n) { edges { node { results { metrics { variants { variant { key } } comparisons { test { pValue } variant { key } } } } } } }`).join(' ')} }`
    expect(await codeOf(keys.adminKey, query, { n: 100 })).toBe('DOCUMENT_TOO_COMPLEX')
    expect(await codeOf(keys.adminKey, query, { n: 5 })).toBeUndefined()
    expect(await codeOf(keys.adminKey, query.replace('Int!', 'Int = 100'))).toBe('DOCUMENT_TOO_COMPLEX')
  })

  it('lets those read the schema who hold schema:read', async () => {
    const query = '{ __schema { queryType { name } } }'
    expect(await codeOf(keys.serverKey, query)).toBeUndefined()
    expect(await codeOf(keys.clientKey, query)).toBe('INTROSPECTION_DISABLED')
    expect(await codeOf(keys.clientKey, '{ __type(name: "Query") { name } }')).toBe('INTROSPECTION_DISABLED')
    expect(await codeOf(keys.clientKey, '{ __typename }')).toBeUndefined()
  })

  it('tells a stranger nothing of the schema by its suggestions', async () => {
    const { errors } = await server.send(keys.clientKey, '{ experimen }')
    expect(errors?.[0]?.message).not.toContain('Did you mean')
  })
})
