import type { Clock } from '../../shared/clock.ts'
import type { DefinitionCache, StartedExperiment } from '../experiments/definition-cache.ts'
import type { Variant } from '../experiments/variant.entity.ts'
import type { AggregatesReadModel } from '../ingestion/aggregates.read-model.ts'
import type { Metric } from '../metrics/metric.entity.ts'
import type { ResultSubject } from './result-subject.ts'
import { type Results, resultsOf } from './results.ts'

/** Results by sets of experiments: definitions from memory, the aggregates in one statement. */
export class ResultsReadModel {
  readonly #definitions: DefinitionCache
  readonly #aggregates: AggregatesReadModel
  readonly #clock: Clock

  constructor(definitions: DefinitionCache, aggregates: AggregatesReadModel, clock: Clock) {
    this.#definitions = definitions
    this.#aggregates = aggregates
    this.#clock = clock
  }

  /** In the order of the ids; null for an experiment that has not started, or does not exist in the organization. */
  async of(organizationId: string, experimentIds: readonly number[]): Promise<Array<Results | null>> {
    const { started } = await this.#definitions.of(organizationId)
    const subjects = experimentIds.flatMap((id) => started.get(id) ?? [])
    if (subjects.length === 0) return experimentIds.map(() => null)
    const computedAt = this.#clock()
    const aggregates = await this.#aggregates.of(
      organizationId,
      subjects.map(({ definition }) => definition.id),
    )
    const results = new Map(
      subjects.map((subject, index) => [
        subject.definition.id,
        resultsOf(subjectOf(subject), aggregates[index]!, computedAt),
      ]),
    )
    return experimentIds.map((id) => results.get(id) ?? null)
  }
}

/** Variants and metrics are the entities, so that the graph can go on from them. */
function subjectOf({ definition, entity, metrics }: StartedExperiment): ResultSubject<Variant, Metric> {
  const { id, key, status, algorithm, analysis, epochs } = definition
  return { id, key, status, algorithm, analysis, epochs, metrics, variants: entity.variants.getItems() }
}
