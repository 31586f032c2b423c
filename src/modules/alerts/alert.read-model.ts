import type { EntityManager } from '@mikro-orm/postgresql'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { findPage } from '../../shared/find-page.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { Alert } from './alert.entity.ts'
import type { AlertFilter } from './alert.inputs.ts'
import type { LiveAlerts } from './live-alerts.ts'

/** Most open alerts that a subscriber is shown. */
const MOST_OPEN = 100
const NOBODY = -1

/** What somebody should look at. */
export class AlertReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer
  readonly #live: LiveAlerts
  readonly #session: AbortSignal | undefined

  constructor(em: EntityManager, viewer: Viewer, live: LiveAlerts, session: AbortSignal | undefined) {
    this.#em = em
    this.#viewer = viewer
    this.#live = live
    this.#session = session
  }

  /** Newest first. */
  async list(request: PageRequest, { isOpen, kind, experimentKey }: AlertFilter = {}): Promise<Page<Alert>> {
    this.#viewer.assertCan('result:read')
    const where = {
      ...(isOpen != null && { clearedAt: isOpen ? null : { $ne: null } }),
      ...(kind && { kind: { $in: kind } }),
      ...(experimentKey != null && { experimentId: await this.#idOf(experimentKey) }),
    }
    return findPage(this.#em, Alert, where, { id: 'desc' }, request)
  }

  byIds(ids: readonly number[]): Promise<Alert[]> {
    this.#viewer.assertCan('result:read')
    return this.#em.find(Alert, { id: { $in: [...ids] } })
  }

  /** Newest first. */
  open(): Promise<Alert[]> {
    this.#viewer.assertCan('result:read')
    return this.#em.find(Alert, { clearedAt: null }, { orderBy: { id: 'desc' }, limit: MOST_OPEN })
  }

  /** A sign at once, and whenever an alert was raised or cleared. */
  subscribe(): AsyncIterable<true> {
    this.#viewer.assertCan('result:read')
    const subscription = this.#live.subscribe(this.#viewer.organizationId)
    return subscription.endWith(this.#session)
  }

  async #idOf(experimentKey: string): Promise<number> {
    const found = await this.#em.findOne(Experiment, { key: experimentKey }, { fields: ['id'] })
    return found?.id ?? NOBODY
  }
}
