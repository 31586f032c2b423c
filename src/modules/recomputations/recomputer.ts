import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { SnapshotLimits } from '../../database/tenant-snapshot.ts'
import { tenantTransaction } from '../../database/tenant-transaction.ts'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { ENGINE_VERSION } from '../../statistics/engine-version.ts'
import { toExactJson } from '../decisions/exact-json.ts'
import type { DefinitionCache } from '../experiments/definition-cache.ts'
import { strataOf } from '../experiments/dimensions.ts'
import type { LogAggregates } from '../ingestion/log-aggregates.ts'
import type { LogRetention } from '../ingestion/log-retention.ts'
import type { LookStore } from '../results/look.store.ts'
import { type Results, resultsOf } from '../results/results.ts'
import { logPurged } from './log-purged.ts'
import { GIVE_UP, SUCCEED, TAKE_UP } from './recomputation.sql.ts'
import { subjectAt } from './subject-at.ts'

/** Longest that the log is read for one recomputation, in milliseconds; less than a job may take. */
const MOST_READING_MS = 240_000
/** How often a recomputation is taken up, if each time something goes wrong. */
const MOST_ATTEMPTS = 5
/** Of PostgreSQL, for a statement that took longer than it may. */
const QUERY_CANCELED = '57014'

export interface RecomputerTools {
  pool: Pool
  definitions: DefinitionCache
  aggregates: LogAggregates
  retention: LogRetention
  looks: LookStore
  clock: Clock
  log: Logger
  /** How long the log may be read for one, in milliseconds; four minutes unless told. */
  mostReadingMs?: number
}

interface TakenUp {
  experimentId: number
  asOf: Date
  attempts: number
}

/** Computes results of the past from the log, and stores what came of it. Any number of processes may work at once. */
export class Recomputer {
  readonly #tools: RecomputerTools

  constructor(tools: RecomputerTools) {
    this.#tools = tools
  }

  /**
   * Nothing to do for one that is done. A failure that would come again is stored; any other is thrown, so that it is tried again,
   * until it has been tried often enough.
   */
  async run(organizationId: string, id: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const taken = await this.#takeUp(organizationId, id)
    if (!taken) return
    try {
      const results = await this.#compute(organizationId, taken, signal)
      await this.#settle(organizationId, id, SUCCEED, [toExactJson(results), ENGINE_VERSION])
    } catch (error) {
      if (signal?.aborted) throw error
      const failure = this.#failureOf(error)
      if (!failure && taken.attempts < MOST_ATTEMPTS) throw error
      if (!failure)
        this.#tools.log.error({ err: error, organizationId, recomputationId: id }, 'A recomputation failed.')
      const { code, message } = failure ?? faultOfOurs(taken.attempts)
      await this.#settle(organizationId, id, GIVE_UP, [code, message])
    }
  }

  async #compute(
    organizationId: string,
    { experimentId, asOf }: TakenUp,
    signal: AbortSignal | undefined,
  ): Promise<Results> {
    const { definitions, aggregates, retention, looks, mostReadingMs = MOST_READING_MS } = this.#tools
    // Another process may have changed the experiment just before the moment.
    definitions.forget(organizationId)
    const experiment = (await definitions.of(organizationId)).started.get(experimentId)
    if (!experiment) throw new DomainError('EXPERIMENT_DELETED', 'The experiment was deleted meanwhile.')
    const limits: SnapshotLimits = { statementMs: mostReadingMs, signal }
    const { key, startedAt, endedAt, analysis } = experiment.definition
    const request = { experimentId, strata: strataOf(analysis) }
    const known = await aggregates.before(organizationId, request, asOf, limits)
    if (!known) throw logPurged({ key, startedAt, endedAt }, retention.keepsEndedSince())
    const taken = await looks.of(organizationId, [experimentId], asOf)
    return resultsOf(subjectAt(experiment, asOf), known, asOf, taken.get(experimentId))
  }

  #takeUp(organizationId: string, id: number): Promise<TakenUp | null> {
    const { pool, clock } = this.#tools
    return tenantTransaction(pool, organizationId, async (client) => {
      const { rows } = await client.query(TAKE_UP, [organizationId, id, clock()])
      const [row] = rows
      return row ? { experimentId: row.experiment_id, asOf: row.as_of, attempts: row.attempts } : null
    })
  }

  async #settle(organizationId: string, id: number, statement: string, values: readonly string[]): Promise<void> {
    const { pool, clock } = this.#tools
    await tenantTransaction(pool, organizationId, (client) =>
      client.query(statement, [organizationId, id, clock(), ...values]),
    )
  }

  /** What the caller can understand; null for a fault that may pass. */
  #failureOf(error: unknown): DomainError | null {
    if (error instanceof DomainError) return error
    if ((error as { code?: string }).code !== QUERY_CANCELED) return null
    const seconds = (this.#tools.mostReadingMs ?? MOST_READING_MS) / 1_000
    return new DomainError('RECOMPUTATION_TIMED_OUT', `The log could not be read within ${seconds} s.`)
  }
}

function faultOfOurs(attempts: number): DomainError {
  return new DomainError(
    'INTERNAL_SERVER_ERROR',
    `It was tried ${attempts} times and failed by a fault of the server; the log of the server has the details.`,
  )
}
