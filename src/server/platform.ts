import type { EntityManager, MikroORM } from '@mikro-orm/postgresql'
import type { Pool, PoolConfig } from 'pg'
import type { Logger } from 'pino'
import { ChangeFeed } from '../database/change-feed.ts'
import { JOB_CONNECTIONS, JobQueue } from '../database/job-queue.ts'
import { openPool } from '../database/open-pool.ts'
import { LiveAlerts } from '../modules/alerts/live-alerts.ts'
import { ArmProbabilities } from '../modules/assignment/arm-probabilities.ts'
import { Assigner } from '../modules/assignment/assigner.ts'
import { AssignmentStore } from '../modules/assignment/assignment.store.ts'
import { Evaluator } from '../modules/decisions/evaluator.ts'
import { DefinitionCache } from '../modules/experiments/definition-cache.ts'
import { AggregateRebuild } from '../modules/ingestion/aggregate-rebuild.ts'
import { AggregatesReadModel } from '../modules/ingestion/aggregates.read-model.ts'
import { Ingestion, type OnAggregatesChanged } from '../modules/ingestion/ingestion.ts'
import { LogAggregates } from '../modules/ingestion/log-aggregates.ts'
import { LogRetention } from '../modules/ingestion/log-retention.ts'
import { LiveExperiments } from '../modules/live/live-experiments.ts'
import { LiveResults } from '../modules/live/live-results.ts'
import { Authenticator } from '../modules/organizations/authenticator.ts'
import { Recomputer } from '../modules/recomputations/recomputer.ts'
import { LookStore } from '../modules/results/look.store.ts'
import { ResultsReadModel } from '../modules/results/results.read-model.ts'
import type { Actor } from '../shared/actor.ts'
import { type Clock, systemClock } from '../shared/clock.ts'
import { DomainEvents } from '../shared/domain-events.ts'
import { ClientKeyGate } from './client-key-gate.ts'
import { followChanges } from './follow-changes.ts'
import { followDomainEvents } from './follow-domain-events.ts'
import { runJobs } from './jobs/run-jobs.ts'
import { openOrm, scopedEntityManager } from './orm.ts'
import { RolloutRoom } from './rollout-room.ts'
import { Sessions } from './sessions.ts'
import { type WebhookOptions, WebhookRoom } from './webhook-room.ts'

export interface PlatformOptions {
  /** How the application's role connects. */
  connection: PoolConfig
  log: Logger
  /** Connections of the pool, shared between the ORM and the hot paths. */
  poolSize?: number
  clock?: Clock
  /** How long events are accepted after they happened, in days. */
  retentionDays?: number
  /** How long the log may be read for one recomputation, in milliseconds. */
  mostReadingMs?: number
  /** How messages to webhooks are sealed and sent. */
  webhooks?: WebhookOptions
  /** Whether the process runs jobs, and does not only add them. */
  runsJobs?: boolean
  /** Only tests switch the filter of the ORM off, to see that row-level security alone holds. */
  entityFilters?: boolean
}

/** Connections for long reading, beside the others; they are closed again when nothing is read. */
const SLOW_CONNECTIONS = 2
/** What a platform that runs jobs opens beside its pool: for long reading, for jobs, and to hear of changes. */
export const FURTHER_CONNECTIONS = SLOW_CONNECTIONS + JOB_CONNECTIONS + 1

/** What lives as long as the process: the database connections, the caches, the queues. */
export class Platform {
  readonly orm: MikroORM
  readonly #entityFilters: boolean
  /** For the hot paths, which are SQL alone. */
  readonly pool: Pool
  /** For what reads for minutes: the hot paths never wait for it. */
  readonly #slow: Pool
  readonly log: Logger
  readonly clock: Clock
  readonly events = new DomainEvents()
  /** What tells this process and the others on the database of changes. */
  readonly feed: ChangeFeed
  readonly authenticator: Authenticator
  readonly sessions: Sessions
  readonly clientKeys = new ClientKeyGate()
  readonly definitions: DefinitionCache
  readonly aggregates: AggregatesReadModel
  readonly results: ResultsReadModel
  readonly live: { results: LiveResults; experiments: LiveExperiments; alerts: LiveAlerts }
  readonly rollouts: RolloutRoom
  readonly ingestion: Ingestion
  readonly rebuild: AggregateRebuild
  readonly retention: LogRetention
  readonly recomputer: Recomputer
  readonly jobs: JobQueue
  readonly evaluator: Evaluator
  readonly webhooks: WebhookRoom
  readonly assignmentStore: AssignmentStore
  readonly assigner: Assigner

