import { Migrator } from '@mikro-orm/migrations'
import { MikroORM } from '@mikro-orm/postgresql'
import type { ClientConfig } from 'pg'
import { installJobs } from '../database/job-queue.ts'
import { JOB_KINDS, RECURRING } from './jobs/job-kinds.ts'
import { ormConfig } from './orm.ts'

/** Two processes that migrate at once do it one after the other. */
const MIGRATION_LOCK = 7_287_365_502

/** Brings the tables to this version, as their owner. @returns names of the migrations that ran */
export async function migrate(owner: ClientConfig & { database: string }): Promise<string[]> {
  const orm = await MikroORM.init({
    ...ormConfig({ connection: owner, poolSize: 3 }),
    extensions: [Migrator],
    logger: () => undefined,
  })
  try {
    return await orm.em.fork().transactional(async (em) => {
      await em.execute('select pg_advisory_xact_lock(?)', [MIGRATION_LOCK])
      const done = await orm.migrator.up()
      await installJobs(owner, JOB_KINDS, RECURRING)
      return done.map((migration) => migration.name)
    })
  } finally {
    await orm.close()
  }
}
