import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { housekeep } from '../../../src/server/jobs/housekeep.ts'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { type ReceivedMessage, WebhookReceiver } from '../../support/webhook-receiver.ts'
import { Workbench } from '../../support/workbench.ts'

const ENDPOINT = `webhookEndpoint { id url destination eventTypes isEnabled disabledReason failingSince previousSecretUntil version }`
const ANSWERS: Record<string, string> = {
  createWebhookEndpoint: `${ENDPOINT} secret`,
  updateWebhookEndpoint: ENDPOINT,
  deleteWebhookEndpoint: 'deletedId',
  rotateWebhookSecret: `${ENDPOINT} secret`,
  redeliverWebhook: 'webhookDelivery { id status messageId attemptCount }',
}
const DELIVERIES = `query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { isEnabled failingSince deliveries(first: 50) { edges { node {
  id messageId eventType sequence status attemptCount nextAttemptAt finishedAt body endpoint { id }
  attempts { number at durationMs statusCode error response }
} } } } } }`
const EXPERIMENT_STEPS = ['EXPERIMENT_CREATED', 'EXPERIMENT_STARTED', 'EXPERIMENT_PAUSED', 'EXPERIMENT_COMPLETED']
const TIMEOUT_MS = 400
const DAY_MS = 86_400_000

let server: TestServer
let receiver: WebhookReceiver
let offsetMs = 0
let paths = 0
beforeAll(async () => {
  receiver = await WebhookReceiver.open()
  server = await startTestServer({
    runsJobs: true,
    clock: () => new Date(Date.now() + offsetMs),
    webhooks: {
      secretKey: randomBytes(32),
      allowedNetworks: ['127.0.0.0/8'],
      timeoutMs: TIMEOUT_MS,
      retryPausesMs: [20, 20, 20],
    },
  })
})
beforeEach(() => {
  offsetMs = 0
})
afterAll(async () => {
  await server?.stop()
  await receiver?.close()
})

// biome-ignore lint/suspicious/noExplicitAny: tests look at any part of it.
type Seen = any