  private constructor(
    orm: MikroORM,
    { hot: pool, slow }: { hot: Pool; slow: Pool },
    {
      connection,
      log,
      clock = systemClock,
      retentionDays = 90,
      runsJobs = false,
      webhooks = {},
      mostReadingMs,
      entityFilters = true,
    }: PlatformOptions,
  ) {
    this.orm = orm
    this.pool = pool
    this.#slow = slow
    this.log = log
    this.clock = clock
    this.#entityFilters = entityFilters
    this.feed = new ChangeFeed(connection, log)
    this.definitions = new DefinitionCache((organizationId) => this.scopedTo(organizationId))
    this.aggregates = new AggregatesReadModel(pool, clock)
    const looks = new LookStore(pool)
    this.results = new ResultsReadModel(this.definitions, this.aggregates, looks, clock)
    const publish: OnAggregatesChanged = (organizationId, ids) =>
      this.feed.publish({ topic: 'aggregates', organizationId, ids })
    this.ingestion = new Ingestion(pool, this.definitions, clock, retentionDays, publish)
    this.retention = new LogRetention(pool, clock, retentionDays)
    this.recomputer = new Recomputer({
      pool,
      definitions: this.definitions,
      aggregates: new LogAggregates(slow),
      retention: this.retention,
      looks,
      clock,
      log,
      mostReadingMs,
    })
    this.rebuild = new AggregateRebuild(pool, this.definitions, clock, publish)
    this.live = {
      results: new LiveResults(this.results, log),
      experiments: new LiveExperiments(),
      alerts: new LiveAlerts(),
    }
    this.rollouts = new RolloutRoom(this)
    this.jobs = new JobQueue(connection, log, runsJobs)
    this.webhooks = new WebhookRoom(this, webhooks)
    this.evaluator = new Evaluator(this.definitions, this.results, clock, log)
    this.assignmentStore = new AssignmentStore(pool)
    const arms = new ArmProbabilities(this.aggregates)
    this.assigner = new Assigner(this.definitions, this.assignmentStore, arms, clock, Math.random)
    this.authenticator = new Authenticator(
      orm.em as EntityManager,
      (organizationId) => this.scopedTo(organizationId),
      clock,
    )
    this.sessions = new Sessions(this.authenticator)
  }

  static async open(options: PlatformOptions): Promise<Platform> {
    const { connection, log, poolSize = 20 } = options
    const hot = Math.max(2, Math.floor(poolSize / 2))
    const orm = await openOrm({ connection, poolSize: poolSize - hot })
    const pools = { hot: openPool(connection, hot, log), slow: openPool(connection, SLOW_CONNECTIONS, log) }
    const platform = new Platform(orm, pools, options)
    followDomainEvents(platform)
    followChanges(platform)
    await platform.feed.open()
    if (options.runsJobs) await runJobs(platform)
    return platform
  }

  /** @param reason - why the system acts, for the audit log */
  scopedTo(organizationId: string, actor: Actor = 'system', reason?: string): EntityManager {
    const em = scopedEntityManager(this.orm, { organizationId, actor, clock: this.clock, reason })
    if (!this.#entityFilters) em.setFilterParams('organization', { disabled: true })
    return em
  }

  /** Lets the jobs under way finish. */
  async close(): Promise<void> {
    await this.jobs.close()
    await this.feed.close()
    await Promise.all([this.pool.end(), this.#slow.end()])
    await this.orm.close()
  }
}
