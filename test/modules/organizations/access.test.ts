import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Seed } from '../../support/seed.ts'
import { Subscriber } from '../../support/subscriber.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startTestServer()
  other = await startTestServer({ database: server.database })
})
afterAll(async () => {
  await other.stop()
  await server.stop()
})

const ADD_MEMBER =
  'mutation ($input: AddMemberInput!) { addMember(input: $input) { __typename ... on AddMemberSuccess { member { id email role createdBy } } ... on Error { code message } } }'
const UPDATE_MEMBER =
  'mutation ($input: UpdateMemberInput!) { updateMember(input: $input) { __typename ... on UpdateMemberSuccess { member { role name } } ... on Error { code message } } }'
const REMOVE_MEMBER =
  'mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { __typename ... on Error { code message } } }'
const CREATE_TOKEN =
  'mutation ($input: CreatePersonalTokenInput!) { createPersonalToken(input: $input) { __typename ... on CreatePersonalTokenSuccess { secret personalToken { id prefix member { email } } } ... on Error { code message } } }'
const CREATE_KEY =
  'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeySuccess { secret apiKey { id kind name prefix ratePerMinute allowedOrigins expiresAt createdBy } } ... on Error { code message } } }'
const UPDATE_KEY =
  'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { __typename ... on UpdateApiKeySuccess { apiKey { name ratePerMinute allowedOrigins } } ... on Error { code message } } }'
const REVOKE_KEY =
  'mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { __typename ... on RevokeApiKeySuccess { apiKey { revokedAt } } ... on Error { code message } } }'
const REVOKE_TOKEN =
  'mutation ($input: RevokePersonalTokenInput!) { revokePersonalToken(input: $input) { __typename ... on Error { code message } } }'
const VIEWER = '{ viewer { organization { key } member { email role } apiKey { kind name } permissions } }'

async function run(key: string, query: string, input: object) {
  return Object.values(await server.graphql(key, query, { input }))[0] as Record<string, unknown>
}

async function member(adminKey: string, role: string, email = `${role.toLowerCase()}-${Math.random()}@a.example`) {
  const added = await run(adminKey, ADD_MEMBER, { name: role, email, role })
  const { id } = added.member as { id: string }
  const created = await run(adminKey, CREATE_TOKEN, { name: 'laptop', memberId: id })
  return { id, email, secret: created.secret as string, tokenId: (created.personalToken as { id: string }).id }
}

