import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { housekeep } from '../../../src/server/jobs/housekeep.ts'
import { Seed } from '../../support/seed.ts'
import { settled, WebhookBench } from '../../support/webhook-bench.ts'

const DAY_MS = 86_400_000

let webhooks: WebhookBench
beforeAll(async () => {
  webhooks = await WebhookBench.open()
})
beforeEach(() => {
  webhooks.offsetMs = 0
})
afterAll(() => webhooks?.stop())

describe('an endpoint', () => {
  test('that is gone is switched off at once, with an alert, until somebody switches it on', async () => {
    const { bench, path, deliveries, read, send, id } = await webhooks.endpoint()
    webhooks.receiver.answer(path, (response, count) => {
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

  test('is not switched off without its alert: what fails to be written is written later, together', async () => {
    const { bench, path, read } = await webhooks.endpoint()
    webhooks.receiver.answer(path, (response) => {
      response.statusCode = 410
      response.end()
    })
    const alerts = async () => (await bench.query('{ alerts(first: 5) { edges { node { kind } } } }')).alerts.edges
    const owner = new Client(webhooks.server.database.owner)
    await owner.connect()
    try {
      await owner.query(`
        create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$;
        create trigger refuse before insert on alert for each row execute function refuse()`)
      await bench.experiment('refused')
      await webhooks.receiver.until(path, 2)
      expect((await read()).isEnabled).toBe(true)
    } finally {
      await owner.query('drop function if exists refuse cascade')
      await owner.end()
    }
    await expect.poll(alerts, { timeout: 20_000 }).toMatchObject([{ node: { kind: 'WEBHOOK_DISABLED' } }])
    expect((await read()).isEnabled).toBe(false)
  })

  test('at which nothing succeeds for five days is switched off; a success in between counts', async () => {
    const { bench, path, deliveries, read } = await webhooks.endpoint({ eventTypes: ['EXPERIMENT_UPDATED'] })
    let status = 500
    webhooks.receiver.answer(path, (response) => {
      response.statusCode = status
      response.end()
    })
    await bench.experiment('days')
    const tell = async (name: string) => {
      await bench.done('updateExperiment', { experimentKey: 'days', name })
      return (await settled(deliveries)).at(-1)
    }
    expect(await tell('first')).toMatchObject({ status: 'FAILED' })
    webhooks.offsetMs = 4 * DAY_MS
    status = 200
    expect(await tell('second')).toMatchObject({ status: 'DELIVERED' })
    status = 500
    expect(await tell('third')).toMatchObject({ status: 'FAILED', attemptCount: 4 })
    webhooks.offsetMs = 8.9 * DAY_MS
    expect(await tell('fourth')).toMatchObject({ status: 'FAILED', attemptCount: 4 })
    expect((await read()).isEnabled).toBe(true)
    webhooks.offsetMs = 9.1 * DAY_MS
    expect(await tell('fifth')).toMatchObject({ status: 'FAILED', attemptCount: 1 })
    expect((await read()).isEnabled).toBe(false)
  })

  test('that fails goes on failing when it is switched on though it never was off', async () => {
    const { bench, path, deliveries, read, send, id } = await webhooks.endpoint()
    webhooks.receiver.answer(path, (response) => {
      response.statusCode = 500
      response.end()
    })
    await bench.experiment('on')
    await settled(deliveries)
    const { failingSince } = await read()
    expect(failingSince).not.toBeNull()
    const turn = async (isEnabled: boolean) =>
      (await send('updateWebhookEndpoint', { webhookEndpointId: id, isEnabled })).webhookEndpoint
    expect(await turn(true)).toMatchObject({ isEnabled: true, failingSince })
    // Switched off and on it begins anew, and both are in the log.
    expect(await turn(false)).toMatchObject({ isEnabled: false, failingSince })
    expect(await turn(true)).toMatchObject({ isEnabled: true, failingSince: null })
  })

  test('that is switched off or removed gets nothing that waits', async () => {
    for (const change of ['updateWebhookEndpoint', 'deleteWebhookEndpoint']) {
      const { bench, path, send, id } = await webhooks.endpoint()
      webhooks.receiver.answer(path, (response) => {
        response.writeHead(503, { 'retry-after': '2' })
        response.end()
      })
      await bench.experiment('waiting')
      await webhooks.receiver.until(path, 1)
      await send(change, { webhookEndpointId: id, ...(change === 'updateWebhookEndpoint' && { isEnabled: false }) })
      const status = async () => {
        const client = new Client(webhooks.server.database.owner)
        await client.connect()
        const { rows } = await client.query('select status from webhook_delivery where organization_id = $1', [
          bench.seed.keys.organizationId,
        ])
        await client.end()
        return rows
      }
      await expect.poll(status, { timeout: 15_000, interval: 200 }).toEqual([{ status: 'CANCELLED' }])
      expect(webhooks.receiver.of(path)).toHaveLength(1)
    }
  })

  test('is refused where messages do not go', async () => {
    const { send } = await webhooks.endpoint()
    const refused = async (url: string) =>
      (await send('createWebhookEndpoint', { url, eventTypes: ['ALERT_RAISED'] })).code
    for (const url of ['nonsense', 'ftp://example.com', 'https://user:pass@example.com', 'https://example.com/#part']) {
      expect(await refused(url), url).toBe('WEBHOOK_URL_INVALID')
    }
    expect(await refused('http://10.0.0.1/')).toBe('WEBHOOK_URL_INVALID')
    expect(await refused('https://[::1]/')).toBe('WEBHOOK_URL_INVALID')
    expect((await send('createWebhookEndpoint', { url: webhooks.receiver.url('/x'), eventTypes: [] })).code).toBe(
      'BAD_USER_INPUT',
    )
  })

  test('belongs to its organization, and needs the right to read and write webhooks', async () => {
    const { bench, send, id, deliveries } = await webhooks.endpoint()
    await bench.experiment('own')
    const [delivery] = await settled(deliveries)
    const other = await Seed.organization(webhooks.server)
    const asOther = (name: string, input: object) => send(name, input, other.keys.adminKey)
    for (const name of ['updateWebhookEndpoint', 'deleteWebhookEndpoint', 'rotateWebhookSecret']) {
      expect(await asOther(name, { webhookEndpointId: id })).toMatchObject({ code: 'WEBHOOK_ENDPOINT_NOT_FOUND' })
    }
    expect(await asOther('redeliverWebhook', { webhookDeliveryId: delivery.id })).toMatchObject({
      code: 'WEBHOOK_DELIVERY_NOT_FOUND',
    })
    const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } webhookEndpoints(first: 5) { totalCount } }'
    expect(await webhooks.server.graphql(other.keys.adminKey, nodes, { ids: [id, delivery.id] })).toEqual({
      nodes: [null, null],
      webhookEndpoints: { totalCount: 0 },
    })
    const { errors } = await webhooks.server.send(
      bench.seed.keys.serverKey,
      '{ webhookEndpoints(first: 5) { totalCount } }',
    )
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await send('updateWebhookEndpoint', { webhookEndpointId: id, expectedVersion: 9 })).code).toBe(
      'VERSION_CONFLICT',
    )
  })
})

test('deliveries that were finished 30 days ago are forgotten', async () => {
  const { bench, deliveries } = await webhooks.endpoint()
  await bench.experiment('old')
  await settled(deliveries)
  const { organizationId } = bench.seed.keys
  webhooks.offsetMs = 29 * DAY_MS
  await housekeep(webhooks.server.platform, organizationId)
  expect(await deliveries()).toHaveLength(1)
  webhooks.offsetMs = 31 * DAY_MS
  await housekeep(webhooks.server.platform, organizationId)
  expect(await deliveries()).toEqual([])
})
