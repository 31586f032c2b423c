import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
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
  for (; ; await pause(100)) {
    const owner = await cluster.connectStarted(mode === 'serve' ? 'assay server' : 'assay tool')
    if (!owner) {
      // Another process has just started it, or is about to have stopped it.
      if (Date.now() < deadline) continue
      throw new StartupError(`The embedded PostgreSQL in ${dataDir} neither starts nor stops; ${paths.log} says why.`)
    }
    const holder = await claim(owner).catch(async (error) => {
      await owner.end().catch(() => undefined)
      if (wasCut(error)) return null
      throw error
    })
    if (holder === 'SELF') return cluster.owned(owner)
    await owner.end().catch(() => undefined)
    if (mode === 'borrow' && holder === 'assay server') return cluster.borrowed()
    if (holder === 'assay server' || Date.now() > deadline) {
      throw new StartupError(
        `Another Assay server runs on the data folder ${dataDir}; stop it, or set ASSAY_DATA_DIR to another folder.`,
      )
    }
    // A command that runs the database for itself is about to finish.
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

  /** Connects, and starts it if it does not run; null while it is coming up or going down by somebody else's hand. */
  async connectStarted(applicationName: string): Promise<Client | null> {
    const running = await this.#tryConnect(applicationName)
    if (running !== 'DOWN') return running
    await this.#start()
    const started = await this.#tryConnect(applicationName)
    return started === 'DOWN' ? null : started
  }

  async #tryConnect(applicationName: string): Promise<Client | null | 'DOWN'> {
    try {
      return await this.#connect(applicationName)
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'DOWN'
      if (wasCut(error)) return null
      throw error
    }
  }

  async #start(): Promise<void> {
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
      // Two processes may start it at the same moment, or another has not quite stopped it.
      if (this.#hasPostmaster()) return
      throw new StartupError(
        `The embedded PostgreSQL did not start; ${this.#paths.log} says why. (${firstLine(error)})`,
      )
    }
  }

  async #connect(applicationName: string): Promise<Client> {
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
        // The lock goes with the database, not before: nobody takes over one that is about to stop.
        await this.#pgCtl('stop', '-w', '-t', '60', '-m', 'fast').catch(() => undefined)
        await owner.end().catch(() => undefined)
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
    const prefix = `${basename(data)}.new-`
    for (const name of readdirSync(home)) {
      const isLeftBehind = name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10))
      if (isLeftBehind) rmSync(join(home, name), { recursive: true, force: true })
    }
    const partial = join(home, `${prefix}${process.pid}-${randomBytes(4).toString('hex')}`)
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
    if (process.platform === 'linux' && !this.#hasPostmaster()) rmSync(this.#postmasterFile, { force: true })
  }

  get #postmasterFile(): string {
    return join(this.#paths.data, 'postmaster.pid')
  }

  /** Whether the process that the data says it is served by is there, and one of PostgreSQL where that can be told. */
  #hasPostmaster(): boolean {
    const pid = firstLineOf(this.#postmasterFile)
    if (!pid || !isAlive(Number(pid))) return false
    return process.platform !== 'linux' || firstLineOf(`/proc/${pid}/cmdline`).includes('postgres')
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

/** Empty when there is no such file, or no longer. */
function firstLineOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n')[0]!.trim()
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether PostgreSQL is starting up, shutting down or recovering (57P03), or has ended the connection to shut down. */
function wasCut(error: unknown): boolean {
  const { code } = error as { code?: string }
  const ended = code === '57P01' || code === 'ECONNRESET' || code === 'EPIPE'
  return code === '57P03' || ended || /terminated|not queryable/.test(String(error))
}

/** Takes the database over, or tells whose it is; null when they have just let go of it. */
async function claim(owner: Client): Promise<string | null> {
  if (!(await takeOwnership(owner))) return ownerName(owner)
  await ensureDatabase(owner)
  return 'SELF'
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
