import { LockMode } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Logger } from 'pino'
import type { JobQueue, Patience } from '../../database/job-queue.ts'
import type { Clock } from '../../shared/clock.ts'
import type { SecretBox } from '../../shared/secret-box.ts'
import type { UnitOfWork } from '../../shared/unit-of-work.ts'
import type { AlertDesk } from '../alerts/alert-desk.ts'
import { type AttemptJob, attemptJobFor, DELIVER_TO_FAILING, isForWorse, PATIENCE_MS } from './deliver-webhook.job.ts'
import { settleDisabled } from './disabled-alerts.ts'
import { messageBody, slackBody } from './message-body.ts'
import { askedPause, pauseAfter, RETRY_PAUSES_MS } from './retry-schedule.ts'
import { type Outcome, type SendOptions, sendMessage } from './send-message.ts'
import { signedHeaders } from './sign-message.ts'
import { openSecrets, SealedSecretError } from './signing-secrets.ts'
import { WebhookAttempt } from './webhook-attempt.entity.ts'
import { WebhookDelivery } from './webhook-delivery.entity.ts'
import type { WebhookEndpoint } from './webhook-endpoint.entity.ts'

/** How long nothing may succeed before an endpoint is switched off. */
const FAILING_MS = 5 * 86_400_000
/** The answer of a receiver that wants no more. */
const GONE = 410
/** Beyond the time limit, for what comes before the request and after it, in milliseconds. */
const MARGIN_MS = 5_000

export interface WorkerOptions extends SendOptions {
  jobs: JobQueue
  box: SecretBox
  clock: Clock
  log: Logger
  desk: AlertDesk
  /** From 0 to 1. */
  random: () => number
  retryPausesMs?: readonly number[]
}

/** Sends messages: one attempt at a time, each written down. */
export class DeliveryWorker {
  readonly patience: Patience
  readonly #options: WorkerOptions
  /** Requests of this process that have no answer yet. */
  readonly #waiting = new Set<{ endpointId: number; since: number }>()

  constructor(options: WorkerOptions) {
    this.#options = options
    this.patience = { forMs: PATIENCE_MS, againAfterMs: options.timeoutMs + MARGIN_MS }
  }

