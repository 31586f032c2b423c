import type { EntityManager } from '@mikro-orm/postgresql'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { integerKey } from '../../shared/global-id.ts'
import { quoted } from '../../shared/input-rules.ts'
import type { Node } from '../../shared/node.ts'
import { PageLoader } from '../../shared/page-loader.ts'
import { ENGINE_VERSION } from '../../statistics/engine-version.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { Variant } from '../experiments/variant.entity.ts'
import { Metric } from '../metrics/metric.entity.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { Recommendation } from '../results/decision.ts'
import type { MetricResult } from '../results/metric-result.ts'
import type { VariantComparison, VariantResults } from '../results/metric-results.types.ts'
import { DecisionVerification, ResultsHistoryPoint } from './decision.types.ts'
import { DecisionRecord } from './decision-record.entity.ts'
import { verify } from './evaluation.ts'
import { READ_HISTORY } from './evaluator.sql.ts'
import { type ExactDifference, exactDifferences } from './exact-json.ts'

const MOST_POINTS = 500
const MOST_DIFFERENCES = 20

interface PointRow {
  computed_at_ms: number
  version: string
  exposed_units: number
  recommendation: Recommendation
  result: Pick<MetricResult, 'variants' | 'comparisons'>
}

/** Steps that rollouts took by themselves. */
interface RolloutSteps {
  /** What a step was judged by, as it is stored and as it comes out again; null if there is no such step, or nothing was judged. */
  judgedAgain(id: string): Promise<{ node: Node; stored: unknown; recomputed: unknown } | null>
}

/** What was decided, and how the numbers came to it. */
export class DecisionReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer
  readonly #ofExperiments: PageLoader<DecisionRecord>
  readonly #rolloutSteps: RolloutSteps

  constructor(em: EntityManager, viewer: Viewer, rolloutSteps: RolloutSteps) {
    this.#em = em
    this.#viewer = viewer
    this.#ofExperiments = new PageLoader(em, { entity: DecisionRecord, parent: 'experimentId' })
    this.#rolloutSteps = rolloutSteps
  }

  /** Newest first. */
  list(experimentId: number, request: PageRequest): Promise<Page<DecisionRecord>> {
    this.#viewer.assertCan('result:read')
    return this.#ofExperiments.load(experimentId, request)
  }

  byIds(ids: readonly number[]): Promise<DecisionRecord[]> {
    this.#viewer.assertCan('result:read')
    return this.#em.find(DecisionRecord, { id: { $in: [...ids] } })
  }

  /** @throws DomainError DECISION_NOT_FOUND */
  async verify(id: string): Promise<DecisionVerification> {
    const key = integerKey(id, 'DecisionRecord')
    const [decision] = key === null ? [] : await this.byIds([key])
    if (decision) return verificationOf(decision, verify(decision))
    const step = await this.#rolloutSteps.judgedAgain(id)
    if (!step) throw new DomainError('DECISION_NOT_FOUND', `No decision has the id ${quoted(id)}.`)
    const [stored, recomputed] = [step.stored, step.recomputed].map((value) => JSON.stringify(value))
    return verificationOf(step.node, exactDifferences(stored!, recomputed!))
  }

  /** In order of time. @throws DomainError EXPERIMENT_NOT_FOUND, METRIC_NOT_FOUND */
  async history(
    experimentKey: string,
    metricKey: string,
    from: Date | null,
    to: Date | null,
  ): Promise<ResultsHistoryPoint[]> {
    this.#viewer.assertCan('result:read')
    const experiment = await this.#em.findOne(
      Experiment,
      { key: experimentKey, deletedAt: null },
      { populate: ['variants', 'metrics'] },
    )
    if (!experiment) {
      throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the key ${quoted(experimentKey)}.`)
    }
    const metric = await this.#em.findOne(Metric, { key: metricKey })
    if (!metric || !experiment.metrics.getItems().some((used) => used.metric.id === metric.id)) {
      throw new DomainError(
        'METRIC_NOT_FOUND',
        `The experiment ${experimentKey} has no metric with the key ${quoted(metricKey)}.`,
      )
    }
    const rows = await this.#em.transactional((em) =>
      runInTransaction<PointRow>(em as EntityManager, READ_HISTORY, [
        this.#viewer.organizationId,
        experiment.id,
        metric.id,
        from,
        to,
        MOST_POINTS,
      ]),
    )
    const variants = new Map(experiment.variants.getItems().map((variant) => [variant.id, variant]))
    return rows.map((row) => pointOf(row, variants))
  }
}

function verificationOf(decision: Node, differences: readonly ExactDifference[]): DecisionVerification {
  return Object.assign(new DecisionVerification(), {
    decision,
    isSame: differences.length === 0,
    engineVersion: ENGINE_VERSION,
    differences: differences.slice(0, MOST_DIFFERENCES),
    differenceCount: differences.length,
  })
}

function pointOf(row: PointRow, variants: ReadonlyMap<number, Variant>): ResultsHistoryPoint {
  const withVariant = <T extends { variant: { id: number } }>(parts: readonly T[]) =>
    parts.map((part) => ({ ...part, variant: variants.get(part.variant.id)! }))
  return Object.assign(new ResultsHistoryPoint(), {
    computedAt: new Date(Math.round(row.computed_at_ms)),
    version: Number(row.version),
    exposedUnits: row.exposed_units,
    recommendation: row.recommendation,
    variants: withVariant(row.result.variants) as VariantResults[],
    comparisons: withVariant(row.result.comparisons) as VariantComparison[],
  })
}
