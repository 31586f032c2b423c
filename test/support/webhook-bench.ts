import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { WebhookOptions } from '../../src/server/webhook-room.ts'
import { openLog } from '../../src/shared/open-log.ts'
import { startTestServer, type TestServer } from './test-server.ts'
import { WebhookReceiver } from './webhook-receiver.ts'
import { Workbench } from './workbench.ts'

const ENDPOINT = `webhookEndpoint { id url destination eventTypes isEnabled disabledReason failingSince previousSecretsUntil version }`
const ANSWERS: Record<string, string> = {
  createWebhookEndpoint: `${ENDPOINT} secret`,
  updateWebhookEndpoint: ENDPOINT,
  deleteWebhookEndpoint: 'deletedId',
  rotateWebhookSecret: `${ENDPOINT} secret`,
  redeliverWebhook: 'webhookDelivery { id status messageId attemptCount }',
}
const READ = `query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { isEnabled failingSince deliveries(first: 50) { edges { node {
  id messageId eventType sequence status attemptCount nextAttemptAt finishedAt body endpoint { id }
  attempts { number at durationMs statusCode error response }
} } } } } }`

export const EXPERIMENT_STEPS = [
  'EXPERIMENT_CREATED',
  'EXPERIMENT_STARTED',
  'EXPERIMENT_PAUSED',
  'EXPERIMENT_COMPLETED',
]
/** How long a receiver may take, in milliseconds. */
export const TIMEOUT_MS = 400

// biome-ignore lint/suspicious/noExplicitAny: tests look at any part of it.
export type Seen = any

/** A server that sends, with short pauses and a clock that can be set ahead, and a receiver that answers as it is told. */
export class WebhookBench {
  readonly receiver: WebhookReceiver
  /** Lines of the server's log. */
  readonly logged: Seen[] = []
  /** How far the clock of the server is ahead, in milliseconds. */
  offsetMs = 0
  #server: TestServer | null = null
  #paths = 0

  private constructor(receiver: WebhookReceiver) {
    this.receiver = receiver
  }

  /** @param options - of sending, in place of its own */
  static async open(options: WebhookOptions = {}): Promise<WebhookBench> {
    const bench = new WebhookBench(await WebhookReceiver.open())
    bench.#server = await startTestServer({
      runsJobs: true,
      log: openLog('warn', { write: (line) => void bench.logged.push(JSON.parse(line)) }),
      clock: () => new Date(Date.now() + bench.offsetMs),
      webhooks: {
        secretKey: randomBytes(32),
        allowedNetworks: ['127.0.0.0/8'],
        timeoutMs: TIMEOUT_MS,
        retryPausesMs: [20, 20, 20],
        ...options,
      },
    })
    return bench
  }

  get server(): TestServer {
    return this.#server!
  }

  /** An organization with one endpoint at a path of its own. */
  async endpoint(input: object = {}) {
    const bench = await Workbench.open(this.server)
    const send = async (name: string, given: object, key = bench.seed.keys.adminKey): Promise<Seen> => {
      const type = name[0]!.toUpperCase() + name.slice(1)
      const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) {
        ... on ${type}Success { ${ANSWERS[name]} } ... on Error { code message } } }`
      return (await this.server.graphql(key, query, { input: given }))[name]
    }
    const path = `/hook-${this.#paths++}`
    const { webhookEndpoint, secret, code, message } = await send('createWebhookEndpoint', {
      url: this.receiver.url(path),
      eventTypes: EXPERIMENT_STEPS,
      ...input,
    })
    if (code) throw new Error(`${code}: ${message}`)
    const id = webhookEndpoint.id as string
    const read = async (): Promise<Seen> => (await bench.query(READ, { id })).node
    return { bench, send, path, id, secret: secret as string, read, deliveries: () => deliveriesOf(bench, id) }
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    await this.receiver.close()
  }
}

/** What was sent to an endpoint, oldest first. */
export async function deliveriesOf(bench: Workbench, webhookEndpointId: string): Promise<Seen[]> {
  const { node } = await bench.query(READ, { id: webhookEndpointId })
  return node.deliveries.edges.map((edge: { node: Seen }) => edge.node).reverse()
}

/** The deliveries once none of them waits any more. */
export async function settled(deliveries: () => Promise<Seen[]>): Promise<Seen[]> {
  await expect
    .poll(async () => (await deliveries()).filter(({ status }) => status === 'PENDING'), { timeout: 20_000 })
    .toEqual([])
  return deliveries()
}