  /**
   * The attempt with this number, unless it was made before. Left to the places for worse endpoints if this one has failed
   * since it was asked for, or is long in answering.
   * @throws when the signal breaks it off before there is an answer; nothing is written down then
   */
  async attempt(
    work: UnitOfWork,
    kind: AttemptJob,
    deliveryId: number,
    number: number,
    signal: AbortSignal,
  ): Promise<void> {
    const delivery = await work.em.fork().findOne(WebhookDelivery, { id: deliveryId }, { populate: ['endpoint'] })
    if (!delivery || !isDue(delivery, number)) return
    const endpoint = delivery.endpoint.unwrap()
    const suited = attemptJobFor(endpoint, this.#silenceOf(endpoint.id))
    if (!isOff(endpoint) && isForWorse(suited, kind)) {
      await this.#options.jobs.add(suited, delivery.organizationId, { deliveryId, attempt: number })
      return
    }
    const at = this.#options.clock()
    const startedAt = performance.now()
    const outcome = isOff(endpoint) ? null : await this.#send(delivery, endpoint, at, signal)
    const durationMs = Math.round(performance.now() - startedAt)
    const off = outcome && this.#reasonToSwitchOff(endpoint, outcome)
    await work.transaction(async (em, record) => {
      if (off) await this.#options.desk.lock(em, delivery.organizationId)
      const locked = await em.findOne(
        WebhookDelivery,
        { id: deliveryId },
        { lockMode: LockMode.PESSIMISTIC_WRITE, populate: ['endpoint'], populateWhere: 'infer' },
      )
      // Sent twice by two processes: the first to write it down has made the attempt.
      if (!locked || !isDue(locked, number)) return
      if (!outcome) return this.#finish(locked, 'CANCELLED')
      em.create(WebhookAttempt, {
        organizationId: locked.organizationId,
        delivery: locked,
        number,
        at,
        durationMs,
        statusCode: outcome.statusCode,
        error: outcome.error,
        response: outcome.response,
      })
      locked.attemptCount = number
      // Some other attempt may have succeeded in the meantime.
      if (!off || this.#reasonToSwitchOff(locked.endpoint.unwrap(), outcome) !== off) {
        return this.#judge(em, locked, outcome)
      }
      this.#switchOff(locked, off)
      await settleDisabled(em, record, this.#options.desk, locked.organizationId)
    })
  }

  /** How long this process has waited for an answer of the endpoint by now, in milliseconds; 0 when it does not wait. */
  #silenceOf(endpointId: number): number {
    const requests = [...this.#waiting].filter((request) => request.endpointId === endpointId)
    return requests.length && performance.now() - Math.min(...requests.map(({ since }) => since))
  }

  async #send(delivery: WebhookDelivery, endpoint: WebhookEndpoint, at: Date, signal: AbortSignal): Promise<Outcome> {
    const request = { endpointId: endpoint.id, since: performance.now() }
    this.#waiting.add(request)
    try {
      return await this.#post(delivery, endpoint, at, { ...this.#options, signal })
    } finally {
      this.#waiting.delete(request)
    }
  }

  async #post(
    delivery: WebhookDelivery,
    endpoint: WebhookEndpoint,
    at: Date,
    options: SendOptions & { signal: AbortSignal },
  ): Promise<Outcome> {
    const { url, destination } = endpoint
    if (destination === 'SLACK') return sendMessage(url, {}, JSON.stringify(slackBody(delivery)), options)
    const body = JSON.stringify(messageBody(delivery))
    try {
      const secrets = openSecrets(await endpoint.secrets.loadItems(), this.#options.box, at)
      return await sendMessage(url, signedHeaders(delivery.messageId, at, body, secrets), body, options)
    } catch (error) {
      if (!(error instanceof SealedSecretError)) throw error
      const { organizationId, nodeId: webhookEndpointId } = endpoint
      this.#options.log.warn({ organizationId, webhookEndpointId }, error.message)
      return { statusCode: null, error: error.message, response: null, retryAfter: null }
    }
  }

  #reasonToSwitchOff({ failingSince }: WebhookEndpoint, outcome: Outcome): 'GONE' | 'FAILING' | null {
    if (isTaken(outcome)) return null
    if (outcome.statusCode === GONE) return 'GONE'
    const failingMs = failingSince ? this.#options.clock().getTime() - failingSince.getTime() : 0
    return failingMs >= FAILING_MS ? 'FAILING' : null
  }

  #switchOff(delivery: WebhookDelivery, reason: 'GONE' | 'FAILING'): void {
    const endpoint = delivery.endpoint.unwrap()
    const now = this.#options.clock()
    endpoint.failingSince ??= now
    endpoint.disabledAt = now
    endpoint.disabledReason = reason
    this.#finish(delivery, 'FAILED')
  }

  async #judge(em: EntityManager, delivery: WebhookDelivery, outcome: Outcome): Promise<void> {
    const endpoint = delivery.endpoint.unwrap()
    const now = this.#options.clock()
    if (isTaken(outcome)) {
      if (endpoint.failingSince) endpoint.failingSince = null
      return this.#finish(delivery, 'DELIVERED')
    }
    endpoint.failingSince ??= now
    const { random, retryPausesMs = RETRY_PAUSES_MS } = this.#options
    const failures = delivery.attemptCount - delivery.attemptsBefore
    const pause = pauseAfter(failures, askedPause(outcome.retryAfter ?? undefined, now), random(), retryPausesMs)
    if (pause === null) return this.#finish(delivery, 'FAILED')
    delivery.nextAttemptAt = new Date(now.getTime() + pause)
    await this.#options.jobs.add(
      DELIVER_TO_FAILING,
      delivery.organizationId,
      { deliveryId: delivery.id, attempt: delivery.attemptCount + 1 },
      { em, at: new Date(Date.now() + pause) },
    )
  }

  #finish(delivery: WebhookDelivery, status: 'DELIVERED' | 'FAILED' | 'CANCELLED'): void {
    delivery.status = status
    delivery.nextAttemptAt = null
    delivery.finishedAt = this.#options.clock()
  }
}

function isTaken({ statusCode }: Outcome): boolean {
  return statusCode !== null && statusCode >= 200 && statusCode < 300
}

function isDue({ status, attemptCount }: WebhookDelivery, number: number): boolean {
  return status === 'PENDING' && attemptCount === number - 1
}

function isOff({ disabledAt, deletedAt }: WebhookEndpoint): boolean {
  return disabledAt != null || deletedAt != null
}
