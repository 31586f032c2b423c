import type { ServerResponse } from 'node:http'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXPERIMENT_STEPS, WebhookBench } from '../../support/webhook-bench.ts'

/** More endpoints than there are places for attempts, and each asked for more than once. */
const HANGING = 30
const MESSAGES = 3
/** An attempt may wait longer than the test runs: what has to wait for one fails it. */
const TIMEOUT_MS = 60_000

let webhooks: WebhookBench
beforeAll(async () => {
  webhooks = await WebhookBench.open({ timeoutMs: TIMEOUT_MS })
})
const held: ServerResponse[] = []
afterAll(async () => {
  for (const response of held) response.end()
  await webhooks?.stop()
})

test('receivers that hang hold up neither their own next message nor anybody else', async () => {
  const { bench, path, send } = await webhooks.endpoint()
  const hang = (response: ServerResponse) => void held.push(response)
  webhooks.receiver.answer(path, hang)
  for (let index = 1; index < HANGING; index++) {
    webhooks.receiver.answer(`${path}-${index}`, hang)
    const input = { url: webhooks.receiver.url(`${path}-${index}`), eventTypes: EXPERIMENT_STEPS }
    expect((await send('createWebhookEndpoint', input)).code).toBeUndefined()
  }
  // Told of everything last.
  const beside = `${path}-beside`
  await send('createWebhookEndpoint', { url: webhooks.receiver.url(beside), eventTypes: EXPERIMENT_STEPS })
  const elsewhere = await webhooks.endpoint()

  const isSoon = (since: number) => expect(performance.now() - since).toBeLessThan(TIMEOUT_MS / 3)
  const began = performance.now()
  for (let index = 0; index < MESSAGES; index++) await bench.experiment(`hanging-${index}`)
  await elsewhere.bench.experiment('elsewhere')
  await webhooks.receiver.until(elsewhere.path, 1)
  await webhooks.receiver.until(beside, MESSAGES)
  await webhooks.receiver.until(path, 2)
  isSoon(began)
  expect(webhooks.receiver.received.length).toBeGreaterThan(HANGING)

  // None of the attempts has ended yet.
  const again = performance.now()
  await bench.experiment('known')
  await webhooks.receiver.until(beside, MESSAGES + 1)
  isSoon(again)
})

test('receivers that hang hold up no other that has failed once', async () => {
  const hanging = await webhooks.endpoint()
  const paths = [hanging.path, ...Array.from({ length: 4 }, (_, index) => `${hanging.path}-${index}`)]
  for (const path of paths) webhooks.receiver.answer(path, (response) => void held.push(response))
  const subscribe = (path: string) =>
    hanging.send('createWebhookEndpoint', { url: webhooks.receiver.url(path), eventTypes: EXPERIMENT_STEPS })
  for (const path of paths.slice(1)) await subscribe(path)
  const backlog = 20
  for (let index = 0; index < backlog; index++) await hanging.bench.experiment(`backlog-${index}`)

  const failing = `${hanging.path}-failing`
  const elsewhere = await webhooks.endpoint()
  await subscribe(failing)
  for (const path of [failing, elsewhere.path]) {
    webhooks.receiver.answer(path, (response, count) => {
      response.statusCode = count === 1 ? 503 : 200
      response.end()
    })
  }
  await hanging.bench.experiment('fails-once')
  await elsewhere.bench.experiment('fails-once')
  await Promise.all([webhooks.receiver.until(failing, 2), webhooks.receiver.until(elsewhere.path, 2)])
  const attempts = paths.reduce((sum, path) => sum + webhooks.receiver.of(path).length, 0)
  // The second attempt did not wait for all that was asked for before it.
  expect(attempts).toBeLessThan(paths.length * backlog)
})

test('a stop breaks off what has no answer, writes nothing of it, and leaves it to another process', async () => {
  const { bench, path, deliveries } = await webhooks.endpoint()
  webhooks.receiver.answer(path, (response) => void held.push(response))
  await bench.experiment('stopped')
  await webhooks.receiver.until(path, 1)
  const began = performance.now()
  await webhooks.server.platform.jobs.close()
  expect(performance.now() - began).toBeLessThan(TIMEOUT_MS / 6)
  const seen = await deliveries()
  expect(seen.length).toBeGreaterThan(0)
  for (const each of seen) expect(each).toMatchObject({ status: 'PENDING', attemptCount: 0, attempts: [] })
  const owner = new Client(webhooks.server.database.owner)
  await owner.connect()
  try {
    const { rows } = await owner.query(
      `select d.id from webhook_delivery d
       where d.status = 'PENDING' and not exists (
         select from pgboss.job j where j.state < 'active' and (j.data->'payload'->>'deliveryId')::bigint = d.id)`,
    )
    expect(rows).toEqual([])
  } finally {
    await owner.end()
  }
})
