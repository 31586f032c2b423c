import type { EntityManager } from '@mikro-orm/postgresql'
import type { JobQueue } from '../../database/job-queue.ts'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { fail, quoted } from '../../shared/input-rules.ts'
import type { UnitOfWork } from '../../shared/unit-of-work.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { LogRetention } from '../ingestion/log-retention.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { logPurged } from './log-purged.ts'
import type { RecomputeResultsInput } from './recomputation.types.ts'
import { RECOMPUTE_RESULTS } from './recompute-results.job.ts'
import { ResultsRecomputation } from './results-recomputation.entity.ts'

/** Most recomputations of one organization that wait or are under way. */
const MOST_UNFINISHED = 10

/** Requests of one organization come one after the other, so that they see each other: the same one, and how many there are. */
const TAKE_TURN = 'select from organization where id = $1 for no key update'

const IS_ATTRIBUTED = `
select exists (select from attributed_experiment where organization_id = $1 and experiment_id = $2) as found`

interface RecomputationTools {
  jobs: JobQueue
  retention: LogRetention
  clock: Clock
}

/** Takes requests to compute results of the past from the log. */
export class RecomputationService {
  readonly #work: UnitOfWork
  readonly #viewer: Viewer
  readonly #tools: RecomputationTools

  constructor(work: UnitOfWork, viewer: Viewer, tools: RecomputationTools) {
    this.#work = work
    this.#viewer = viewer
    this.#tools = tools
  }

  /**
   * The one that is queued for the same moment, or a new one.
   * @throws DomainError EXPERIMENT_NOT_FOUND, EXPERIMENT_NOT_STARTED, AS_OF_INVALID, LOG_PURGED, TOO_MANY_RECOMPUTATIONS
   */
  request({ experimentKey, asOf }: RecomputeResultsInput): Promise<ResultsRecomputation> {
    this.#viewer.assertCan('result:recompute')
    const { organizationId, actor } = this.#viewer
    return this.#work.transaction(async (em) => {
      await runInTransaction(em, TAKE_TURN, [organizationId])
      const now = this.#tools.clock()
      const experiment = await this.#experimentAt(em, experimentKey, asOf, now)
      const queued = await em.findOne(ResultsRecomputation, { experiment, asOf, status: 'QUEUED' })
      if (queued) return queued
      const unfinished = await em.count(ResultsRecomputation, { status: { $in: ['QUEUED', 'RUNNING'] } })
      if (unfinished >= MOST_UNFINISHED) {
        throw new DomainError(
          'TOO_MANY_RECOMPUTATIONS',
          `${unfinished} recomputations of the organization are queued or running; it takes ${MOST_UNFINISHED} at a time.`,
        )
      }
      const recomputation = em.create(ResultsRecomputation, {
        organizationId,
        experiment,
        asOf,
        status: 'QUEUED',
        requestedAt: now,
        requestedBy: actor,
      })
      await em.flush()
      const payload = { recomputationId: recomputation.id }
      await this.#tools.jobs.add(RECOMPUTE_RESULTS, organizationId, payload, { em })
      return recomputation
    })
  }

  async #experimentAt(em: EntityManager, key: string, asOf: Date, now: Date): Promise<Experiment> {
    const experiment = await em.findOne(Experiment, { key, deletedAt: null })
    if (!experiment) throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the key ${quoted(key)}.`)
    const { id, startedAt, endedAt = null } = experiment
    if (!startedAt) {
      throw new DomainError('EXPERIMENT_NOT_STARTED', `The experiment ${key} has not started; it has no results.`)
    }
    if (asOf < startedAt) {
      fail('AS_OF_INVALID', ['asOf'], `is ${asOf.toISOString()}; ${key} started at ${startedAt.toISOString()}.`)
    }
    if (asOf > now) {
      fail('AS_OF_INVALID', ['asOf'], `is ${asOf.toISOString()}, which lies in the future; it is ${now.toISOString()}.`)
    }
    const [row] = await runInTransaction<{ found: boolean }>(em, IS_ATTRIBUTED, [this.#viewer.organizationId, id])
    if (!row?.found) throw logPurged({ key, startedAt, endedAt }, this.#tools.retention.keepsEndedSince())
    return experiment
  }
}
