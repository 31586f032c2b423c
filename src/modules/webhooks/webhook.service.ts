import { LockMode } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { JobQueue } from '../../database/job-queue.ts'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { integerKey } from '../../shared/global-id.ts'
import {
  checkCount,
  checkInteger,
  checkNotNull,
  checkOptionalText,
  checkText,
  fail,
  quoted,
} from '../../shared/input-rules.ts'
import type { SecretBox } from '../../shared/secret-box.ts'
import { assertVersion, type UnitOfWork } from '../../shared/unit-of-work.ts'
import type { AlertDesk } from '../alerts/alert-desk.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { attemptJobFor } from './deliver-webhook.job.ts'
import { settleDisabled } from './disabled-alerts.ts'
import { type AddressPolicy, ForbiddenAddressError } from './public-address.ts'
import { newSigningSecret } from './sign-message.ts'
import { isInForce, openSecret, placeOf } from './signing-secrets.ts'
import type { WebhookEventType } from './webhook.enums.ts'
import type {
  CreateWebhookEndpointInput,
  DeleteWebhookEndpointInput,
  RedeliverWebhookInput,
  RotateWebhookSecretInput,
  UpdateWebhookEndpointInput,
  WebhookEndpointIdInput,
} from './webhook.inputs.ts'
import { WebhookDelivery } from './webhook-delivery.entity.ts'
import { WebhookEndpoint } from './webhook-endpoint.entity.ts'
import { WebhookSecret } from './webhook-secret.entity.ts'

const MOST_ENDPOINTS = 100
const MOST_URL = 2_000
const DESCRIPTION = { max: 1_000 }
const OVERLAP_HOURS = 24
const MOST_OVERLAP_HOURS = 168
/** That messages are signed with at a time, the present one included. */
const MOST_SECRETS = 5
const HOUR_MS = 3_600_000

export interface WebhookTools {
  jobs: JobQueue
  box: SecretBox
  addresses: AddressPolicy
  desk: AlertDesk
  clock: Clock
}

/** Where an organization is told of what happens: made, changed, removed. */
export class WebhookService {
  readonly #work: UnitOfWork
  readonly #viewer: Viewer
  readonly #tools: WebhookTools

  constructor(work: UnitOfWork, viewer: Viewer, tools: WebhookTools) {
    this.#work = work
    this.#viewer = viewer
    this.#tools = tools
  }

