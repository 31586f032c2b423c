import type { EntityManager } from '@mikro-orm/postgresql'
import type { ClientConfig, PoolConfig } from 'pg'
import { fromKysely, PgBoss } from 'pg-boss'
import type { Logger } from 'pino'

const SCHEMA = 'pgboss'
/** Connections for fetching and settling jobs, beside the one that hears of new ones. */
const CONNECTIONS = 3
/** What a process that runs jobs opens in all. */
export const JOB_CONNECTIONS = CONNECTIONS + 1
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
}

export interface WorkOptions {
  /** Places of the process for jobs of this kind. */
  concurrency?: number
  /** How many places of all processes one organization may take; a few more if they are taken at the same moment. */
  perOrganization?: number
  /** For jobs that mostly wait for somebody else. */
  patience?: Patience
}

/** A job that takes long leaves its place to the next one and goes on beside it; only a stop of the process breaks it off. */
export interface Patience {
  /** How long it may keep its place, in milliseconds. */
  forMs: number
  /** After this time, in milliseconds, it is done again: its process may have died. By then it has found an end otherwise. */
  againAfterMs: number
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
  /** Kinds that the process runs. */
  readonly #kinds = new Set<string>()
  /** Jobs that have left their places. */
  readonly #leftPlace = new Set<Promise<void>>()
  readonly #log: Logger

  /** @param isWorker - whether the process runs jobs, or only adds them */
  constructor(connection: PoolConfig, log: Logger, isWorker: boolean) {
    this.#log = log
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
    { em, at, key }: AddOptions = {},
  ): Promise<void> {
    await this.#start()
    const envelope: Envelope = { organizationId, payload }
    await this.#boss.send(kind.name, envelope, {
      ...(em && { db: fromKysely(em.getKysely()) }),
      ...(at && { startAfter: at }),
      ...(kind.isKeyed && { singletonKey: `${organizationId}:${key ?? ''}` }),
      group: { id: organizationId },
    })
  }

  /** Runs jobs of a kind; one that throws is tried again, after growing pauses. */
  async work<Payload extends object>(
    kind: JobKind<Payload>,
    run: (job: Job<Payload>) => Promise<void>,
    { concurrency = 2, perOrganization, patience }: WorkOptions = {},
  ): Promise<void> {
    await this.#start()
    this.#kinds.add(kind.name)
    const options = { ...POLLING, ...(perOrganization && { groupConcurrency: perOrganization }) }
    const takePlace = async () => {
      const place: string = await this.#boss.work<Envelope>(kind.name, options, async ([job]) => {
        const { organizationId, payload } = job!.data as { organizationId: string; payload: Payload }
        try {
          const { signal: stopping } = this.#stopping
          // The job's own ends with its place, which the work may leave.
          const signals = patience ? [stopping] : [stopping, job!.signal]
          const work = anyAborts(signals, (signal) => run({ organizationId, payload, signal }))
          await (patience ? this.#keepPlace(work, patience, kind, job!.data) : work)
        } finally {
          // Looks for the next job at once, and only when there is none after the usual pause.
          this.#boss.notifyWorker(place)
        }
      })
    }
    await Promise.all(Array.from({ length: concurrency }, takePlace))
  }

  /** Resolves when the work has ended, or has left its place. */
  async #keepPlace(
    work: Promise<void>,
    patience: Patience,
    kind: JobKind<object>,
    { organizationId, payload }: Envelope,
  ) {
    if ((await endsWithin(work, patience.forMs)) || this.#stopping.signal.aborted) return work
    const goesOn = work
      .catch((error) => {
        if (this.#stopping.signal.aborted) return
        this.#log.warn({ err: error, kind: kind.name }, 'A job failed; it is done again.')
      })
      .finally(() => this.#leftPlace.delete(goesOn))
    this.#leftPlace.add(goesOn)
    await this.add(kind, organizationId, payload, { at: new Date(Date.now() + patience.againAfterMs) })
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
    for (const name of this.#kinds) await this.#boss.offWork(name, { wait: false })
    await Promise.all(this.#leftPlace)
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

async function endsWithin(work: Promise<void>, ms: number): Promise<boolean> {
  const { promise: isOver, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, ms, false)
  try {
    return await Promise.race([work.then(() => true), isOver])
  } finally {
    clearTimeout(timer)
  }
}

/** Runs `work` with a signal that aborts with the first of others, and lets go of them afterwards: some live long. */
async function anyAborts(signals: readonly AbortSignal[], work: (signal: AbortSignal) => Promise<void>) {
  const any = new AbortController()
  const abort = () => any.abort()
  if (signals.some(({ aborted }) => aborted)) abort()
  for (const signal of signals) signal.addEventListener('abort', abort, { once: true })
  try {
    await work(any.signal)
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', abort)
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
