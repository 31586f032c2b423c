import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { RolloutBench, type SeenRollout } from '../support/rollout-bench.ts'
import { databaseUrl, ServerProcess } from '../support/server-process.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'

const ROLLOUTS = 15
const SHARES = [500, 2_500, 5_000, 7_500, 10_000]
const STAGE_SECONDS = 2
const KILLS = 3
/** A job that died with its server is found by its silence within 15 s; another one starts within 30 s. */
const WITHIN = { timeout: 90_000, interval: 50 }

let receiver: WebhookReceiver
let beside: TestServer
let servers: ServerProcess[] = []
beforeAll(async () => {
  const secretKey = randomBytes(32)
  const allowedNetworks = ['127.0.0.0/8']
  receiver = await WebhookReceiver.open()
  // Runs no jobs: those are left to the processes that are killed.
  beside = await startTestServer({ webhooks: { secretKey, allowedNetworks } })
  const env = {
    DATABASE_URL: databaseUrl(beside.database.owner),
    ASSAY_POOL_SIZE: '8',
    ASSAY_SECRET_KEY: secretKey.toString('base64'),
    ASSAY_WEBHOOK_NETWORKS: allowedNetworks.join(','),
  }
  servers = [await ServerProcess.on(env), await ServerProcess.on(env)]
})
afterEach(() => Promise.all(servers.map((server) => server.end('SIGKILL'))))
afterAll(async () => {
  await beside?.stop()
  await receiver?.close()
})

/** A rollout of an organization of its own, whose every step is told to a path of its own. */
async function ramping(path: string): Promise<RolloutBench> {
  const bench = await RolloutBench.open(beside)
  await bench.seed.admin(
    'mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { ... on Error { code message } } }',
    { url: receiver.url(path), eventTypes: ['ROLLOUT_STARTED', 'ROLLOUT_STAGE_ENTERED', 'ROLLOUT_COMPLETED'] },
  )
  await bench.started('ramp', {
    stages: SHARES.map((shareBasisPoints) => ({ shareBasisPoints, minimumDurationSeconds: STAGE_SECONDS })),
  })
  return bench
}

/** Every stage was entered once and for its full duration, is in the audit log once, and was told of in order. */
async function expectWhole(bench: RolloutBench, path: string): Promise<void> {
  const { transitions } = await bench.read('ramp')
  expect(transitions.map(({ action, shareAfter }: SeenRollout) => [action, shareAfter])).toEqual([
    ['STARTED', 500],
    ...SHARES.slice(1).map((share) => ['STAGE_ENTERED', share]),
    ['COMPLETED', 10_000],
  ])
  for (const [index, { at }] of transitions.entries()) {
    if (index === 0) continue
    const lasted = Date.parse(at) - Date.parse(transitions[index - 1].at)
    expect(lasted).toBeGreaterThanOrEqual(STAGE_SECONDS * 1_000)
  }
  const { auditLog } = await bench.query(
    '{ auditLog(first: 100, filter: { rootKey: "ramp", actor: ["system"] }) { edges { node { subjectType after } } } }',
  )
  const shares = auditLog.edges.map(({ node }: SeenRollout) => node.after.shareBasisPoints ?? node.after.status)
  expect(shares.sort()).toEqual([...SHARES.slice(1), 'COMPLETED'].sort())
  const told = () => {
    const bySequence = new Map(receiver.of(path).map(({ json }) => [json.data.sequence as number, json.type as string]))
    return [...bySequence].sort(([a], [b]) => a - b)
  }
  const types = ['rollout.started', ...SHARES.slice(1).map(() => 'rollout.stage_entered'), 'rollout.completed']
  await expect.poll(told, WITHIN).toEqual(types.map((type, index) => [index + 1, type]))
}

async function statusesOf(benches: readonly RolloutBench[]): Promise<string[]> {
  return Promise.all(benches.map(async (bench) => (await bench.read('ramp')).status))
}

test('killed in the middle of a stage advance: nothing of it stays, and another process does it, once', async () => {
  const bench = await ramping('/halfway')
  const holder = new Client(beside.database.owner)
  await holder.connect()
  const [first, second] = servers as [ServerProcess, ServerProcess]
  try {
    // The advance has changed the rollout when it comes to write down the step.
    await holder.query('begin; lock table rollout_transition in share row exclusive mode')
    await first.start()
    const advancing = async () => {
      const { rows } = await holder.query(
        `select count(*)::int as n from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'relation'`,
      )
      return rows[0].n
    }
    await expect.poll(advancing, WITHIN).toBe(1)
    await first.end('SIGKILL')
    expect(await bench.read('ramp')).toMatchObject({ shareBasisPoints: 500, transitions: [{ action: 'STARTED' }] })
    await second.start()
  } finally {
    await holder.query('rollback')
    await holder.end()
  }
  await expect.poll(() => statusesOf([bench]), WITHIN).toEqual(['COMPLETED'])
  await expectWhole(bench, '/halfway')
}, 180_000)

test('two servers, one of them killed at random during a ramp: every stage is entered, audited and told of', async () => {
  // An organization each, so that a job which died with its server holds up one of them and not all.
  const benches: RolloutBench[] = []
  for (let index = 0; index < ROLLOUTS; index++) benches.push(await ramping(`/ramp-${index}`))
  await Promise.all(servers.map((server) => server.start()))
  for (let kill = 0; kill < KILLS; kill++) {
    await pause(500 + Math.random() * 2_000)
    const victim = servers[kill % 2]!
    await victim.end('SIGKILL')
    await victim.start()
  }
  await expect
    .poll(async () => (await statusesOf(benches)).every((status) => status === 'COMPLETED'), {
      timeout: 150_000,
      interval: 1_000,
    })
    .toBe(true)
  for (const [index, bench] of benches.entries()) await expectWhole(bench, `/ramp-${index}`)
}, 300_000)
