import { AlertDesk } from '../modules/alerts/alert-desk.ts'
import { DeliveryWorker } from '../modules/webhooks/delivery-worker.ts'
import { Outbox } from '../modules/webhooks/outbox.ts'
import { AddressPolicy } from '../modules/webhooks/public-address.ts'
import type { WebhookTools } from '../modules/webhooks/webhook.service.ts'
import { SecretBox } from '../shared/secret-box.ts'
import type { Platform } from './platform.ts'

const TIMEOUT_MS = 15_000

export interface WebhookOptions {
  /** Seals the signing secrets, 32 bytes; without it no signed endpoint can be made. */
  secretKey?: Buffer | null
  /** Networks that messages may be sent to beside public addresses, such as `10.0.0.0/8`. */
  allowedNetworks?: readonly string[]
  /** How long an attempt may take, in milliseconds; 15,000 unless told. */
  timeoutMs?: number
  /** Pauses after failed attempts, in milliseconds; more than a day in all unless told. */
  retryPausesMs?: readonly number[]
}

/** What of webhooks lives as long as the process. */
export class WebhookRoom {
  readonly tools: WebhookTools
  readonly outbox: Outbox
  readonly worker: DeliveryWorker

  constructor({ jobs, clock, log }: Platform, options: WebhookOptions) {
    const { secretKey = null, allowedNetworks, timeoutMs = TIMEOUT_MS, retryPausesMs } = options
    const box = new SecretBox(secretKey)
    const addresses = new AddressPolicy(allowedNetworks)
    const desk = new AlertDesk(clock)
    this.tools = { jobs, box, addresses, desk, clock }
    this.outbox = new Outbox(jobs, clock)
    this.worker = new DeliveryWorker({ ...this.tools, log, timeoutMs, random: Math.random, retryPausesMs })
  }
}
