import type { Clock } from '../../shared/clock.ts'
import type { DefinitionCache, StartedExperiment } from '../experiments/definition-cache.ts'
import type { Variant } from '../experiments/variant.entity.ts'
import type { AggregatesReadModel } from '../ingestion/aggregates.read-model.ts'
import type { Metric } from '../metrics/metric.entity.ts'
import type { LookStore } from './look.store.ts'
import type { ResultSubject } from './result-subject.ts'
import { type Results, resultsOf } from './results.ts'

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

  /** In the order of the ids; null for an experiment that has not started, or does not exist in the organization. */
  async of(organizationId: string, experimentIds: readonly number[]): Promise<Array<Results | null>> {
    const { started } = await this.#definitions.of(organizationId)
    const subjects = experimentIds.flatMap((id) => (started.has(id) ? [subjectOf(started.get(id)!)] : []))
    if (subjects.length === 0) return experimentIds.map(() => null)
    const aggregates = await this.#aggregates.of(
      organizationId,
      subjects.map(({ id }) => id),
    )
    const computedAt = this.#clock()
    const sequential = subjects.filter(({ analysis }) => analysis.decisionMethod === 'GROUP_SEQUENTIAL')
    const compute = async () => {
      const looks = await this.#looks.of(
        organizationId,
        sequential.map(({ id }) => id),
      )
      return subjects.map((subject, index) => resultsOf(subject, aggregates[index]!, computedAt, looks.get(subject.id)))
    }
    let results = await compute()
    const due = results.flatMap(({ experimentId, dueLooks }) => dueLooks.map((look) => ({ experimentId, ...look })))
    // Whoever stores a look first has taken it; who comes second goes by the look that stands.
    if (due.length > 0 && (await this.#looks.store(organizationId, due, computedAt)) < due.length) {
      results = await compute()
    }
    const byId = new Map(results.map((each) => [each.experimentId, each]))
    return experimentIds.map((id) => byId.get(id) ?? null)
  }
}

/** Variants and metrics are the entities, so that the graph can go on from them. */
function subjectOf({ definition, entity, metrics }: StartedExperiment): ResultSubject<Variant, Metric> {
  const { id, key, status, algorithm, analysis, epochs } = definition
  return { id, key, status, algorithm, analysis, epochs, metrics, variants: entity.variants.getItems() }
}
