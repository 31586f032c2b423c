import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseUrl, ServerProcess } from '../support/server-process.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'
import { Workbench } from '../support/workbench.ts'

const KILLS = 3
const CLIENTS = 4
/** Changes answered between two kills, at least. */
const BETWEEN_KILLS = 15
const CREATE = `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
  ... on CreateWebhookEndpointSuccess { secret } ... on Error { code message } } }`
const UPDATE = `mutation ($input: UpdateExperimentInput!) { updateExperiment(input: $input) {
  ... on UpdateExperimentSuccess { experiment { version } } ... on Error { code message } } }`

let beside: TestServer
let receiver: WebhookReceiver
let owner: Client
const processes: ServerProcess[] = []
beforeAll(async () => {
  const secretKey = randomBytes(32)
  const allowedNetworks = ['127.0.0.0/8']
  receiver = await WebhookReceiver.open()
  // Runs no jobs: those are left to the processes that are killed.
  beside = await startTestServer({ webhooks: { secretKey, allowedNetworks } })
  owner = new Client(beside.database.owner)
  await owner.connect()
  for (let index = 0; index < 2; index++) {
    processes.push(
      await ServerProcess.on({
        DATABASE_URL: databaseUrl(beside.database.owner),
        ASSAY_POOL_SIZE: '8',
        ASSAY_SECRET_KEY: secretKey.toString('base64'),
        ASSAY_WEBHOOK_NETWORKS: allowedNetworks.join(','),
      }),
    )
  }
})
afterAll(async () => {
  await Promise.all(processes.map((each) => each.end('SIGKILL')))
  await owner?.end()
  await beside?.stop()
  await receiver?.close()
})

async function subscribed(bench: Workbench, path: string): Promise<string> {
  const input = { url: receiver.url(path), eventTypes: ['EXPERIMENT_UPDATED'] }
  return (await bench.query(CREATE, { input })).createWebhookEndpoint.secret
}

test('killed in the middle of a delivery: another process sends the message again', async () => {
  const bench = await Workbench.open(beside)
  const secret = await subscribed(bench, '/held')
  const held = Promise.withResolvers<void>()
  receiver.answer('/held', (response, count) => {
    if (count === 1) held.resolve()
    else response.end()
  })
  await bench.experiment('held')
  const [first, second] = processes as [ServerProcess, ServerProcess]
  await first.start()
  await bench.done('updateExperiment', { experimentKey: 'held', name: 'Held' })
  await held.promise
  // Before anything slow: at its time limit the attempt would count as one that failed.
  await first.end('SIGKILL')
  await second.start()
  const [before, again] = await receiver.until('/held', 2)
  expect(again!.headers['webhook-id']).toBe(before!.headers['webhook-id'])
  expect(again!.body).toBe(before!.body)
  new Webhook(secret).verify(again!.body, again!.headers as Record<string, string>)
  const row = async () => (await owner.query('select status, attempt_count from webhook_delivery')).rows
  await expect.poll(row).toEqual([{ status: 'DELIVERED', attempt_count: 1 }])
  await second.end('SIGTERM')
}, 90_000)

test('two processes, one killed at random again and again: every change is logged once and told of, in order', async () => {
  const bench = await Workbench.open(beside)
  await subscribed(bench, '/all')
  const keys = Array.from({ length: CLIENTS }, (_, index) => `subject-${index}`)
  for (const key of keys) await bench.experiment(key)
  await Promise.all(processes.map((each) => each.start()))

  let answered = 0
  let isStopped = false
  const versions = new Map(keys.map((key) => [key, 1]))
  const client = async (key: string, index: number) => {
    for (let turn = 0; !isStopped; turn++) {
      const url = processes[(index + turn) % 2]!.url
      const known = versions.get(key)!
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${bench.seed.keys.adminKey}` },
          body: JSON.stringify({
            query: UPDATE,
            variables: { input: { experimentKey: key, expectedVersion: known, name: `${key} ${known + 1}` } },
          }),
        })
        const { data } = (await response.json()) as {
          data?: { updateExperiment?: { experiment?: { version: number } } }
        }
        const version = data?.updateExperiment?.experiment?.version
        if (version) {
          versions.set(key, version)
          answered++
          continue
        }
      } catch {
        // Killed before the answer, or not up yet.
      }
      // What was committed without an answer counts as well.
      versions.set(key, (await bench.read(key)).version)
      await pause(20)
    }
  }
  const clients = keys.map(client)
  for (let kill = 0; kill < KILLS; kill++) {
    const until = answered + BETWEEN_KILLS
    while (answered < until) await pause(1)
    const victim = processes[Math.floor(Math.random() * 2)]!
    await victim.end('SIGKILL')
    await victim.start()
  }
  isStopped = true
  await Promise.all(clients)
  let changes = 0
  for (const key of keys) changes += (await bench.read(key)).version - 1

  const sequences = () =>
    keys.map((key) => {
      const about = receiver.of('/all').filter(({ json }) => json.data.experiment.key === key)
      return [...new Set(about.map(({ json }) => json.data.sequence as number))].sort((a, b) => a - b)
    })
  await expect.poll(() => sequences().flat().length, { timeout: 60_000, interval: 100 }).toBe(changes)
  for (const [index, numbers] of sequences().entries()) {
    expect(numbers).toEqual(numbers.map((_, position) => position + 1))
    const about = receiver.of('/all').filter(({ json }) => json.data.experiment.key === keys[index])
    for (const { json } of about) expect(json.data.experiment.version).toBe(json.data.sequence + 1)
  }
  const { rows } = await owner.query(
    `select root_key, after->>'name' as name from audit_entry
     where organization_id = $1 and action = 'UPDATED' and subject_type = 'Experiment'`,
    [bench.seed.keys.organizationId],
  )
  const expected = keys.flatMap((key) =>
    Array.from({ length: versions.get(key)! - 1 }, (_, index) => `${key} ${index + 2}`),
  )
  expect(rows.map(({ name }) => name).sort()).toEqual(expected.sort())
  console.info({ kills: KILLS, changes, answered, sent: receiver.of('/all').length })
}, 120_000)
