import type { EntityManager, MikroORM } from '@mikro-orm/postgresql'
import { Pool, type PoolConfig } from 'pg'
import type { Logger } from 'pino'
import { Authenticator } from '../modules/organizations/authenticator.ts'
import type { Actor } from '../shared/actor.ts'
import { type Clock, systemClock } from '../shared/clock.ts'
import { DomainEvents } from '../shared/domain-events.ts'
import { openOrm, scopedEntityManager } from './orm.ts'

export interface PlatformOptions {
  /** How the application's role connects. */
  connection: PoolConfig
  log: Logger
  /** Connections in all, shared between the ORM and the hot paths. */
  poolSize?: number
  clock?: Clock
  /** How long events are accepted after they happened, in days. */
  retentionDays?: number
  /** Only tests switch the filter of the ORM off, to see that row-level security alone holds. */
  entityFilters?: boolean
}

/** What lives as long as the process: the database connections, the caches, the queues. */
export class Platform {
  readonly orm: MikroORM
  /** For the hot paths, which are SQL alone. */
  readonly pool: Pool
  readonly log: Logger
  readonly clock: Clock
  readonly events = new DomainEvents()
  readonly authenticator: Authenticator

  private constructor(orm: MikroORM, pool: Pool, log: Logger, clock: Clock) {
    this.orm = orm
    this.pool = pool
    this.log = log
    this.clock = clock
    this.authenticator = new Authenticator(
      orm.em as EntityManager,
      (organizationId) => this.scopedTo(organizationId),
      clock,
    )
  }

  static async open({ connection, log, poolSize = 20, clock = systemClock }: PlatformOptions): Promise<Platform> {
    const hot = Math.max(2, Math.floor(poolSize / 2))
    const orm = await openOrm({ connection, poolSize: poolSize - hot })
    const pool = new Pool({ ...connection, max: hot })
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    pool.on('error', (error) => log.warn({ err: error }, 'An idle database connection broke.'))
    return new Platform(orm, pool, log, clock)
  }

  scopedTo(organizationId: string, actor: Actor = 'system'): EntityManager {
    return scopedEntityManager(this.orm, { organizationId, actor, clock: this.clock })
  }

  async close(): Promise<void> {
    await this.pool.end()
    await this.orm.close()
  }
}