  /** @returns the endpoint with its secret, which is shown only now */
  create(input: CreateWebhookEndpointInput): Promise<{ webhookEndpoint: WebhookEndpoint; secret: string | null }> {
    this.#viewer.assertCan('webhook:write')
    const { organizationId } = this.#viewer
    const values = {
      url: this.#checkUrl(input.url),
      eventTypes: checkEventTypes(input.eventTypes),
      destination: input.destination ?? 'HTTP',
      description: checkOptionalText(['description'], input.description, DESCRIPTION),
    }
    return this.#work.transaction(async (em) => {
      const count = await em.count(WebhookEndpoint, { deletedAt: null })
      if (count >= MOST_ENDPOINTS) {
        throw new DomainError(
          'TOO_MANY_WEBHOOK_ENDPOINTS',
          `The organization has ${count} endpoints; it takes ${MOST_ENDPOINTS}.`,
        )
      }
      const webhookEndpoint = em.create(WebhookEndpoint, { organizationId, ...values })
      await em.flush()
      if (values.destination === 'SLACK') return { webhookEndpoint, secret: null }
      const secret = newSigningSecret()
      this.#seal(em, webhookEndpoint, secret)
      return { webhookEndpoint, secret }
    })
  }

  update(input: UpdateWebhookEndpointInput): Promise<WebhookEndpoint> {
    this.#viewer.assertCan('webhook:write')
    return this.#change(input, (endpoint) => {
      if (input.url !== undefined) endpoint.url = this.#checkUrl(checkNotNull(['url'], input.url))
      if (input.eventTypes !== undefined) {
        endpoint.eventTypes = checkEventTypes(checkNotNull(['eventTypes'], input.eventTypes))
      }
      if (input.description !== undefined) {
        endpoint.description = checkOptionalText(['description'], input.description, DESCRIPTION)
      }
      if (input.isEnabled !== undefined) this.#switch(endpoint, checkNotNull(['isEnabled'], input.isEnabled))
    })
  }

  /** Its deliveries stay in the log. */
  async delete(input: DeleteWebhookEndpointInput): Promise<{ deletedId: string }> {
    this.#viewer.assertCan('webhook:write')
    const { nodeId } = await this.#change(input, async (endpoint, em) => {
      endpoint.deletedAt = this.#tools.clock()
      em.remove(await endpoint.secrets.loadItems())
    })
    return { deletedId: nodeId }
  }

  async rotateSecret(input: RotateWebhookSecretInput): Promise<{ webhookEndpoint: WebhookEndpoint; secret: string }> {
    this.#viewer.assertCan('webhook:write')
    const hours = checkInteger(['overlapHours'], input.overlapHours ?? OVERLAP_HOURS, 0, MOST_OVERLAP_HOURS)
    const secret = newSigningSecret()
    const webhookEndpoint = await this.#change(input, async (endpoint, em) => {
      if (endpoint.destination === 'SLACK') {
        throw new DomainError('WEBHOOK_UNSIGNED', 'Messages to Slack are not signed; there is no secret to rotate.')
      }
      this.#retire(em, await endpoint.secrets.loadItems(), hours)
      this.#seal(em, endpoint, secret)
    })
    return { webhookEndpoint, secret }
  }

  /** Sends a message again, with its id and number, whatever became of it; the pauses begin anew. */
  redeliver({ webhookDeliveryId }: RedeliverWebhookInput): Promise<WebhookDelivery> {
    this.#viewer.assertCan('webhook:write')
    return this.#work.transaction(async (em) => {
      const id = integerKey(webhookDeliveryId, 'WebhookDelivery')
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE } as const
      const delivery = id === null ? null : await em.findOne(WebhookDelivery, { id }, lock)
      const endpoint = await delivery?.endpoint.load()
      if (!delivery || !endpoint || endpoint.deletedAt) {
        throw new DomainError('WEBHOOK_DELIVERY_NOT_FOUND', `No delivery has the id ${quoted(webhookDeliveryId)}.`)
      }
      if (endpoint.disabledAt) {
        throw new DomainError('WEBHOOK_DISABLED', 'The endpoint is switched off; switch it on before it is told again.')
      }
      // One that is pending is sent at once, in place of the attempt that waits.
      delivery.status = 'PENDING'
      delivery.attemptsBefore = delivery.attemptCount
      delivery.nextAttemptAt = this.#tools.clock()
      delivery.finishedAt = null
      const payload = { deliveryId: delivery.id, attempt: delivery.attemptCount + 1 }
      await this.#tools.jobs.add(attemptJobFor(endpoint), delivery.organizationId, payload, { em })
      return delivery
    })
  }

  /** Gives the present secret its time to overlap; those whose time is over go, and so does what no longer opens. */
  #retire(em: EntityManager, secrets: readonly WebhookSecret[], overlapHours: number): void {
    const { box, clock } = this.#tools
    const now = clock()
    const isKept = isInForce(now)
    const [kept, gone] = [true, false].map((is) =>
      secrets.filter((each) => (overlapHours > 0 && isKept(each) && openSecret(each, box) !== null) === is),
    ) as [WebhookSecret[], WebhookSecret[]]
    if (kept.length >= MOST_SECRETS) {
      const soonest = Math.min(...kept.flatMap(({ validUntil }) => validUntil?.getTime() ?? []))
      throw new DomainError(
        'TOO_MANY_WEBHOOK_SECRETS',
        `Messages are signed with ${kept.length} secrets already, which is the most; the next one ends at ${new Date(soonest).toISOString()}, and overlapHours 0 ends all.`,
      )
    }
    em.remove(gone)
    for (const secret of kept) secret.validUntil ??= new Date(now.getTime() + overlapHours * HOUR_MS)
  }

  #seal(em: EntityManager, endpoint: WebhookEndpoint, secret: string): void {
    const { organizationId, id } = endpoint
    em.create(WebhookSecret, {
      organizationId,
      endpoint,
      sealed: this.#tools.box.seal(secret, placeOf(organizationId, id)),
    })
  }

  /** What is so already stays as it is: one that fails is not forgiven by switching it on while it is. */
  #switch(endpoint: WebhookEndpoint, isEnabled: boolean): void {
    if (isEnabled === (endpoint.disabledAt == null)) return
    endpoint.disabledAt = isEnabled ? null : this.#tools.clock()
    endpoint.disabledReason = isEnabled ? null : 'BY_HAND'
    if (isEnabled) endpoint.failingSince = null
  }

  #change(
    { webhookEndpointId, expectedVersion }: WebhookEndpointIdInput,
    change: (endpoint: WebhookEndpoint, em: EntityManager) => void | Promise<void>,
  ): Promise<WebhookEndpoint> {
    const { organizationId } = this.#viewer
    const { desk } = this.#tools
    return this.#work.transaction(async (em, record) => {
      await desk.lock(em, organizationId)
      const id = integerKey(webhookEndpointId, 'WebhookEndpoint')
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE } as const
      const endpoint = id === null ? null : await em.findOne(WebhookEndpoint, { id, deletedAt: null }, lock)
      if (!endpoint) {
        throw new DomainError('WEBHOOK_ENDPOINT_NOT_FOUND', `No endpoint has the id ${quoted(webhookEndpointId)}.`)
      }
      assertVersion('endpoint', expectedVersion, endpoint.version)
      endpoint.version += 1
      await change(endpoint, em)
      await settleDisabled(em, record, desk, organizationId)
      return endpoint
    })
  }

  #checkUrl(text: string): string {
    const path = ['url']
    checkText(path, text, { min: 1, max: MOST_URL })
    const url = URL.parse(text)
    if (!url) fail('WEBHOOK_URL_INVALID', path, `is ${quoted(text)}, which is not an address.`)
    const { addresses } = this.#tools
    const mayBePlain = url.protocol === 'http:' && addresses.isRelaxed
    if (url.protocol !== 'https:' && !mayBePlain) {
      fail('WEBHOOK_URL_INVALID', path, `begins with ${url.protocol}; messages are sent over https: alone.`)
    }
    if (url.username || url.password || url.hash) {
      fail('WEBHOOK_URL_INVALID', path, 'holds a user, a password or a fragment; it takes none of them.')
    }
    try {
      addresses.assertHost(url.hostname)
    } catch (error) {
      if (error instanceof ForbiddenAddressError) fail('WEBHOOK_URL_INVALID', path, `is refused: ${error.message}`)
      throw error
    }
    return url.href
  }
}

function checkEventTypes(types: readonly WebhookEventType[]): WebhookEventType[] {
  const different = [...new Set(types)]
  if (different.length === 0) fail('BAD_USER_INPUT', ['eventTypes'], 'is empty; an endpoint is told of something.')
  checkCount(['eventTypes'], types, MOST_ENDPOINTS)
  return different
}
