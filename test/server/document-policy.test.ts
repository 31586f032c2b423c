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
