import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const CREATE_KEY =
  'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeySuccess { secret } ... on Error { code message } } }'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

async function run(key: string, query: string, input: object) {
  return Object.values(await server.graphql(key, query, { input }))[0] as Record<string, unknown>
}

describe('client keys', () => {
  const post = (key: string, headers: Record<string, string> = {}, query = '{ __typename }') =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify({ query }),
    })

  it('work only from the origins that they name', async () => {
    const { adminKey } = await server.organization()
    const created = await run(adminKey, CREATE_KEY, {
      name: 'web',
      kind: 'CLIENT',
      allowedOrigins: ['https://shop.example'],
    })
    const secret = created.secret as string
    const allowed = await post(secret, { origin: 'https://shop.example' })
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, 'https://shop.example'])
    const refused = await post(secret, { origin: 'https://evil.example' })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null])
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'ORIGIN_NOT_ALLOWED' } }] })
    expect((await post(secret)).status).toBe(200)
    const preflight = await fetch(server.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
  })

  it('have a rate for each address, with 429 and Retry-After', async () => {
    const { adminKey } = await server.organization()
    const created = await run(adminKey, CREATE_KEY, { name: 'web', kind: 'CLIENT', ratePerMinute: 3 })
    const statuses: number[] = []
    for (let call = 0; call < 3; call++) statuses.push((await post(created.secret as string)).status)
    const refused = await post(created.secret as string)
    expect([...statuses, refused.status]).toEqual([200, 200, 200, 429])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
  })

  it('are counted for each address, as the proxy names it where one is trusted', async () => {
    const proxied = await startTestServer({ database: server.database, trustProxy: true })
    const { adminKey } = await server.organization()
    const created = await run(adminKey, CREATE_KEY, { name: 'web', kind: 'CLIENT', ratePerMinute: 1 })
    const statusFrom = async (address: string) => {
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${created.secret}`,
        'x-forwarded-for': address,
      }
      return (await fetch(proxied.url, { method: 'POST', headers, body: '{"query":"{ __typename }"}' })).status
    }
    const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.1', '2001:db8::1', '2001:db8::2', '2001:db8:0:1::1']
    const statuses: number[] = []
    for (const address of addresses) statuses.push(await statusFrom(address))
    expect(statuses).toEqual([200, 200, 429, 200, 429, 200])
    await proxied.stop()
  })

  it('are held to units of 256 bytes and to variants that the experiment could have given', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'shop', targeting: { country: 'DE' } })
    const { clientKey } = seed.keys
    const long = 'ü'.repeat(128)
    const assign =
      'mutation ($unitId: String!) { assign(input: { experimentKey: "shop", unitId: $unitId, attributes: { country: "DE" } }) { reason variant { key } } }'
    expect((await server.graphql(clientKey, assign, { unitId: long })).assign.reason).toBe('ASSIGNED')
    const evaluate = 'query ($unitId: String!) { evaluate(unitId: $unitId) { reason } }'
    for (const query of [assign, evaluate]) {
      const { errors } = await server.send(clientKey, query, { unitId: `${long}x` })
      expect(errors?.[0]?.extensions.code).toBe('UNIT_ID_INVALID')
    }
    const { trackEvents } = await server.graphql(
      clientKey,
      'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted rejected { code } } }',
      { input: { events: [{ idempotencyKey: 'e', name: 'shop-converted', unitId: `${long}x` }] } },
    )
    expect(trackEvents).toEqual({ accepted: 0, rejected: [{ code: 'UNIT_ID_INVALID' }] })
    const unitId = 'visitor'
    const given = (await server.graphql(clientKey, assign, { unitId })).assign.variant.key
    const other = given === 'control' ? 'treatment' : 'control'
    const { recordExposures } = await server.graphql(
      clientKey,
      'mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted rejected { index code } } }',
      {
        input: {
          exposures: [
            { experimentKey: 'shop', variantKey: given, unitId },
            { experimentKey: 'shop', variantKey: other, unitId },
            { experimentKey: 'shop', variantKey: given, unitId: `${long}x` },
          ],
        },
      },
    )
    expect(recordExposures.rejected).toEqual([
      { index: 1, code: 'IMPOSSIBLE_VARIANT' },
      { index: 2, code: 'UNIT_ID_INVALID' },
    ])
  })

  it('keep origins as browsers send them', async () => {
    const { adminKey } = await server.organization()
    const written = ['https://SHOP.example', 'https://shop.example:443/', 'http://bücher.example:8080']
    const { secret } = await run(adminKey, CREATE_KEY, { name: 'web', kind: 'CLIENT', allowedOrigins: written })
    const { apiKeys } = await server.graphql(adminKey, '{ apiKeys { edges { node { name allowedOrigins } } } }')
    const kept = ['https://shop.example', 'https://shop.example', 'http://xn--bcher-kva.example:8080']
    expect(apiKeys.edges).toContainEqual({ node: { name: 'web', allowedOrigins: kept } })
    for (const origin of kept) expect((await post(secret as string, { origin })).status).toBe(200)
  })

  it('are refused limits that are none', async () => {
    const { adminKey } = await server.organization()
    for (const input of [
      { kind: 'CLIENT', allowedOrigins: ['https://shop.example/path'] },
      { kind: 'CLIENT', allowedOrigins: ['*'] },
      { kind: 'CLIENT', allowedOrigins: ['https://*.shop.example'] },
      { kind: 'CLIENT', allowedOrigins: ['https://somebody@shop.example'] },
      { kind: 'CLIENT', allowedOrigins: ['https://shop.example', 'null'] },
      { kind: 'CLIENT', ratePerMinute: 0 },
      { kind: 'SERVER', ratePerMinute: 10 },
      { kind: 'SERVER', expiresAt: '2001-01-01T00:00:00Z' },
      { kind: 'SERVER', name: '' },
    ]) {
      expect(await run(adminKey, CREATE_KEY, { name: 'x', ...input })).toMatchObject({ __typename: 'InputError' })
    }
  })
})
