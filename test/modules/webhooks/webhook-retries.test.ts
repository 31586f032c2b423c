import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Seen, settled, TIMEOUT_MS, WebhookBench } from '../../support/webhook-bench.ts'
import { verified } from '../../support/webhook-receiver.ts'

let webhooks: WebhookBench
beforeAll(async () => {
  webhooks = await WebhookBench.open()
})
afterAll(() => webhooks?.stop())

describe('a receiver that', () => {
  test('fails gets the same message again, with the same id, until it takes it', async () => {
    const { bench, path, secret, deliveries, read } = await webhooks.endpoint()
    webhooks.receiver.answer(path, (response, count) => {
      response.statusCode = count < 3 ? 500 : 204
      response.end(count < 3 ? `no ${count}` : undefined)
    })
    await bench.experiment('failing')
    const messages = await webhooks.receiver.until(path, 3)
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
    const { bench, path, deliveries, send, read } = await webhooks.endpoint()
    let isBroken = true
    webhooks.receiver.answer(path, (response) => {
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
    const ids = webhooks.receiver.of(path).map(({ headers }) => headers['webhook-id'])
    expect(ids).toEqual(Array(5).fill(failed.messageId))
  })

  test('hangs is left after the time limit', async () => {
    const { bench, path, deliveries } = await webhooks.endpoint()
    webhooks.receiver.answer(path, (response, count) => {
      if (count > 1) response.end()
    })
    await bench.experiment('hanging')
    const [first] = await settled(deliveries)
    expect(first).toMatchObject({
      status: 'DELIVERED',
      attempts: [{ statusCode: null, error: `There was no answer within ${TIMEOUT_MS} ms.` }, { statusCode: 200 }],
    })
    expect(first.attempts[0].durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 5)
  })

  test('answers too late is told again', async () => {
    const { bench, path, deliveries } = await webhooks.endpoint()
    webhooks.receiver.answer(path, (response, count) => {
      setTimeout(() => response.end(), count === 1 ? TIMEOUT_MS + 150 : 0)
    })
    await bench.experiment('late')
    expect(await settled(deliveries)).toMatchObject([{ status: 'DELIVERED', attemptCount: 2 }])
    expect(webhooks.receiver.of(path)).toHaveLength(2)
  })

  test('redirects is not followed', async () => {
    const { bench, path, deliveries } = await webhooks.endpoint()
    const elsewhere = `${path}-elsewhere`
    webhooks.receiver.answer(path, (response) => {
      response.writeHead(307, { location: webhooks.receiver.url(elsewhere) })
      response.end()
    })
    await bench.experiment('redirected')
    expect(await settled(deliveries)).toMatchObject([{ status: 'FAILED', attempts: [{ statusCode: 307 }, {}, {}, {}] }])
    expect(webhooks.receiver.of(elsewhere)).toEqual([])
  })

  test('breaks the connection is told again', async () => {
    const { bench, path, deliveries } = await webhooks.endpoint()
    webhooks.receiver.answer(path, (response, count) => {
      if (count === 1) response.destroy()
      else response.end()
    })
    await bench.experiment('broken')
    const [delivery] = await settled(deliveries)
    expect(delivery).toMatchObject({ status: 'DELIVERED', attempts: [{ statusCode: null }, { statusCode: 200 }] })
    expect(delivery.attempts[0].error).toMatch(/socket hang up|ECONNRESET/)
  })

  test('answers without end has taken it, and only the beginning of the answer is kept', async () => {
    const { bench, path, deliveries } = await webhooks.endpoint()
    webhooks.receiver.answer(path, (response) => {
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
    const { bench, path, deliveries } = await webhooks.endpoint()
    webhooks.receiver.answer(path, (response) => {
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
