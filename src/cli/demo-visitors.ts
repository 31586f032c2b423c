import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from './api-client.ts'
import { DEMO_EXPERIMENT } from './demo-experiment.ts'

const ASSIGN = `mutation ($input: AssignInput!) { assign(input: $input) { variant { key } } }`
const TRACK = `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }`

/** How the visitors of the demo behave; the truth that the experiment is to find. */
const PURCHASE_RATE: Record<string, number> = { plain: 0.1, priced: 0.125 }
const SUPPORT_RATE = 0.03
const MEAN_PRICE = 40

/** Visitors of the first seconds, so that there is something to see. */
const FIRST_VISITORS = 1_000
const VISITORS_PER_SECOND = 40

/** Visitors who come one by one, as those of a shop do: each is assigned, and some buy. */
export class DemoVisitors {
  readonly #api: ApiClient
  #isStopped = false
  #running: Promise<void> = Promise.resolve()

  constructor(api: ApiClient) {
    this.#api = api
  }

  /** Answers when the first ones have come. */
  async start(): Promise<void> {
    for (let come = 0; come < FIRST_VISITORS; come += 100) {
      await Promise.all(Array.from({ length: 100 }, () => this.#visit()))
    }
    this.#running = this.#keepComing()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  async #keepComing(): Promise<void> {
    while (!this.#isStopped) {
      const second = pause(1_000)
      try {
        await Promise.all(Array.from({ length: VISITORS_PER_SECOND }, () => this.#visit()))
      } catch (error) {
        if (!this.#isStopped) console.error(`demo: ${(error as Error).message}`)
      }
      await second
    }
  }

  async #visit(): Promise<void> {
    const unitId = randomUUID()
    const { assign } = await this.#api.call<{ assign: { variant: { key: string } | null } }>(ASSIGN, {
      input: { experimentKey: DEMO_EXPERIMENT, unitId, attributes: { country: 'DE' } },
    })
    const rate = PURCHASE_RATE[assign.variant?.key ?? ''] ?? 0
    const events = [
      ...(Math.random() < rate ? [{ name: 'purchase', value: price() }] : []),
      ...(Math.random() < SUPPORT_RATE ? [{ name: 'support_contact' }] : []),
    ].map((event) => ({ ...event, unitId, idempotencyKey: randomUUID() }))
    if (events.length > 0) await this.#api.call(TRACK, { input: { events } })
  }
}

/** Exponential around the mean, in cents. */
function price(): number {
  return Math.round(-Math.log(1 - Math.random()) * MEAN_PRICE * 100) / 100
}
