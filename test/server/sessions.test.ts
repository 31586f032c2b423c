import type { EntityManager } from '@mikro-orm/postgresql'
import { createClient as createSseClient } from 'graphql-sse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Authenticator } from '../../src/modules/organizations/authenticator.ts'
import type { Viewer } from '../../src/modules/organizations/viewer.ts'
import { Sessions } from '../../src/server/sessions.ts'
import { Seed } from '../support/seed.ts'
import { Subscriber } from '../support/subscriber.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { ... on CreateApiKeySuccess { secret apiKey { id } } ... on Error { code message } }
}`
const REVOKE_KEY = `mutation ($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) { __typename ... on Error { code message } }
}`
const UPDATE_KEY = `mutation ($input: UpdateApiKeyInput!) {
  updateApiKey(input: $input) { __typename ... on Error { code message } }
}`

interface Message {
  type: string
  id?: string
  payload?: unknown
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

async function newKey(seed: Seed, input: object): Promise<{ secret: string; id: string }> {
  const { secret, apiKey } = (await seed.admin(CREATE_KEY, { name: 'x', ...input })) as {
    secret: string
    apiKey: { id: string }
  }
  return { secret, id: apiKey.id }
}

/** A client that speaks the protocol by hand, and so may do what a library would not. */
function rawSocket(secret: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws', { headers })
  const messages: Message[] = []
  const waiting = new Set<() => void>()
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)))
    for (const look of waiting) look()
  })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  const opened = new Promise<void>((resolve) =>
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${secret}` } }))
      resolve()
    }),
  )
  return {
    socket,
    opened,
    closed,
    messages,
    send: (id: string, query: string) => socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } })),
    message: (wanted: (message: Message) => boolean) =>
      new Promise<Message>((resolve) => {
        const look = () => {
          const found = messages.find(wanted)
          if (found) resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
}

describe('a WebSocket', () => {
  it('does nothing more for a revoked key, even if its client does not hang up', async () => {
    const seed = await Seed.organization(server)
    const { secret, id } = await newKey(seed, { kind: 'ADMIN' })
    const { socket, message, send, closed } = rawSocket(secret)
    await message(({ type }) => type === 'connection_ack')
    send('before', '{ viewer { apiKey { id } } }')
    expect(await message((each) => each.id === 'before')).toMatchObject({ type: 'next' })
    // A client that stops reading answers no close frame, so that the socket stays half open.
    const raw = (socket as unknown as { _socket: { pause(): void; resume(): void } })._socket
    raw.pause()
    await seed.admin(REVOKE_KEY, { apiKeyId: id })
    send(
      'after',
      'mutation { createMetric(input: { key: "late", name: "late", kind: MEAN, eventName: "e" }) { __typename } }',
    )
    raw.resume()
    expect(await closed).toBe(4401)
    const { metric } = await server.graphql(seed.keys.adminKey, '{ metric(key: "late") { key } }')
    expect(metric).toBeNull()
  })

  it('is not opened by a page from an origin that the client key does not name', async () => {
    const seed = await Seed.organization(server)
    const { secret } = await newKey(seed, { kind: 'CLIENT', allowedOrigins: ['https://shop.example'] })
    const refused = rawSocket(secret, { origin: 'https://evil.example' })
    expect(await refused.closed).toBe(4403)
    expect(refused.messages).toEqual([])
    const allowed = rawSocket(secret, { origin: 'https://shop.example' })
    await allowed.message(({ type }) => type === 'connection_ack')
    allowed.socket.close()
  })

  it('counts the calls of a client key', async () => {
    const seed = await Seed.organization(server)
    const { secret } = await newKey(seed, { kind: 'CLIENT', ratePerMinute: 2 })
    const { socket, message, send } = rawSocket(secret)
    await message(({ type }) => type === 'connection_ack')
    const answers = []
    for (const id of ['1', '2', '3']) {
      send(id, '{ viewer { actor } }')
      answers.push(await message((each) => each.id === id && each.type !== 'complete'))
    }
    expect(answers.map(({ type }) => type)).toEqual(['next', 'next', 'error'])
    expect(answers[2]!.payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
    socket.close()
  })
})

describe('a session', () => {
  it('ends when its key expires, however often its end was moved', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'watched' })
    const { secret, id } = await newKey(seed, { kind: 'SERVER', expiresAt: new Date(Date.now() + 3_600_000) })
    const client = createSseClient({
      url: `${server.url}/stream`,
      headers: { authorization: `Bearer ${secret}` },
      retryAttempts: 0,
    })
    const subscriber = new Subscriber((sink) =>
      client.subscribe(
        { query: 'subscription { experimentResults(experimentKey: "watched") { version } }' },
        sink as never,
      ),
    )
    await subscriber.first()
    await seed.admin(UPDATE_KEY, { apiKeyId: id, expiresAt: new Date(Date.now() + 400) })
    const end = await subscriber.until(({ errors }) => errors !== undefined)
    expect(end.errors).toMatchObject([{ extensions: { code: 'KEY_REVOKED' } }])
    client.dispose()
  })

  it('is not opened by a key that is revoked while it is looked up', async () => {
    const { platform } = server
    const seed = await Seed.organization(server)
    const { secret, id } = await newKey(seed, { kind: 'SERVER' })
    const found = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    /** Answers late what it has found at once. */
    class SlowAuthenticator extends Authenticator {
      override async authenticate(presented: string | null): Promise<Viewer> {
        const viewer = await super.authenticate(presented)
        found.resolve()
        await goOn.promise
        return viewer
      }
    }
    const authenticator = new SlowAuthenticator(
      platform.orm.em as EntityManager,
      (organizationId) => platform.scopedTo(organizationId),
      platform.clock,
    )
    const sessions = new Sessions(authenticator)
    platform.feed.onChange(({ organizationId }) => {
      authenticator.forget()
      void sessions.recheck(organizationId)
    })
    const opening = sessions.open(secret)
    await found.promise
    await seed.admin(REVOKE_KEY, { apiKeyId: id })
    goOn.resolve()
    await expect(opening).rejects.toThrow('revoked')
  })
})

describe('an event stream', () => {
  it('tells a client key when to come back', async () => {
    const seed = await Seed.organization(server)
    const { secret } = await newKey(seed, { kind: 'CLIENT', ratePerMinute: 1 })
    const ask = () =>
      fetch(`${server.url}/stream`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${secret}`,
          accept: 'text/event-stream',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ query: '{ viewer { actor } }' }),
      })
    expect((await ask()).status).toBe(200)
    const refused = await ask()
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
  })
})
