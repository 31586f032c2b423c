import { dirname, resolve } from 'node:path'
import { Client, type ClientConfig, type PoolConfig } from 'pg'
import { parse } from 'pg-connection-string'
import type { Config } from '../config.ts'
import { StartupError } from '../shared/startup-error.ts'
import { openEmbedded } from './embedded-postgres.ts'

const OLDEST_VERSION = 180_000
/** Folder of the embedded database unless told, in the project. */
const DATA_FOLDER = '.assay'

export interface Database {
  /** Owns the tables; for migrations alone. */
  owner: ClientConfig & { database: string }
  /** What the server runs as: it owns nothing and cannot bypass row-level security. */
  app: PoolConfig & { database: string }
  isEmbedded: boolean
  /** Folder beside the data of the embedded database, that belongs to it alone; null for a served one. */
  folder: string | null
  close(): Promise<void>
}

/**
 * Opens the database that the settings name, or the embedded one.
 * @throws StartupError when it cannot be reached, is too old, or another server runs it
 */
export async function openDatabase(config: Config, mode: 'serve' | 'borrow'): Promise<Database> {
  const embedded = config.databaseUrl
    ? null
    : await openEmbedded({ dataDir: resolve(config.dataDir ?? DATA_FOLDER), mode })
  const owner = embedded?.connection ?? fromUrl(config.databaseUrl!)
  const database: Database = {
    owner,
    app: { ...owner, options: '-c role=assay_app' },
    isEmbedded: embedded !== null,
    folder: embedded && dirname(embedded.dataDir),
    close: async () => embedded?.close(),
  }
  try {
    await assertVersion(owner)
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

function fromUrl(url: string): ClientConfig & { database: string } {
  const { host, port, user, password, database, ssl, options } = parse(url)
  if (!database) throw new StartupError('DATABASE_URL names no database; it must end in /name.')
  return {
    host: host || 'localhost',
    port: Number(port || 5_432),
    ...(user && { user }),
    ...(password && { password }),
    database,
    ...(ssl !== undefined && { ssl: ssl as boolean }),
    ...(options && { options }),
  }
}

async function assertVersion(owner: ClientConfig): Promise<void> {
  const client = new Client(owner)
  try {
    await client.connect()
    const { rows } = await client.query(
      "select current_setting('server_version_num')::int as number, current_setting('server_version') as name",
    )
    if (rows[0].number < OLDEST_VERSION)
      throw new StartupError(`The database is PostgreSQL ${rows[0].name}; Assay needs 18 or later.`)
  } catch (error) {
    if (error instanceof StartupError) throw error
    throw new StartupError(
      `The database cannot be reached: ${(error as Error).message || String((error as { code?: string }).code)}.`,
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** @throws StartupError unless the migrations have run and the application's role is as weak as it must be */
export async function assertReady(app: PoolConfig): Promise<void> {
  const client = new Client(app)
  try {
    await client.connect()
    const { rows } = await client.query(`
      select r.rolname, r.rolsuper, r.rolbypassrls, to_regclass('public.experiment') is not null and to_regnamespace('pgboss') is not null as is_migrated,
        exists (select from pg_class c where c.relowner = r.oid) as owns
      from pg_roles r where r.rolname = current_user`)
    const [role] = rows
    if (!role.is_migrated) throw new StartupError('The database has no tables of Assay yet; run `npm run migrate`.')
    if (role.rolsuper || role.rolbypassrls || role.owns) {
      throw new StartupError(
        `The role ${role.rolname} is a superuser, bypasses row-level security or owns tables; the server must not run as it.`,
      )
    }
  } catch (error) {
    if (error instanceof StartupError) throw error
    const { message, code } = error as { message: string; code?: string }
    // 22023, 42704: the role does not exist yet.
    if (code === '22023' || code === '42704' || /role "assay_app"/.test(message)) {
      throw new StartupError('The database has no tables of Assay yet; run `npm run migrate`.')
    }
    throw new StartupError(`The database cannot be reached: ${message}.`)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** How many connections the login may hold at once. */
const MOST_CONNECTIONS = `
select least(
  current_setting('max_connections')::int - case when r.rolsuper then 0 else
    current_setting('superuser_reserved_connections')::int + current_setting('reserved_connections')::int end,
  case when not r.rolsuper and r.rolconnlimit >= 0 then r.rolconnlimit end,
  case when not r.rolsuper and d.datconnlimit >= 0 then d.datconnlimit end) as most
from pg_roles r cross join pg_database d where r.rolname = session_user and d.datname = current_database()`

/**
 * A pool that the database has no room for would be noticed only under load.
 * @param opened - connections that are opened beside those of the pool
 * @param left - connections that others need beside the server
 * @throws StartupError
 */
export async function assertRoom(
  app: PoolConfig,
  poolSize: number,
  { opened, left }: { opened: number; left: number },
): Promise<void> {
  const client = new Client(app)
  try {
    await client.connect()
    const { rows } = await client.query<{ most: number }>(MOST_CONNECTIONS)
    const { most } = rows[0]!
    const room = Math.max(most - opened - left, 0)
    if (poolSize > room) {
      throw new StartupError(
        `ASSAY_POOL_SIZE is ${poolSize}; the database allows ${most} connections, of which ${room} are for the pool: ${opened} more serve jobs and long reading, and ${left} are left to commands beside the server.`,
      )
    }
  } finally {
    await client.end().catch(() => undefined)
  }
}