describe('members and tokens', () => {
  it('a member acts through tokens, with the role of the moment', async () => {
    const { adminKey } = await server.organization()
    const ada = await member(adminKey, 'ANALYST')
    expect((await server.graphql(ada.secret, VIEWER)).viewer).toMatchObject({
      member: { email: ada.email, role: 'ANALYST' },
      apiKey: null,
    })
    const create =
      'mutation ($input: CreateMetricInput!) { createMetric(input: $input) { __typename ... on CreateMetricSuccess { metric { createdBy } } } }'
    const input = { key: 'm', name: 'm', kind: 'MEAN', eventName: 'm' }
    const refused = await server.send(ada.secret, create, { input })
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    await run(adminKey, UPDATE_MEMBER, { memberId: ada.id, role: 'EXPERIMENTER' })
    const { createMetric } = await server.graphql(ada.secret, create, { input })
    expect(createMetric.metric.createdBy).toMatch(/^member:\d+$/)
  })

  it('one address is one member, who can leave and come back', async () => {
    const { adminKey } = await server.organization()
    const ada = await member(adminKey, 'ANALYST', 'Ada@A.example')
    expect(await run(adminKey, ADD_MEMBER, { name: 'x', email: 'ada@a.EXAMPLE', role: 'ANALYST' })).toMatchObject({
      code: 'EMAIL_TAKEN',
    })
    await run(adminKey, REMOVE_MEMBER, { memberId: ada.id })
    const { personalTokens, viewer } = await server.graphql(
      adminKey,
      '{ viewer { actor } personalTokens(includeRevoked: true) { edges { node { id revokedAt updatedBy } } } }',
    )
    expect(personalTokens.edges).toEqual([
      { node: { id: ada.tokenId, revokedAt: expect.any(String), updatedBy: viewer.actor } },
    ])
    expect((await server.send(ada.secret, VIEWER)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    const again = await run(adminKey, CREATE_TOKEN, { name: 'laptop', memberId: ada.id })
    expect(again).toMatchObject({ code: 'MEMBER_NOT_FOUND' })
    const back = await run(adminKey, ADD_MEMBER, { name: 'Ada', email: 'ada@a.example', role: 'ADMIN' })
    expect(back.member).toMatchObject({ id: ada.id, role: 'ADMIN' })
    expect((await server.send(ada.secret, VIEWER)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  it('nobody grants more than they hold, and the last owner stays', async () => {
    const { adminKey } = await server.organization()
    const owner = await member(adminKey, 'OWNER')
    const admin = await member(adminKey, 'ADMIN')
    expect(await run(admin.secret, ADD_MEMBER, { name: 'x', email: 'x@a.example', role: 'OWNER' })).toMatchObject({
      code: 'ROLE_TOO_HIGH',
    })
    expect(await run(admin.secret, UPDATE_MEMBER, { memberId: admin.id, role: 'OWNER' })).toMatchObject({
      code: 'ROLE_TOO_HIGH',
    })
    expect(await run(admin.secret, REMOVE_MEMBER, { memberId: owner.id })).toMatchObject({ code: 'ROLE_TOO_HIGH' })
    expect(await run(admin.secret, CREATE_TOKEN, { name: 'x', memberId: owner.id })).toMatchObject({
      code: 'ROLE_TOO_HIGH',
    })
    expect(await run(admin.secret, CREATE_KEY, { name: 'x', kind: 'ADMIN' })).toMatchObject({ code: 'ROLE_TOO_HIGH' })
    expect(await run(admin.secret, CREATE_KEY, { name: 'x', kind: 'SERVER' })).toMatchObject({
      __typename: 'CreateApiKeySuccess',
    })
    expect(await run(owner.secret, REMOVE_MEMBER, { memberId: owner.id })).toMatchObject({ code: 'LAST_OWNER' })
    expect(await run(owner.secret, UPDATE_MEMBER, { memberId: owner.id, role: 'ADMIN' })).toMatchObject({
      code: 'LAST_OWNER',
    })
  })

  it('of two owners who remove each other at once, one stays', async () => {
    const { adminKey } = await server.organization()
    const [a, b] = [await member(adminKey, 'OWNER'), await member(adminKey, 'OWNER')]
    await Promise.all([
      server.send(a.secret, REMOVE_MEMBER, { input: { memberId: b.id } }),
      server.send(b.secret, REMOVE_MEMBER, { input: { memberId: a.id } }),
    ])
    const { members } = await server.graphql(adminKey, '{ members { totalCount edges { node { role } } } }')
    expect(members).toMatchObject({ totalCount: 1, edges: [{ node: { role: 'OWNER' } }] })
  })

  it('a member sees and ends the own tokens, others only those who manage members', async () => {
    const { adminKey } = await server.organization()
    const [ada, bob] = [await member(adminKey, 'EXPERIMENTER'), await member(adminKey, 'EXPERIMENTER')]
    const list = '{ personalTokens { totalCount } }'
    expect((await server.graphql(ada.secret, list)).personalTokens.totalCount).toBe(1)
    expect((await server.graphql(adminKey, list)).personalTokens.totalCount).toBe(2)
    const refused = await server.send(ada.secret, REVOKE_TOKEN, { input: { personalTokenId: bob.tokenId } })
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect(await run(ada.secret, REVOKE_TOKEN, { personalTokenId: ada.tokenId })).toMatchObject({
      __typename: 'RevokePersonalTokenSuccess',
    })
    expect((await server.send(ada.secret, VIEWER)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })
})

describe('API keys', () => {
  it('know themselves as changes name them; a client key does not see the organization', async () => {
    const { adminKey, clientKey } = await server.organization()
    const { viewer } = await server.graphql(adminKey, '{ viewer { actor organization { key } apiKey { kind } } }')
    expect(viewer).toMatchObject({ organization: { key: expect.any(String) }, apiKey: { kind: 'ADMIN' } })
    const created = await run(adminKey, CREATE_KEY, { name: 'shop', kind: 'SERVER' })
    expect((created.apiKey as { createdBy: string }).createdBy).toBe(viewer.actor)
    expect(await server.graphql(clientKey, VIEWER)).toEqual({
      viewer: {
        organization: null,
        member: null,
        apiKey: { kind: 'CLIENT', name: 'first client key' },
        permissions: ['assignment:assign', 'assignment:evaluate', 'event:track', 'exposure:record', 'rollout:decide'],
      },
    })
  })

  it('are shown once, listed without secret, renamed, and stop when revoked, on every server', async () => {
    const { adminKey } = await server.organization()
    const created = await run(adminKey, CREATE_KEY, { name: 'shop', kind: 'SERVER' })
    const { id, prefix } = created.apiKey as { id: string; prefix: string }
    const secret = created.secret as string
    expect(secret.startsWith(prefix)).toBe(true)
    const { apiKeys } = await server.graphql(
      adminKey,
      '{ apiKeys { edges { node { id name prefix kind createdBy } } } }',
    )
    expect(JSON.stringify(apiKeys)).not.toContain(secret)
    expect(apiKeys.edges.map((edge: { node: { id: string } }) => edge.node.id)).toContain(id)
    expect(await run(adminKey, UPDATE_KEY, { apiKeyId: id, name: 'store' })).toMatchObject({
      apiKey: { name: 'store' },
    })
    expect((await other.graphql(secret, VIEWER)).viewer.apiKey).toEqual({ kind: 'SERVER', name: 'store' })
    await run(adminKey, REVOKE_KEY, { apiKeyId: id })
    expect((await server.send(secret, VIEWER)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    await expect
      .poll(async () => (await other.send(secret, VIEWER)).errors?.[0]?.extensions.code, { timeout: 1_000 })
      .toBe('UNAUTHENTICATED')
  })

  it('stop by themselves when they expire', async () => {
    let now = new Date()
    const timed = await startTestServer({ database: server.database, clock: () => now })
    const { adminKey } = await timed.organization()
    const expiresAt = new Date(now.getTime() + 60_000)
    const { createApiKey } = await timed.graphql(adminKey, CREATE_KEY, {
      input: { name: 'x', kind: 'SERVER', expiresAt },
    })
    await timed.graphql(createApiKey.secret, VIEWER)
    now = new Date(expiresAt.getTime() + 1)
    expect((await timed.send(createApiKey.secret, VIEWER)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    await timed.stop()
  })

  it('end the subscriptions that they hold open, on another server too', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'watched' })
    const created = await run(seed.keys.adminKey, CREATE_KEY, { name: 'screen', kind: 'SERVER' })
    const sockets = [server, other].map((each) => {
      const client = createClient({
        url: each.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${created.secret}` },
        retryAttempts: 0,
      })
      return new Subscriber((sink) =>
        client.subscribe({ query: 'subscription { experimentResults(experimentKey: "watched") { version } }' }, sink),
      )
    })
    for (const socket of sockets) await socket.first()
    await run(seed.keys.adminKey, REVOKE_KEY, { apiKeyId: (created.apiKey as { id: string }).id })
    for (const socket of sockets) expect(await socket.ended).toMatchObject([{ extensions: { code: 'KEY_REVOKED' } }])
  })
})
