import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { startTestServer } from '../../support/test-server.ts'
import { deliveriesOf, settled, TIMEOUT_MS } from '../../support/webhook-bench.ts'
import { WebhookReceiver } from '../../support/webhook-receiver.ts'
import { Workbench } from '../../support/workbench.ts'

let receiver: WebhookReceiver
beforeAll(async () => {
  receiver = await WebhookReceiver.open()
})
afterAll(() => receiver?.close())

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
      const [delivery] = await settled(() => deliveriesOf(bench, createWebhookEndpoint.webhookEndpoint.id))
      expect(delivery.status).toBe('FAILED')
      expect(delivery.attempts).toMatchObject([
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