/** An organization with one endpoint at a path of its own. */
async function open(input: object = {}) {
  const bench = await Workbench.open(server)
  const send = async (name: string, given: object, key = bench.seed.keys.adminKey): Promise<Seen> => {
    const type = name[0]!.toUpperCase() + name.slice(1)
    const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) {
      ... on ${type}Success { ${ANSWERS[name]} } ... on Error { code message } } }`
    return (await server.graphql(key, query, { input: given }))[name]
  }
  const path = `/hook-${paths++}`
  const { webhookEndpoint, secret, code, message } = await send('createWebhookEndpoint', {
    url: receiver.url(path),
    eventTypes: EXPERIMENT_STEPS,
    ...input,
  })
  if (code) throw new Error(`${code}: ${message}`)
  const read = async (): Promise<Seen> => (await bench.query(DELIVERIES, { id: webhookEndpoint.id })).node
  const deliveries = async (): Promise<Seen[]> =>
    (await read()).deliveries.edges.map(({ node }: { node: Seen }) => node).reverse()
  return { bench, send, path, id: webhookEndpoint.id as string, secret: secret as string, read, deliveries }
}

async function settled(deliveries: () => Promise<Seen[]>): Promise<Seen[]> {
  await expect
    .poll(async () => (await deliveries()).filter(({ status }) => status === 'PENDING'), { timeout: 20_000 })
    .toEqual([])
  return deliveries()
}

function verified(secret: string, { body, headers }: ReceivedMessage): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>)
}

describe('a message', () => {
  test('is signed so that the official library verifies it, and says what happened, by whom, in which order', async () => {
    const { bench, path, secret, deliveries } = await open()
    await bench.experiment('told', { start: true })
    await bench.done('pauseExperiment', { experimentKey: 'told' })
    const messages = await receiver.until(path, 3)
    for (const message of messages) {
      expect(verified(secret, message)).toEqual(message.json)
      expect(() => verified(`whsec_${randomBytes(32).toString('base64')}`, message)).toThrow()
      expect(message.headers['content-type']).toBe('application/json')
    }
    const inOrder = messages.map(({ json }) => json).sort((a, b) => a.data.sequence - b.data.sequence)
    expect(inOrder).toMatchObject([
      { type: 'experiment.created', data: { sequence: 1, experiment: { key: 'told', status: 'DRAFT' } } },
      { type: 'experiment.started', data: { sequence: 2, experiment: { status: 'RUNNING', version: 2 } } },
      { type: 'experiment.paused', data: { sequence: 3, actor: expect.stringMatching(/^key:\d+$/), reason: null } },
    ])
    expect(await settled(deliveries)).toMatchObject([
      { status: 'DELIVERED', sequence: 1, attempts: [{ number: 1, statusCode: 200, error: null, response: 'ok' }] },
      { status: 'DELIVERED', sequence: 2 },
      { status: 'DELIVERED', sequence: 3 },
    ])
    expect(new Set(messages.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
  })

  test('is numbered by subject, without gaps, however many change at once', async () => {
    const { bench, path } = await open({ eventTypes: ['EXPERIMENT_UPDATED', 'METRIC_CHANGED'] })
    for (const key of ['one', 'two']) await bench.experiment(key)
    const update = (experimentKey: string, name: string) => bench.mutate('updateExperiment', { experimentKey, name })
    const changes = ['one', 'two'].flatMap((key) =>
      Array.from({ length: 8 }, (_, turn) => update(key, `${key} ${turn}`)),
    )
    const done = (await Promise.all(changes)).filter(({ experiment }) => experiment)
    const messages = await receiver.until(path, done.length + 2)
    const bySubject = Map.groupBy(messages, ({ json }) => json.data.experiment?.key ?? json.data.metric.key)
    expect([...bySubject.keys()].sort()).toEqual(['one', 'one-converted', 'two', 'two-converted'])
    for (const about of bySubject.values()) {
      const numbers = about.map(({ json }) => json.data.sequence).sort((a, b) => a - b)
      expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    }
  })

  test('is not written for a change that fails, nor for what nobody asked for', async () => {
    const { bench, deliveries } = await open({ eventTypes: ['EXPERIMENT_STARTED'] })
    await bench.experiment('unready', { variants: [] })
    expect(await bench.refused('startExperiment', { experimentKey: 'unready' })).toBe('TOO_FEW_VARIANTS')
    expect(await deliveries()).toEqual([])
  })

  test('has the form of Slack where Slack is, without a signature', async () => {
    const { bench, path, secret } = await open({ destination: 'SLACK', eventTypes: ['EXPERIMENT_STARTED'] })
    expect(secret).toBeNull()
    await bench.experiment('slack', { name: 'A <b> & c', start: true })
    const [message] = await receiver.until(path, 1)
    expect(message!.json).toEqual({ text: '*experiment.started* · A &lt;b&gt; &amp; c (slack)' })
    expect(message!.headers['webhook-signature']).toBeUndefined()
  })
})

describe('a receiver that', () => {
  test('fails gets the same message again, with the same id, until it takes it', async () => {
    const { bench, path, secret, deliveries, read } = await open()
    receiver.answer(path, (response, count) => {
      response.statusCode = count < 3 ? 500 : 204
      response.end(count < 3 ? `no ${count}` : undefined)
    })
    await bench.experiment('failing')
    const messages = await receiver.until(path, 3)
    expect(new Set(messages.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(messages.map(({ body }) => body)).size).toBe(1)
    for (const message of messages) verified(secret, message)
    expect(await settled(deliveries)).toMatchObject([
      {
        status: 'DELIVERED',
        attemptCount: 3,
        attempts: [
          { number: 1, statusCode: 500, response: 'no 1' },
          { number: 2, statusCode: 500, response: 'no 2' },
          { number: 3, statusCode: 204, response: '' },
        ],
      },
    ])
    expect((await read()).failingSince).toBeNull()
  })

  test('never takes it is given up on after the last pause; by hand it is told again', async () => {
    const { bench, path, deliveries, send, read } = await open()
    let isBroken = true
    receiver.answer(path, (response) => {
      response.statusCode = isBroken ? 503 : 200
      response.end()
    })
    await bench.experiment('given-up')
    const [failed] = await settled(deliveries)
    expect(failed).toMatchObject({ status: 'FAILED', attemptCount: 4, nextAttemptAt: null })
    expect((await read()).failingSince).not.toBeNull()
    isBroken = false
    const { webhookDelivery } = await send('redeliverWebhook', { webhookDeliveryId: failed.id })
    expect(webhookDelivery).toMatchObject({ status: 'PENDING', messageId: failed.messageId })
    expect(await settled(deliveries)).toMatchObject([{ status: 'DELIVERED', attemptCount: 5 }])
    const ids = receiver.of(path).map(({ headers }) => headers['webhook-id'])
    expect(ids).toEqual(Array(5).fill(failed.messageId))
  })

  test('hangs is left after the time limit, and holds up neither the next message nor another endpoint', async () => {
    const { bench, path, deliveries, send } = await open()
    receiver.answer(path, (response, count) => {
      if (count > 1) response.end()
    })
    const other = `${path}-other`
    await send('createWebhookEndpoint', { url: receiver.url(other), eventTypes: EXPERIMENT_STEPS })
    await bench.experiment('hanging')
    await receiver.until(path, 1)
    const before = performance.now()
    await bench.done('startExperiment', { experimentKey: 'hanging' })
    await receiver.until(other, 2)
    await receiver.until(path, 2)
    expect(performance.now() - before).toBeLessThan(TIMEOUT_MS)
    const [first] = await settled(deliveries)
    expect(first).toMatchObject({
      status: 'DELIVERED',
      attempts: [{ statusCode: null, error: `There was no answer within ${TIMEOUT_MS} ms.` }, { statusCode: 200 }],
    })
    expect(first.attempts[0].durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 5)
  })

  test('answers too late is told again', async () => {
    const { bench, path, deliveries } = await open()
    receiver.answer(path, (response, count) => {
      setTimeout(() => response.end(), count === 1 ? TIMEOUT_MS + 150 : 0)
    })
    await bench.experiment('late')
    expect(await settled(deliveries)).toMatchObject([{ status: 'DELIVERED', attemptCount: 2 }])
    expect(receiver.of(path)).toHaveLength(2)
  })

  test('redirects is not followed', async () => {
    const { bench, path, deliveries } = await open()
    const elsewhere = `${path}-elsewhere`
    receiver.answer(path, (response) => {
      response.writeHead(307, { location: receiver.url(elsewhere) })
      response.end()
    })
    await bench.experiment('redirected')
    expect(await settled(deliveries)).toMatchObject([{ status: 'FAILED', attempts: [{ statusCode: 307 }, {}, {}, {}] }])
    expect(receiver.of(elsewhere)).toEqual([])
  })

  test('breaks the connection is told again', async () => {
    const { bench, path, deliveries } = await open()
    receiver.answer(path, (response, count) => {
      if (count === 1) response.destroy()
      else response.end()
    })
    await bench.experiment('broken')
    const [delivery] = await settled(deliveries)
    expect(delivery).toMatchObject({ status: 'DELIVERED', attempts: [{ statusCode: null }, { statusCode: 200 }] })
    expect(delivery.attempts[0].error).toMatch(/socket hang up|ECONNRESET/)
  })

  test('answers without end has taken it, and only the beginning of the answer is kept', async () => {
    const { bench, path, deliveries } = await open()
    receiver.answer(path, (response) => {
      response.on('error', () => undefined)
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(4_096)));
      }
      response.on('drain', pour)
      pour()
    })
    await bench.experiment('endless')
    const [delivery] = await settled(deliveries)
    expect(delivery).toMatchObject({ status: 'DELIVERED', attemptCount: 1 })
    expect(delivery.attempts[0].response).toBe('x'.repeat(1_000))
  })

  test('asks for a pause gets it', async () => {
    const { bench, path, deliveries } = await open()
    receiver.answer(path, (response) => {
      response.writeHead(429, { 'retry-after': '3600' })
      response.end()
    })
    await bench.experiment('busy')
    await expect.poll(async () => (await deliveries())[0]?.attemptCount).toBe(1)
    const [{ nextAttemptAt, attempts }] = (await deliveries()) as [Seen]
    const pause = Date.parse(nextAttemptAt) - Date.parse(attempts[0].at)
    expect(pause).toBeGreaterThanOrEqual(3_600_000)
    expect(pause).toBeLessThan(3_610_000)
  })
})

describe('an endpoint', () => {
  test('that is gone is switched off at once, with an alert, until somebody switches it on', async () => {
    const { bench, path, deliveries, read, send, id } = await open()
    receiver.answer(path, (response, count) => {
      response.statusCode = count === 1 ? 410 : 200
      response.end()
    })
    await bench.experiment('gone')
    expect(await settled(deliveries)).toMatchObject([{ status: 'FAILED', attemptCount: 1 }])
    expect((await read()).isEnabled).toBe(false)
    const alerts = async () =>
      (await bench.query('{ alerts(first: 5) { edges { node { kind message clearedAt } } } }')).alerts.edges
    await expect
      .poll(alerts)
      .toMatchObject([{ node: { kind: 'WEBHOOK_DISABLED', message: expect.stringContaining('410'), clearedAt: null } }])
    await bench.done('startExperiment', { experimentKey: 'gone' })
    expect(await deliveries()).toHaveLength(1)
    expect(await send('redeliverWebhook', { webhookDeliveryId: (await deliveries())[0].id })).toMatchObject({
      code: 'WEBHOOK_DISABLED',
    })
    await send('updateWebhookEndpoint', { webhookEndpointId: id, isEnabled: true })
    expect(await alerts()).toMatchObject([{ node: { clearedAt: expect.any(String) } }])
    await bench.done('pauseExperiment', { experimentKey: 'gone' })
    expect(await settled(deliveries)).toMatchObject([{}, { status: 'DELIVERED' }])
  })

  test('at which nothing succeeds for five days is switched off; a success in between counts', async () => {
    const { bench, path, deliveries, read } = await open({ eventTypes: ['EXPERIMENT_UPDATED'] })
    let status = 500
    receiver.answer(path, (response) => {
      response.statusCode = status
      response.end()
    })
    await bench.experiment('days')
    const tell = async (name: string) => {
      await bench.done('updateExperiment', { experimentKey: 'days', name })
      return (await settled(deliveries)).at(-1)
    }
    expect(await tell('first')).toMatchObject({ status: 'FAILED' })
    offsetMs = 4 * DAY_MS
    status = 200
    expect(await tell('second')).toMatchObject({ status: 'DELIVERED' })
    status = 500
    expect(await tell('third')).toMatchObject({ status: 'FAILED', attemptCount: 4 })
    offsetMs = 8.9 * DAY_MS
    expect(await tell('fourth')).toMatchObject({ status: 'FAILED', attemptCount: 4 })
    expect((await read()).isEnabled).toBe(true)
    offsetMs = 9.1 * DAY_MS
    expect(await tell('fifth')).toMatchObject({ status: 'FAILED', attemptCount: 1 })
    expect((await read()).isEnabled).toBe(false)
  })

  test('that is switched off or removed gets nothing that waits', async () => {
    for (const change of ['updateWebhookEndpoint', 'deleteWebhookEndpoint']) {
      const { bench, path, send, id } = await open()
      receiver.answer(path, (response) => {
        response.writeHead(503, { 'retry-after': '2' })
        response.end()
      })
      await bench.experiment('waiting')
      await receiver.until(path, 1)
      await send(change, { webhookEndpointId: id, ...(change === 'updateWebhookEndpoint' && { isEnabled: false }) })
      const status = async () => {
        const client = new Client(server.database.owner)
        await client.connect()
        const { rows } = await client.query('select status from webhook_delivery where organization_id = $1', [
          bench.seed.keys.organizationId,
        ])
        await client.end()
        return rows
      }
      await expect.poll(status, { timeout: 15_000, interval: 200 }).toEqual([{ status: 'CANCELLED' }])
      expect(receiver.of(path)).toHaveLength(1)
    }
  })

  test('has a secret that is shown once, sealed in the database, and left out of the audit log', async () => {
    const { bench, secret, id } = await open()
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const client = new Client(server.database.owner)
    await client.connect()
    const { rows } = await client.query('select e::text as row from webhook_endpoint e where organization_id = $1', [
      bench.seed.keys.organizationId,
    ])
    await client.end()
    const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64')
    for (const shown of [secret, bytes.toString('hex'), Buffer.from(secret).toString('hex')]) {
      expect(rows[0].row).not.toContain(shown)
    }
    const { auditLog, node } = await bench.query(
      'query ($id: ID!) { auditLog(first: 50, filter: { subjectType: ["WebhookEndpoint"] }) { edges { node { before after } } } node(id: $id) { id } }',
      { id },
    )
    expect(node).toEqual({ id })
    expect(auditLog.edges).toHaveLength(1)
    expect(Object.keys(auditLog.edges[0].node.after)).not.toContain('secret')
  })

  test('signs with both secrets while one replaces the other, and then with the new one alone', async () => {
    const { bench, path, secret: old, send, id } = await open()
    const rotated = await send('rotateWebhookSecret', { webhookEndpointId: id, overlapHours: 2 })
    expect(rotated.secret).not.toBe(old)
    await bench.experiment('rotated')
    const [both] = await receiver.until(path, 1)
    expect(String(both!.headers['webhook-signature']).split(' ')).toHaveLength(2)
    verified(old, both!)
    verified(rotated.secret, both!)
    offsetMs = 3 * 3_600_000
    await bench.done('startExperiment', { experimentKey: 'rotated' })
    const [, one] = await receiver.until(path, 2)
    expect(String(one!.headers['webhook-signature']).split(' ')).toHaveLength(1)
    offsetMs = 0
    const again = await send('rotateWebhookSecret', { webhookEndpointId: id, overlapHours: 0 })
    await bench.done('pauseExperiment', { experimentKey: 'rotated' })
    const [, , last] = await receiver.until(path, 3)
    verified(again.secret, last!)
    expect(() => verified(rotated.secret, last!)).toThrow()
  })

  test('is refused where messages do not go', async () => {
    const { send } = await open()
    const refused = async (url: string) =>
      (await send('createWebhookEndpoint', { url, eventTypes: ['ALERT_RAISED'] })).code
    for (const url of ['nonsense', 'ftp://example.com', 'https://user:pass@example.com', 'https://example.com/#part']) {
      expect(await refused(url), url).toBe('WEBHOOK_URL_INVALID')
    }
    expect(await refused('http://10.0.0.1/')).toBe('WEBHOOK_URL_INVALID')
    expect(await refused('https://[::1]/')).toBe('WEBHOOK_URL_INVALID')
    expect((await send('createWebhookEndpoint', { url: receiver.url('/x'), eventTypes: [] })).code).toBe(
      'BAD_USER_INPUT',
    )
  })

  test('belongs to its organization, and needs the right to read and write webhooks', async () => {
    const { bench, send, id, deliveries } = await open()
    await bench.experiment('own')
    const [delivery] = await settled(deliveries)
    const other = await Seed.organization(server)
    const asOther = (name: string, input: object) => send(name, input, other.keys.adminKey)
    for (const name of ['updateWebhookEndpoint', 'deleteWebhookEndpoint', 'rotateWebhookSecret']) {
      expect(await asOther(name, { webhookEndpointId: id })).toMatchObject({ code: 'WEBHOOK_ENDPOINT_NOT_FOUND' })
    }
    expect(await asOther('redeliverWebhook', { webhookDeliveryId: delivery.id })).toMatchObject({
      code: 'WEBHOOK_DELIVERY_NOT_FOUND',
    })
    const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } webhookEndpoints(first: 5) { totalCount } }'
    expect(await server.graphql(other.keys.adminKey, nodes, { ids: [id, delivery.id] })).toEqual({
      nodes: [null, null],
      webhookEndpoints: { totalCount: 0 },
    })
    const { errors } = await server.send(bench.seed.keys.serverKey, '{ webhookEndpoints(first: 5) { totalCount } }')
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await send('updateWebhookEndpoint', { webhookEndpointId: id, expectedVersion: 9 })).code).toBe(
      'VERSION_CONFLICT',
    )
  })
})

test('deliveries that were finished 30 days ago are forgotten', async () => {
  const { bench, deliveries } = await open()
  await bench.experiment('old')
  await settled(deliveries)
  const { organizationId } = bench.seed.keys
  offsetMs = 29 * DAY_MS
  await housekeep(server.platform, organizationId)
  expect(await deliveries()).toHaveLength(1)
  offsetMs = 31 * DAY_MS
  await housekeep(server.platform, organizationId)
  expect(await deliveries()).toEqual([])
})

describe('an operator who allows nothing besides public addresses', () => {
  test('has messages refused when the name leads elsewhere, before anything is connected to', async () => {
    const strict = await startTestServer({
      runsJobs: true,
      webhooks: { secretKey: randomBytes(32), timeoutMs: TIMEOUT_MS, retryPausesMs: [] },
    })
    try {
      const bench = await Workbench.open(strict)
      const create = (url: string) =>
        bench.query(
          `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
            ... on CreateWebhookEndpointSuccess { webhookEndpoint { id } } ... on Error { code } } }`,
          { input: { url, eventTypes: ['EXPERIMENT_CREATED'] } },
        )
      expect((await create(receiver.url('/'))).createWebhookEndpoint.code).toBe('WEBHOOK_URL_INVALID')
      expect((await create(`https://127.0.0.1:${receiver.port}/`)).createWebhookEndpoint.code).toBe(
        'WEBHOOK_URL_INVALID',
      )
      const { createWebhookEndpoint } = await create(`https://localhost:${receiver.port}/strict`)
      const before = receiver.connections
      await bench.experiment('strict')
      const read = async () =>
        (await bench.query(DELIVERIES, { id: createWebhookEndpoint.webhookEndpoint.id })).node.deliveries.edges
      await expect.poll(async () => (await read())[0]?.node.status, { timeout: 10_000 }).toBe('FAILED')
      const [{ node }] = (await read()) as [Seen]
      expect(node.attempts).toMatchObject([
        { statusCode: null, error: expect.stringContaining('not a public address') },
      ])
      expect(receiver.connections).toBe(before)
    } finally {
      await strict.stop()
    }
  })

  test('and sets no key keeps no secrets', async () => {
    const keyless = await startTestServer()
    try {
      const seed = await Seed.organization(keyless)
      const { createWebhookEndpoint } = await keyless.graphql(
        seed.keys.adminKey,
        `mutation { createWebhookEndpoint(input: { url: "https://example.com", eventTypes: [ALERT_RAISED] }) {
          ... on Error { code message } } }`,
      )
      expect(createWebhookEndpoint.code).toBe('SECRET_KEY_MISSING')
    } finally {
      await keyless.stop()
    }
  })
})
