import { DomainError } from '../../shared/domain-error.ts'
import type { UnitOfWork } from '../../shared/unit-of-work.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { Metric } from './metric.entity.ts'
import type { CreateMetricInput } from './metric.inputs.ts'
import type { MetricDefinition } from './metric-definition.ts'
import { MetricVersion } from './metric-version.entity.ts'

/** Defining metrics. */
export class MetricService {
  readonly #work: UnitOfWork
  readonly #viewer: Viewer

  constructor(work: UnitOfWork, viewer: Viewer) {
    this.#work = work
    this.#viewer = viewer
  }

  create(input: CreateMetricInput): Promise<Metric> {
    this.#viewer.assertCan('metric:write')
    const { organizationId } = this.#viewer
    return this.#work.transaction(async (em, record) => {
      if (await em.findOne(Metric, { key: input.key }))
        throw new DomainError('KEY_TAKEN', `The key ${input.key} is in use.`)
      const metric = em.create(Metric, {
        organizationId,
        key: input.key,
        name: input.name,
        description: input.description,
        kind: input.kind,
        latestVersion: 1,
      })
      await em.flush()
      em.create(MetricVersion, { organizationId, metric, version: 1, definition: definitionFrom(input) })
      await em.flush()
      record({ type: 'MetricChanged', organizationId, subjectId: metric.id })
      return metric
    })
  }
}

function definitionFrom(input: CreateMetricInput): MetricDefinition {
  return {
    kind: input.kind,
    numerator: { eventName: input.eventName, aggregate: input.aggregate ?? 'SUM', filters: input.filters ?? [] },
    denominator:
      input.kind === 'RATIO' && input.denominatorEventName
        ? {
            eventName: input.denominatorEventName,
            aggregate: input.denominatorAggregate ?? 'SUM',
            filters: input.denominatorFilters ?? [],
          }
        : null,
    direction: input.direction ?? 'INCREASE',
    conversionWindowHours: input.conversionWindowHours ?? null,
    capPerUnit: input.capPerUnit ?? null,
  }
}
