import type { EntityManager } from '@mikro-orm/postgresql'
import type { Logger } from 'pino'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Clock } from '../../shared/clock.ts'
import type { RecordEvent, UnitOfWork } from '../../shared/unit-of-work.ts'
import type { DefinitionCache, StartedExperiment } from '../experiments/definition-cache.ts'
import { isLive } from '../experiments/experiment-status.ts'
import type { ResultSource, ResultsReadModel } from '../results/results.read-model.ts'
import { DecisionRecord } from './decision-record.entity.ts'
import {
  type Evaluation,
  evaluationOf,
  isNewRecommendation,
  isNews,
  type LastEvaluation,
  recordOf,
} from './evaluation.ts'
import { HISTORY, LOCK_WATCH, REMEMBER, THIN_HISTORY } from './evaluator.sql.ts'
import { KEEP_STATE, THIN_STATES } from './result-state.sql.ts'

/** How long an ended experiment is still looked at: for events that come late. */
const AFTER_END_MS = 86_400_000
/** How long every point of the history is kept; after that one an hour. */
const FINE_HISTORY_MS = 7 * 86_400_000
/** Experiments whose results are computed before others have their turn: some milliseconds each. */
const AT_ONCE = 20

/** Evaluates the experiments of an organization, watched or not: history and decisions are stored when they change. */
export class Evaluator {
  readonly #definitions: DefinitionCache
  readonly #results: ResultsReadModel
  readonly #clock: Clock
  readonly #log: Logger

  constructor(definitions: DefinitionCache, results: ResultsReadModel, clock: Clock, log: Logger) {
    this.#definitions = definitions
    this.#results = results
    this.#clock = clock
    this.#log = log
  }

  /** @returns the present state of everything that runs, is paused, or has ended within a day */
  async evaluate(work: UnitOfWork, organizationId: string): Promise<Evaluation[]> {
    const now = this.#clock()
    const { started } = await this.#definitions.of(organizationId)
    const watched = [...started.values()].filter((experiment) => isWatched(experiment, now))
    const ids = watched.map(({ definition }) => definition.id)
    const evaluations: Evaluation[] = []
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      for (const source of await this.#sources(organizationId, ids.slice(start, start + AT_ONCE))) {
        const evaluation = evaluationOf(source)
        await work.transaction((em, record) => store(em, record, organizationId, evaluation))
        evaluations.push(evaluation)
      }
    }
    return evaluations
  }

  /** One experiment whose results cannot be computed does not keep the others from being evaluated. */
  async #sources(organizationId: string, experimentIds: readonly number[]): Promise<ResultSource[]> {
    try {
      return await this.#results.sources(organizationId, experimentIds)
    } catch (error) {
      const [only] = experimentIds
      if (experimentIds.length > 1) {
        return (await Promise.all(experimentIds.map((id) => this.#sources(organizationId, [id])))).flat()
      }
      this.#log.error({ err: error, organizationId, experimentId: only }, 'An experiment could not be evaluated.')
      return []
    }
  }

  /** @returns how many points of the history, and whole states, were removed */
  thinHistory(em: EntityManager): Promise<number> {
    const before = new Date(this.#clock().getTime() - FINE_HISTORY_MS)
    return em.fork().transactional(async (own) => {
      let removed = 0
      for (const statement of [THIN_HISTORY, THIN_STATES]) {
        const [row] = await runInTransaction<{ removed: number }>(own as EntityManager, statement, [before])
        removed += row!.removed
      }
      return removed
    })
  }
}

function isWatched({ definition: { status, endedAt } }: StartedExperiment, now: Date): boolean {
  return isLive(status) || (endedAt !== null && now.getTime() - endedAt.getTime() < AFTER_END_MS)
}

async function store(
  em: EntityManager,
  tell: RecordEvent,
  organizationId: string,
  evaluation: Evaluation,
): Promise<void> {
  const { results, experiment } = evaluation
  const { definition } = experiment
  const { decision, computedAt, version, exposedUnits } = results
  const last = await lastEvaluation(em, organizationId, definition.id)
  // Another process was here meanwhile, with newer numbers.
  if (last && last.version > version) return
  if (!isNews(evaluation, last)) return
  const points = results.metrics.map(({ metric, variants, comparisons }) => ({
    metricId: metric.id,
    result: { variants, comparisons },
  }))
  await runInTransaction(em, HISTORY, [
    organizationId,
    definition.id,
    computedAt,
    version,
    exposedUnits,
    decision.recommendation,
    JSON.stringify(points),
  ])
  const record = recordOf(evaluation)
  await runInTransaction(em, KEEP_STATE, [organizationId, definition.id, version, computedAt, record.results])
  if (isNewRecommendation(evaluation, last)) {
    const recommended = em.create(DecisionRecord, { ...record, kind: 'RECOMMENDED' })
    await em.flush()
    tell({ type: 'DecisionRecommended', organizationId, subjectId: recommended.id })
  }
  await runInTransaction(em, REMEMBER, [
    organizationId,
    definition.id,
    version,
    decision.recommendation,
    decision.winner?.id ?? null,
  ])
}

/** Nobody else stores an evaluation of the experiment until the end of the transaction. */
async function lastEvaluation(
  em: EntityManager,
  organizationId: string,
  experimentId: number,
): Promise<LastEvaluation | null> {
  const [row] = await runInTransaction<{
    version: string | null
    recommendation: string
    winner_variant_id: number | null
  }>(em, LOCK_WATCH, [organizationId, experimentId])
  if (!row || row.version === null) return null
  const { version, recommendation } = row
  return { version: Number(version), recommendation, winnerVariantId: row.winner_variant_id }
}
