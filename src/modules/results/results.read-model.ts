import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import type { DefinitionCache, ReadExperiment, StartedExperiment } from '../experiments/definition-cache.ts'
import { slicesOfDimension, strataOf } from '../experiments/dimensions.ts'
import type { Variant } from '../experiments/variant.entity.ts'
import type { Aggregates, AggregatesReadModel } from '../ingestion/aggregates.read-model.ts'
import type { Metric } from '../metrics/metric.entity.ts'
import type { StoredLook } from './group-sequential-looks.ts'
import type { LookStore } from './look.store.ts'
import type { ResultSubject } from './result-subject.ts'
import { type Results, resultsOf } from './results.ts'
import { type SlicedResults, slicedResultsOf } from './sliced-results.ts'

/** The results of an experiment, and what they were computed from. */
export interface ResultSource {
  experiment: StartedExperiment
  aggregates: Aggregates
  /** Those of a group-sequential test that were stored. */
  looks: readonly StoredLook[]
  results: Results
}

export interface DimensionRequest {
  experimentId: number
  /** Its key. */
  dimension: string
}

/** Results by sets of experiments: definitions from memory, the aggregates in one statement. */
export class ResultsReadModel {
  readonly #definitions: DefinitionCache
  readonly #aggregates: AggregatesReadModel
  readonly #looks: LookStore
  readonly #clock: Clock

  constructor(definitions: DefinitionCache, aggregates: AggregatesReadModel, looks: LookStore, clock: Clock) {
    this.#definitions = definitions
    this.#aggregates = aggregates
    this.#looks = looks
    this.#clock = clock
  }

  /** From now on results are of definitions at least as new as these. */
  catchUpWith(organizationId: string, experiments: readonly ReadExperiment[]): Promise<void> {
    return this.#definitions.catchUpWith(organizationId, experiments)
  }

  /** In the order of the ids; null for an experiment that has not started, or does not exist in the organization. */
  async of(organizationId: string, experimentIds: readonly number[]): Promise<Array<Results | null>> {
    const sources = await this.sources(organizationId, experimentIds)
    const byId = new Map(sources.map(({ results }) => [results.experimentId, results]))
    return experimentIds.map((id) => byId.get(id) ?? null)
  }

  /** The results with all that they were computed from, of those experiments that have started. */
  async sources(organizationId: string, experimentIds: readonly number[]): Promise<ResultSource[]> {
    const { started } = await this.#definitions.of(organizationId)
    const experiments = experimentIds.flatMap((id) => started.get(id) ?? [])
    if (experiments.length === 0) return []
    const subjects = experiments.map(subjectOf)
    const aggregates = await this.#aggregates.withStrata(
      organizationId,
      subjects.map(({ id, analysis }) => ({ experimentId: id, strata: strataOf(analysis) })),
    )
    const computedAt = this.#clock()
    const sequential = subjects.filter(({ analysis }) => analysis.decisionMethod === 'GROUP_SEQUENTIAL')
    const compute = async () => {
      const taken = await this.#looks.of(
        organizationId,
        sequential.map(({ id }) => id),
      )
      return subjects.map((subject, index) => {
        const looks = taken.get(subject.id) ?? []
        const results = resultsOf(subject, aggregates[index]!, computedAt, looks)
        return { experiment: experiments[index]!, aggregates: aggregates[index]!, looks, results }
      })
    }
    const sources = await compute()
    const due = sources.flatMap(({ results: { experimentId, dueLooks } }) =>
      dueLooks.map((look) => ({ experimentId, ...look })),
    )
    if (due.length === 0) return sources
    // Whoever stores a look first has taken it; who comes second goes by the look that stands.
    const stored = await this.#looks.store(organizationId, due, computedAt)
    return stored < due.length ? compute() : sources
  }

  /**
   * Within each value of a dimension, in the order of the requests; null for an experiment that has not started, or does not exist
   * in the organization, and the error DIMENSION_UNKNOWN for a dimension that was not declared.
   */
  async byDimension(
    organizationId: string,
    requests: readonly DimensionRequest[],
  ): Promise<Array<SlicedResults | DomainError | null>> {
    const { started } = await this.#definitions.of(organizationId)
    const known = requests.map(({ experimentId, dimension }) => {
      const experiment = started.get(experimentId)
      if (!experiment) return null
      const subject = subjectOf(experiment)
      const slices = slicesOfDimension(subject.analysis.dimensions, dimension)
      return slices ? { subject, dimension, slices } : unknownDimension(subject, dimension)
    })
    const asked = known.flatMap((each) =>
      each && 'slices' in each
        ? each.slices.map(({ number: slice }) => ({ experimentId: each.subject.id, slice }))
        : [],
    )
    const left = (await this.#aggregates.ofSlices(organizationId, asked)).values()
    const computedAt = this.#clock()
    return known.map((each) => {
      if (!each || !('slices' in each)) return each
      const { subject, dimension, slices } = each
      const measured = slices.map((slice) => ({ slice, aggregates: left.next().value! }))
      return {
        experimentId: subject.id,
        experimentKey: subject.key,
        dimension,
        version: measured[0]!.aggregates.version,
        computedAt,
        slices: slicedResultsOf(subject, measured),
      }
    })
  }
}

function unknownDimension({ key, analysis: { dimensions } }: ResultSubject, dimension: string): DomainError {
  const declared = dimensions.map((each) => each.key).join(', ') || 'none'
  return new DomainError(
    'DIMENSION_UNKNOWN',
    `The experiment ${key} has no dimension ${JSON.stringify(dimension)}; declared before its start were: ${declared}.`,
  )
}

/** Variants and metrics are the entities, so that the graph can go on from them. */
function subjectOf({ definition, entity, metrics }: StartedExperiment): ResultSubject<Variant, Metric> {
  const { id, key, status, algorithm, analysis, epochs } = definition
  return { id, key, status, algorithm, analysis, epochs, metrics, variants: entity.variants.getItems() }
}
