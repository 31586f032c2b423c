/** Fails when the entities ask for a column, table or index that the migrations do not make. */
import 'reflect-metadata'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Migrator } from '@mikro-orm/migrations'
import { MikroORM } from '@mikro-orm/postgresql'
import { openEmbedded } from '../src/database/embedded-postgres.ts'
import { migrate } from '../src/server/migrate.ts'
import { ormConfig } from '../src/server/orm.ts'

const folder = mkdtempSync(join(tmpdir(), 'assay-check-'))
const { connection, dataDir, close } = await openEmbedded({ dataDir: folder, mode: 'serve', isVolatile: true })
try {
  await migrate(connection)
  const orm = await MikroORM.init({ ...ormConfig({ connection, poolSize: 2 }), extensions: [Migrator] })
  const sql = await orm.schema.getUpdateSchemaSQL({ wrap: false, dropTables: false })
  await orm.close()
  const drift = sql
    .split(/;\s*\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '' && !isByHand(statement))
  for (const statement of drift) console.error(`Not in the migrations: ${statement};`)
  process.exitCode = drift.length > 0 ? 1 : 0
} finally {
  await close()
  for (const used of [folder, dirname(dataDir)]) rmSync(used, { recursive: true, force: true })
}

/** What migrations make by hand and the ORM does not know: the wall, composite keys, functions, triggers and checks. */
function isByHand(statement: string): boolean {
  return /policy|row level security|append_only|drop constraint "\w+_(foreign|pkey)"$|add primary key \("id"\)$/i.test(
    statement,
  )
}
