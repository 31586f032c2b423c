import { LockMode } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { JobQueue, Patience } from '../../database/job-queue.ts'
import type { Clock } from '../../shared/clock.ts'
import type { SecretBox } from '../../shared/secret-box.ts'
import { type AttemptJob, DELIVER_TO_FAILING } from './deliver-webhook.job.ts'
import { messageBody, slackBody } from './message-body.ts'
import { askedPause, pauseAfter, RETRY_PAUSES_MS } from './retry-schedule.ts'
import { type Outcome, type SendOptions, sendMessage } from './send-message.ts'
import { signedHeaders } from './sign-message.ts'
import { secretsOf } from './signing-secrets.ts'
import { WebhookAttempt } from './webhook-attempt.entity.ts'
import { WebhookDelivery } from './webhook-delivery.entity.ts'
import type { WebhookEndpoint } from './webhook-endpoint.entity.ts'

/** How long nothing may succeed before an endpoint is switched off. */
const FAILING_MS = 5 * 86_400_000
/** The answer of a receiver that wants no more. */
const GONE = 410
/** How long an attempt keeps its place among those to endpoints that work, in milliseconds. */
const PATIENCE_MS = 250
/** Beyond the time limit, for what comes before the request and after it, in milliseconds. */
const MARGIN_MS = 5_000

export interface WorkerOptions extends SendOptions {
  jobs: JobQueue
  box: SecretBox
  clock: Clock
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
   * The attempt with this number, unless it was made before. Left to `DELIVER_TO_FAILING` if it was asked for as another job
   * and the endpoint has failed since, or is long in answering.
   * @returns whether the endpoint was switched off by it
   */
  async attempt(em: EntityManager, kind: AttemptJob, deliveryId: number, number: number): Promise<boolean> {
    const delivery = await em.fork().findOne(WebhookDelivery, { id: deliveryId }, { populate: ['endpoint'] })
    if (!delivery || !isDue(delivery, number)) return false
    const endpoint = delivery.endpoint.unwrap()
    if (kind !== DELIVER_TO_FAILING && !isOff(endpoint) && (endpoint.failingSince || this.#isSlow(endpoint.id))) {
      await this.#options.jobs.add(DELIVER_TO_FAILING, delivery.organizationId, { deliveryId, attempt: number })
      return false
    }
    const at = this.#options.clock()
    const startedAt = performance.now()
    const outcome = isOff(endpoint) ? null : await this.#send(delivery, endpoint, at)
    const durationMs = Math.round(performance.now() - startedAt)
    return em.fork().transactional(async (own) => {
      const locked = await own.findOne(
        WebhookDelivery,
        { id: deliveryId },
        { lockMode: LockMode.PESSIMISTIC_WRITE, populate: ['endpoint'], populateWhere: 'infer' },
      )
      // Sent twice by two processes: the first to write it down has made the attempt.
      if (!locked || !isDue(locked, number)) return false
      if (!outcome) {
        this.#finish(locked, 'CANCELLED')
        return false
      }
      own.create(WebhookAttempt, {
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
      return this.#judge(own as EntityManager, locked, outcome)
    })
  }

  #isSlow(endpointId: number): boolean {
    const longAgo = performance.now() - PATIENCE_MS
    return [...this.#waiting].some((request) => request.endpointId === endpointId && request.since <= longAgo)
  }

  async #send(delivery: WebhookDelivery, endpoint: WebhookEndpoint, at: Date): Promise<Outcome> {
    const request = { endpointId: endpoint.id, since: performance.now() }
    this.#waiting.add(request)
    try {
      return await this.#post(delivery, endpoint, at)
    } finally {
      this.#waiting.delete(request)
    }
  }

  #post(delivery: WebhookDelivery, endpoint: WebhookEndpoint, at: Date): Promise<Outcome> {
    const { url, destination } = endpoint
    if (destination === 'SLACK') return sendMessage(url, {}, JSON.stringify(slackBody(delivery)), this.#options)
    const body = JSON.stringify(messageBody(delivery))
    const secrets = secretsOf(endpoint, this.#options.box, at)
    return sendMessage(url, signedHeaders(delivery.messageId, at, body, secrets), body, this.#options)
  }

  async #judge(em: EntityManager, delivery: WebhookDelivery, outcome: Outcome): Promise<boolean> {
    const endpoint = delivery.endpoint.unwrap()
    const { statusCode } = outcome
    const now = this.#options.clock()
    if (statusCode !== null && statusCode >= 200 && statusCode < 300) {
      if (endpoint.failingSince) endpoint.failingSince = null
      this.#finish(delivery, 'DELIVERED')
      return false
    }
    endpoint.failingSince ??= now
    const isGone = statusCode === GONE
    if (isGone || now.getTime() - endpoint.failingSince.getTime() >= FAILING_MS) {
      endpoint.disabledAt = now
      endpoint.disabledReason = isGone ? 'GONE' : 'FAILING'
      this.#finish(delivery, 'FAILED')
      return true
    }
    const { random, retryPausesMs = RETRY_PAUSES_MS } = this.#options
    const failures = delivery.attemptCount - delivery.attemptsBefore
    const pause = pauseAfter(failures, askedPause(outcome.retryAfter ?? undefined, now), random(), retryPausesMs)
    if (pause === null) {
      this.#finish(delivery, 'FAILED')
      return false
    }
    delivery.nextAttemptAt = new Date(now.getTime() + pause)
    await this.#options.jobs.add(
      DELIVER_TO_FAILING,
      delivery.organizationId,
      { deliveryId: delivery.id, attempt: delivery.attemptCount + 1 },
      { em, at: new Date(Date.now() + pause) },
    )
    return false
  }

  #finish(delivery: WebhookDelivery, status: 'DELIVERED' | 'FAILED' | 'CANCELLED'): void {
    delivery.status = status
    delivery.nextAttemptAt = null
    delivery.finishedAt = this.#options.clock()
  }
}

function isDue({ status, attemptCount }: WebhookDelivery, number: number): boolean {
  return status === 'PENDING' && attemptCount === number - 1
}

function isOff({ disabledAt, deletedAt }: WebhookEndpoint): boolean {
  return disabledAt != null || deletedAt != null
}
