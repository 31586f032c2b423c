import { RolloutHealthReadModel } from '../modules/rollouts/health.read-model.ts'
import { RolloutHealthService } from '../modules/rollouts/health.service.ts'
import { HealthStore } from '../modules/rollouts/health.store.ts'
import { LiveRollouts } from '../modules/rollouts/live-rollouts.ts'
import { RolloutCache } from '../modules/rollouts/rollout-cache.ts'
import { RolloutEngine } from '../modules/rollouts/rollout-engine.ts'
import type { Platform } from './platform.ts'

/** What of rollouts lives as long as the process. */
export class RolloutRoom {
  readonly cache: RolloutCache
  readonly health: RolloutHealthReadModel
  readonly engine: RolloutEngine
  readonly reports: RolloutHealthService
  readonly live: LiveRollouts

  constructor(platform: Platform) {
    const { pool, aggregates, clock, log, events, feed } = platform
    const scoped = (organizationId: string) => platform.scopedTo(organizationId)
    const store = new HealthStore(pool)
    this.cache = new RolloutCache(scoped)
    this.live = new LiveRollouts(async (organizationId, id) => (await this.cache.of(organizationId)).ids.has(id))
    this.health = new RolloutHealthReadModel(store, aggregates, clock)
    this.engine = new RolloutEngine(pool, scoped, events, this.health)
    this.reports = new RolloutHealthService({
      pool,
      cache: this.cache,
      store,
      engine: this.engine,
      clock,
      log,
      onChanged: (organizationId, ids) => feed.publish({ topic: 'rolloutHealth', organizationId, ids }),
    })
  }
}
