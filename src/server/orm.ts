import { fileURLToPath } from 'node:url'
import type { EntityManager } from '@mikro-orm/postgresql'
import { DataloaderType, MikroORM } from '@mikro-orm/postgresql'
import type { PoolConfig } from 'pg'
import { AuditTrail } from '../modules/audit/audit-trail.ts'
import type { Actor } from '../shared/actor.ts'
import type { Clock } from '../shared/clock.ts'
import type { Stamp } from '../shared/stamp.ts'
import { ChangeStamps } from './change-stamps.ts'
import { entities } from './entities.ts'

export interface OrmOptions {
  /** Connection options of the `pg` driver. */
  connection: PoolConfig
  /** Connections that the ORM may hold. */
  poolSize: number
}

export function ormConfig({ connection, poolSize }: OrmOptions) {
  return {
    entities,
    // The database is there before the ORM starts, and its role may not make one.
    ensureDatabase: false,
    dbName: connection.database,
    host: connection.host,
    port: connection.port,
    user: connection.user,
    driverOptions: { ...connection },
    pool: { min: 0, max: poolSize },
    dataloader: DataloaderType.ALL,
    subscribers: [new ChangeStamps(), new AuditTrail()],
    migrations: { path: fileURLToPath(new URL('../../migrations', import.meta.url)), snapshot: false },
  }
}

export function openOrm(options: OrmOptions): Promise<MikroORM> {
  return MikroORM.init(ormConfig(options))
}

export interface Scope {
  organizationId: string
  actor: Actor
  clock: Clock
  /** Why the system acts; for the audit log. */
  reason?: string
}

/** An EntityManager of one organization: its filter is set, and so is what the row-level security policies read. */
export function scopedEntityManager(orm: MikroORM, { organizationId, actor, clock, reason }: Scope): EntityManager {
  const stamp: Stamp = { actor, now: clock, reason }
  const em = orm.em.fork({ loggerContext: { stamp } })
  em.setFilterParams('organization', { organizationId })
  em.setSessionContext({ variables: { 'assay.organization_id': organizationId } })
  return em as EntityManager
}
