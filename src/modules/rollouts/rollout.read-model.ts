import type { FilterQuery } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import DataLoader from 'dataloader'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { containsText } from '../../shared/contains-text.ts'
import { findPage } from '../../shared/find-page.ts'
import { integerKey } from '../../shared/global-id.ts'
import { ormDirection } from '../../shared/order.ts'
import { PageLoader } from '../../shared/page-loader.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { MetricDefinitions, RolloutHealthReadModel, RolloutHealthState } from './health.read-model.ts'
import { Rollout } from './rollout.entity.ts'
import { type Assessment, judgedAgain } from './rollout-evidence.ts'
import type { RolloutFilter, RolloutOrder } from './rollout-list.inputs.ts'
import { RolloutTransition } from './rollout-transition.entity.ts'

const ORDER_PROPERTY = { CREATED: 'createdAt', STARTED: 'startedAt', NAME: 'name', KEY: 'key' } as const

/** Rollouts as screens and other modules see them: deleted ones do not exist. */
export class RolloutReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer
  readonly #health: DataLoader<Rollout, RolloutHealthState | null>
  readonly #decisions: PageLoader<RolloutTransition>

  constructor(em: EntityManager, viewer: Viewer, health: RolloutHealthReadModel, metrics: MetricDefinitions) {
    this.#em = em
    this.#viewer = viewer
    this.#decisions = new PageLoader(em, {
      entity: RolloutTransition,
      parent: 'rollout',
      where: { evidence: { $ne: null } },
    })
    this.#health = new DataLoader(
      async (rollouts) => {
        await Promise.all(rollouts.map((rollout) => rollout.checks.load({ dataloader: true })))
        return health.of(viewer.organizationId, rollouts, metrics)
      },
      // It changes while a subscription lives.
      { cache: false },
    )
  }

  async byKey(key: string): Promise<Rollout | null> {
    this.#viewer.assertCan('rollout:read')
    return this.#em.findOne(Rollout, { key, deletedAt: null })
  }

  byIds(ids: readonly number[]): Promise<Rollout[]> {
    this.#viewer.assertCan('rollout:read')
    return this.#em.find(Rollout, { id: { $in: [...ids] }, deletedAt: null })
  }

  list(request: PageRequest, filter: RolloutFilter = {}, order?: RolloutOrder | null): Promise<Page<Rollout>> {
    this.#viewer.assertCan('rollout:read')
    const { field, direction } = order ?? { field: 'CREATED', direction: 'DESC' }
    const orderBy = { [ORDER_PROPERTY[field]]: ormDirection(direction), id: ormDirection(direction) }
    return findPage(this.#em, Rollout, conditions(filter), orderBy, request)
  }

  /** What a step was judged by, as it is stored and as it comes out again; null if there is no such step, or nothing was judged. */
  async judgedAgain(
    id: string,
  ): Promise<{ node: RolloutTransition; stored: Assessment; recomputed: Assessment } | null> {
    const key = integerKey(id, 'RolloutTransition')
    const [node] = key === null ? [] : await this.transitionsByIds([key])
    return node?.evidence ? { node, ...judgedAgain(node.evidence) } : null
  }

  transitionsByIds(ids: readonly number[]): Promise<RolloutTransition[]> {
    this.#viewer.assertCan('rollout:read')
    return this.#em.find(RolloutTransition, { id: { $in: [...ids] }, rollout: { deletedAt: null } })
  }

  /** The steps that the system took by health checks, newest first. */
  decisions({ id }: Rollout, request: PageRequest): Promise<Page<RolloutTransition>> {
    this.#viewer.assertCan('rollout:read')
    return this.#decisions.load(id, request)
  }

  /** How it fares in its present window; null before the start. */
  health(rollout: Rollout): Promise<RolloutHealthState | null> {
    this.#viewer.assertCan('rollout:read')
    return this.#health.load(rollout)
  }
}

function conditions({ status, versionLabel, text }: RolloutFilter): FilterQuery<Rollout> {
  return {
    $and: [
      { deletedAt: null },
      status ? { status: { $in: status } } : {},
      versionLabel == null ? {} : { versionLabel },
      text == null ? {} : containsText(text, ['key', 'name', 'description']),
    ],
  }
}
