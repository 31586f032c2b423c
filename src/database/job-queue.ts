import type { EntityManager } from '@mikro-orm/postgresql'
import type { ClientConfig, PoolConfig } from 'pg'
import { fromKysely, PgBoss } from 'pg-boss'
import type { Logger } from 'pino'

const SCHEMA = 'pgboss'
/** Connections for fetching and settling jobs, beside the one that hears of new ones. */
const CONNECTIONS = 3
/** A job whose process has died is found by its silence, in seconds: no sign for HEARTBEAT, looked for every SUPERVISE. */
const HEARTBEAT_SECONDS = 10
const SUPERVISE_SECONDS = 5
/** Longest that a job may take, in seconds. */
const EXPIRE_SECONDS = 300
const RETRIES = 10

/** New jobs are notified; those for later, and those to be tried again, are found by looking, in seconds. */
const POLLING = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 2 }

/** A kind of work: its name and what it is told. */
export interface JobKind<Payload extends object> {
  name: string
  /** With a key, a job waits at most once and runs at most once at a time; without one, each is a job of its own. */
  isKeyed: boolean
  /** Stands for the type of the payload; never read. */
  payload?: Payload
}

/** One piece of work, in one organization. */
export interface Job<Payload extends object> {
  organizationId: string
  payload: Payload
  /** Aborts when the job is taken away from this process, or the process is to stop: one that is broken off is tried again. */
  signal: AbortSignal
}

export interface AddOptions {
  /** Adds it in this transaction: it runs once that has committed, or never. */
  em?: EntityManager
  /** Not before this time. */
  at?: Date
  /** For a kind that is keyed. */
  key?: string
  /** Jobs of one group that fail or hang leave room for others. */
  group?: string
}

export interface WorkOptions {
  /** Jobs of this kind that the process runs at once. */
  concurrency?: number
  /** How many of them may belong to one group. */
  groupConcurrency?: number
}

interface Envelope {
  organizationId: string
  payload: object
}

/** The queue of jobs in the database: any number of processes take from it, and each job is done by one of them. */
export class JobQueue {
  readonly #boss: PgBoss
  #started: Promise<unknown> | null = null
  readonly #stopping = new AbortController()

  /** @param isWorker - whether the process runs jobs, or only adds them */
  constructor(connection: PoolConfig, log: Logger, isWorker: boolean) {
    this.#boss = new PgBoss({
      ...bossConnection(connection),
      schema: SCHEMA,
      max: isWorker ? CONNECTIONS : 1,
      migrate: false,
      createSchema: false,
      supervise: isWorker,
      schedule: isWorker,
      useListenNotify: isWorker,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
      // The role of the application owns no index.
      reindex: false,
      monitorVacuum: false,
    })
    this.#boss.on('error', (error) => log.warn({ err: error }, 'The job queue had a fault; it goes on.'))
    this.#boss.on('warning', (warning) => log.warn({ warning }, 'The job queue warns.'))
  }

  async add<Payload extends object>(
    kind: JobKind<Payload>,
    organizationId: string,
    payload: Payload,
    { em, at, key, group }: AddOptions = {},
  ): Promise<void> {
    await this.#start()
    const envelope: Envelope = { organizationId, payload }
    await this.#boss.send(kind.name, envelope, {
      ...(em && { db: fromKysely(em.getKysely()) }),
      ...(at && { startAfter: at }),
      ...(kind.isKeyed && { singletonKey: `${organizationId}:${key ?? ''}` }),
      ...(group && { group: { id: group } }),
    })
  }

  /** Runs jobs of a kind; one that throws is tried again, after growing pauses. */
  async work<Payload extends object>(
    kind: JobKind<Payload>,
    run: (job: Job<Payload>) => Promise<void>,
    { concurrency = 2, groupConcurrency }: WorkOptions = {},
  ): Promise<void> {
    await this.#start()
    const options = {
      ...POLLING,
      localConcurrency: concurrency,
      ...(groupConcurrency && { localGroupConcurrency: groupConcurrency }),
    }
    await this.#boss.work<Envelope>(kind.name, options, async ([job]) => {
      const { organizationId, payload } = job!.data
      await eitherAborts(job!.signal, this.#stopping.signal, (signal) =>
        run({ organizationId, payload: payload as Payload, signal }),
      )
    })
  }

  /** Runs `run` whenever the clock says so, in one of the processes. @param cron - in UTC, to the minute */
  async recur(name: string, cron: string, run: () => Promise<void>): Promise<void> {
    await this.#start()
    await this.#boss.schedule(name, cron)
    await this.#boss.work(name, POLLING, () => run())
  }

  /** Lets the jobs under way finish; those that can be broken off are, to be tried again elsewhere. */
  async close(): Promise<void> {
    this.#stopping.abort()
    if (!this.#started) return
    await this.#started.catch(() => undefined)
    await this.#boss.stop({ graceful: true, timeout: 30_000 })
  }

  #start(): Promise<unknown> {
    this.#started ??= this.#boss.start()
    return this.#started
  }
}

/** Makes or updates the tables of the queue and its kinds, as their owner, and lets the application's role use them. */
export async function installJobs(
  owner: ClientConfig,
  kinds: ReadonlyArray<JobKind<object>>,
  recurring: readonly string[],
): Promise<void> {
  const boss = new PgBoss({ ...bossConnection(owner), schema: SCHEMA, max: 1, supervise: false, schedule: false })
  boss.on('error', () => undefined)
  await boss.start()
  try {
    const common = {
      expireInSeconds: EXPIRE_SECONDS,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      retryLimit: RETRIES,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 300,
      notify: true,
    }
    const queues = [...kinds, ...recurring.map((name) => ({ name, isKeyed: true }))]
    for (const { name, isKeyed } of queues) {
      await boss.createQueue(name, { ...common, policy: isKeyed ? 'stately' : 'standard' })
      await boss.updateQueue(name, common)
    }
    await boss.getDb().executeSql(GRANTS)
  } finally {
    await boss.stop({ graceful: false })
  }
}

const GRANTS = `
grant usage on schema ${SCHEMA} to assay_app;
grant select, insert, update, delete on all tables in schema ${SCHEMA} to assay_app;
grant usage on all sequences in schema ${SCHEMA} to assay_app;
grant execute on all functions in schema ${SCHEMA} to assay_app;`

/** Runs `work` with a signal that aborts with the first of two, and lets go of them afterwards: one of them lives long. */
async function eitherAborts(one: AbortSignal, other: AbortSignal, work: (signal: AbortSignal) => Promise<void>) {
  const either = new AbortController()
  const abort = () => either.abort()
  const both = [one, other]
  if (both.some(({ aborted }) => aborted)) abort()
  for (const signal of both) signal.addEventListener('abort', abort, { once: true })
  try {
    await work(either.signal)
  } finally {
    for (const signal of both) signal.removeEventListener('abort', abort)
  }
}

function bossConnection({ host, port, user, password, database, options, ssl }: PoolConfig) {
  return {
    host,
    port,
    database,
    ...(user && { user }),
    ...(password !== undefined && { password: password as string }),
    ...(options && { options }),
    ...(ssl !== undefined && { ssl }),
    application_name: 'assay jobs',
  }
}
