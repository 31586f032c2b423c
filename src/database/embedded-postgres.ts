import { execFile } from 'node:child_process'
import { chownSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client, type ClientConfig } from 'pg'
import { StartupError } from '../shared/startup-error.ts'
import { type EmbeddedPaths, embeddedPaths } from './embedded-paths.ts'
import { databaseUser, type SystemUser } from './embedded-user.ts'

const run = promisify(execFile)

/** Major version that the packaged binaries have and that the data must have been made by. */
const MAJOR_VERSION = '18'
const OWNER = 'assay_owner'
const DATABASE = 'assay'
/** Held by the process that runs the embedded database, for as long as its connection lives. */
const OWNERSHIP_LOCK = 7_287_365_501
const OWNER_WAIT_MS = 10_000

export interface EmbeddedOptions {
  /** Folder of the database; made when missing. */
  dataDir: string
  /** `serve`: be the one that runs it. `borrow`: use the one that runs, or run it for as long as it is needed. */
  mode: 'serve' | 'borrow'
  /** Whether a crash of the machine may lose data; for tests. */
  isVolatile?: boolean
}

export interface EmbeddedDatabase {
  /** How the owner of the tables connects, over a Unix socket in a private folder. */
  connection: ClientConfig & { database: string }
  /** Folder that the data is in. */
  dataDir: string
  /** Stops the database if this process runs it. */
  close(): Promise<void>
}

/**
 * Runs PostgreSQL from the packaged binaries, without TCP: it listens on a socket that only its user (and root) can reach.
 * A database that a killed process left running is taken over: its lock went with the connection of that process.
 * @throws StartupError when another process serves the folder, or the data is of another major version
 */
export async function openEmbedded({ dataDir, mode, isVolatile = false }: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const user = databaseUser()
  const paths = await embeddedPaths(dataDir, user)
  const cluster = new Cluster(paths, user, isVolatile)
  const deadline = Date.now() + OWNER_WAIT_MS
  for (;;) {
    const isNew = !(await cluster.isUp())
    if (isNew) await cluster.start()
    const owner = await cluster.connect(mode === 'serve' ? 'assay server' : 'assay tool')
    if (await takeOwnership(owner)) {
      await ensureDatabase(owner)
      return cluster.owned(owner)
    }
    const holder = await ownerName(owner)
    await owner.end()
    if (mode === 'borrow' && holder === 'assay server') return cluster.borrowed()
    if (holder === 'assay server' || Date.now() > deadline) {
      throw new StartupError(
        `Another Assay server runs on the data folder ${dataDir}; stop it, or set ASSAY_DATA_DIR to another folder.`,
      )
    }
    // A command that runs the database for itself is about to finish.
    await pause(100)
  }
}

class Cluster {
  readonly #paths: EmbeddedPaths
  readonly #user: SystemUser | null
  readonly #isVolatile: boolean

  constructor(paths: EmbeddedPaths, user: SystemUser | null, isVolatile: boolean) {
    this.#paths = paths
    this.#user = user
    this.#isVolatile = isVolatile
  }

  async isUp(): Promise<boolean> {
    const client = await this.connect('assay probe').catch(() => null)
    await client?.end()
    return client !== null
  }

