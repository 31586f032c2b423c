import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from './api-client.ts'
import { DEMO_EXPERIMENT } from './demo-experiment.ts'
import { normalDraw } from './simulation/random.ts'

const ASSIGN = `mutation ($input: AssignInput!) { assign(input: $input) { variant { key } } }`
const TRACK = `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }`

/** How the visitors of the demo behave; the truth that the experiment is to find. */
const PURCHASE_RATE: Record<string, number> = { plain: 0.1, priced: 0.125 }
const SUPPORT_RATE = 0.03
const MEAN_PRICE = 40
/** Which draws from [0, 1) are one; chance of a purchase relative to all, and median time of a page load in milliseconds. */
const DEVICES = [
  { device: 'phone', below: 0.6, purchases: 0.8, load: 900 },
  { device: 'desktop', below: 0.95, purchases: 1.35, load: 500 },
  { device: 'tablet', below: 1, purchases: 0.95, load: 800 },
] as const

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
    const { device, purchases, load } = someDevice()
    const { assign } = await this.#api.call<{ assign: { variant: { key: string } | null } }>(ASSIGN, {
      input: { experimentKey: DEMO_EXPERIMENT, unitId, attributes: { country: 'DE', device } },
    })
    const rate = purchases * (PURCHASE_RATE[assign.variant?.key ?? ''] ?? 0)
    const events = [
      { name: 'page_loaded', value: Math.round(load * Math.exp(0.4 * normalDraw(Math.random))) },
      ...(Math.random() < rate ? [{ name: 'purchase', value: price() }] : []),
      ...(Math.random() < SUPPORT_RATE ? [{ name: 'support_contact' }] : []),
    ].map((event) => ({ ...event, unitId, idempotencyKey: randomUUID() }))
    await this.#api.call(TRACK, { input: { events } })
  }
}

function someDevice(): (typeof DEVICES)[number] {
  const draw = Math.random()
  return DEVICES.find(({ below }) => draw < below)!
}

/** Exponential around the mean, in cents. */
function price(): number {
  return Math.round(-Math.log(1 - Math.random()) * MEAN_PRICE * 100) / 100
}
