import type { Logger } from 'pino'
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
  readonly #log: Logger

  constructor(platform: Platform) {
    const { pool, aggregates, clock, log, events, feed } = platform
    const scoped = (organizationId: string) => platform.scopedTo(organizationId)
    const store = new HealthStore(pool)
    this.#log = log
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

  /** Tells those who watch rollouts whose checks read what has changed. @param ids - of experiments, and of windows of rollouts */
  async aggregatesChanged(organizationId: string, ids: readonly number[]): Promise<void> {
    if (!this.live.isWatched(organizationId)) return
    try {
      const { byAttribution } = await this.cache.of(organizationId)
      this.live.changed(
        organizationId,
        ids.flatMap((id) => byAttribution.get(id) ?? []),
      )
    } catch (error) {
      this.#log.error({ err: error, organizationId }, 'Subscribers of rollouts were not told of a change.')
    }
  }
}
