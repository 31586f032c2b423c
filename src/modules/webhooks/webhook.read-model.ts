import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { findPage } from '../../shared/find-page.ts'
import { PageLoader } from '../../shared/page-loader.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { isInForce } from './signing-secrets.ts'
import type { WebhookDeliveryFilter } from './webhook.inputs.ts'
import { WebhookDelivery } from './webhook-delivery.entity.ts'
import { WebhookEndpoint } from './webhook-endpoint.entity.ts'

/** Endpoints and the log of their deliveries. */
export class WebhookReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer
  readonly #clock: Clock
  readonly #deliveries: PageLoader<WebhookDelivery>

  constructor(em: EntityManager, viewer: Viewer, clock: Clock) {
    this.#em = em
    this.#clock = clock
    this.#viewer = viewer
    this.#deliveries = new PageLoader(em, { entity: WebhookDelivery, parent: 'endpoint' })
  }

  /** Newest first. */
  endpoints(request: PageRequest): Promise<Page<WebhookEndpoint>> {
    this.#viewer.assertCan('webhook:read')
    return findPage(this.#em, WebhookEndpoint, { deletedAt: null }, { id: 'desc' }, request)
  }

  endpointsByIds(ids: readonly number[]): Promise<WebhookEndpoint[]> {
    this.#viewer.assertCan('webhook:read')
    return this.#em.find(WebhookEndpoint, { id: { $in: [...ids] }, deletedAt: null })
  }

  /** Soonest first. */
  async previousSecretsUntil({ secrets }: WebhookEndpoint): Promise<Date[]> {
    const before = (await secrets.loadItems())
      .filter(isInForce(this.#clock()))
      .flatMap(({ validUntil }) => validUntil ?? [])
    return before.toSorted((one, other) => one.getTime() - other.getTime())
  }

  /** Newest first. */
  deliveries(
    endpointId: number,
    request: PageRequest,
    { status, eventType }: WebhookDeliveryFilter = {},
  ): Promise<Page<WebhookDelivery>> {
    this.#viewer.assertCan('webhook:read')
    return this.#deliveries.load(endpointId, request, {
      ...(status && { status: { $in: status } }),
      ...(eventType && { eventType: { $in: eventType } }),
    })
  }

  deliveriesByIds(ids: readonly number[]): Promise<WebhookDelivery[]> {
    this.#viewer.assertCan('webhook:read')
    return this.#em.find(WebhookDelivery, { id: { $in: [...ids] }, endpoint: { deletedAt: null } })
  }
}