  async start(): Promise<void> {
    await this.#initialize()
    this.#forgetDeadPostmaster()
    const settings = [
      "-c listen_addresses=''",
      `-k '${this.#paths.socket}'`,
      '-c unix_socket_permissions=0700',
      '-c max_connections=200',
      '-c shared_buffers=256MB',
      '-c max_wal_size=4GB',
      '-c timezone=UTC',
      ...(this.#isVolatile ? ['-c fsync=off', '-c synchronous_commit=off', '-c full_page_writes=off'] : []),
    ]
    try {
      await this.#pgCtl('start', '-w', '-t', '60', '-l', this.#paths.log, '-o', settings.join(' '))
    } catch (error) {
      // Two processes may start it at the same moment: the other one was first.
      if (await this.isUp()) return
      throw new StartupError(
        `The embedded PostgreSQL did not start; ${this.#paths.log} says why. (${firstLine(error)})`,
      )
    }
  }

  async connect(applicationName: string): Promise<Client> {
    const client = new Client({ ...this.#connection(), database: 'postgres', application_name: applicationName })
    // The server ends idle connections when it stops; without a listener that would end the process.
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  owned(owner: Client): EmbeddedDatabase {
    return {
      connection: this.#connection(),
      dataDir: this.#paths.data,
      close: async () => {
        await owner.end().catch(() => undefined)
        await this.#pgCtl('stop', '-w', '-t', '60', '-m', 'fast').catch(() => undefined)
      },
    }
  }

  borrowed(): EmbeddedDatabase {
    return { connection: this.#connection(), dataDir: this.#paths.data, close: async () => undefined }
  }

  #connection() {
    return { host: this.#paths.socket, port: 5_432, user: OWNER, database: DATABASE }
  }

  /** initdb works in a folder beside and the rename is the last step, so that one cut short leaves nothing behind. */
  async #initialize(): Promise<void> {
    const { data } = this.#paths
    if (existsSync(join(data, 'PG_VERSION'))) return this.#assertVersion()
    const home = dirname(data)
    for (const name of readdirSync(home)) {
      if (name.startsWith(`${basename(data)}.new`)) rmSync(join(home, name), { recursive: true, force: true })
    }
    const partial = `${data}.new-${process.pid}`
    const options = [
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--auth-local=trust',
      '--auth-host=reject',
    ]
    try {
      await this.#run('initdb', [
        '-D',
        partial,
        '-U',
        OWNER,
        '--locale=C',
        ...options,
        ...(this.#isVolatile ? ['--no-sync'] : []),
      ])
      renameSync(partial, data)
    } catch (error) {
      rmSync(partial, { recursive: true, force: true })
      if (!existsSync(join(data, 'PG_VERSION'))) {
        throw new StartupError(`The embedded PostgreSQL could not make its data in ${data}. (${firstLine(error)})`)
      }
    }
  }

  #assertVersion(): void {
    const version = readFileSync(join(this.#paths.data, 'PG_VERSION'), 'utf8').trim()
    if (version !== MAJOR_VERSION) {
      throw new StartupError(
        `The data in ${this.#paths.data} is of PostgreSQL ${version}; this version runs PostgreSQL ${MAJOR_VERSION}.`,
      )
    }
  }

  /** After a crash of the machine the number in the pid file may belong to any program, and PostgreSQL would refuse to start. */
  #forgetDeadPostmaster(): void {
    const file = join(this.#paths.data, 'postmaster.pid')
    if (process.platform !== 'linux' || !existsSync(file)) return
    const pid = readFileSync(file, 'utf8').split('\n')[0]
    const command = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''
    if (!command.includes('postgres')) rmSync(file, { force: true })
  }

  #pgCtl(action: string, ...args: string[]): Promise<void> {
    return this.#run('pg_ctl', [action, '-D', this.#paths.data, ...args])
  }

  async #run(program: string, args: string[]): Promise<void> {
    const user = this.#user
    if (user) chownSync(dirname(this.#paths.data), user.uid, user.gid)
    await run(join(this.#paths.binaries, program), args, {
      cwd: dirname(this.#paths.data),
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      ...(user && { uid: user.uid, gid: user.gid }),
    })
  }
}

async function takeOwnership(owner: Client): Promise<boolean> {
  const { rows } = await owner.query('select pg_try_advisory_lock($1) as taken', [OWNERSHIP_LOCK])
  return rows[0].taken
}

async function ownerName(client: Client): Promise<string | null> {
  const { rows } = await client.query(
    `select a.application_name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and (l.classid::bigint << 32 | l.objid::bigint) = $1`,
    [OWNERSHIP_LOCK],
  )
  return rows[0]?.application_name ?? null
}

async function ensureDatabase(owner: Client): Promise<void> {
  const { rowCount } = await owner.query('select from pg_database where datname = $1', [DATABASE])
  if (!rowCount) await owner.query(`create database ${DATABASE}`)
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string }
  return (stderr?.trim() || message).split('\n').at(-1)!.trim()
}
