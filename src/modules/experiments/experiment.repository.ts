import type { EntityManager } from '@mikro-orm/postgresql'
import { DomainError } from '../../shared/domain-error.ts'
import { assertVersion, type UnitOfWork } from '../../shared/unit-of-work.ts'
import { Metric } from '../metrics/metric.entity.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { Experiment } from './experiment.entity.ts'
import type { ExperimentKeyInput } from './experiment-key.input.ts'
import { stepBetween } from './experiment-status.ts'
import type { Variant } from './variant.entity.ts'

/** Loads experiments to change them: one change of one experiment at a time, and each raises its version. */
export class ExperimentRepository {
  readonly #work: UnitOfWork
  readonly #viewer: Viewer

  constructor(work: UnitOfWork, viewer: Viewer) {
    this.#work = work
    this.#viewer = viewer
  }

  /**
   * Runs a change in one transaction, with variants and metrics loaded, and records that it happened.
   * @throws DomainError EXPERIMENT_NOT_FOUND; VERSION_CONFLICT when the caller, or another change of the same moment,
   *   looked at an older version
   */
  change(
    { experimentKey, expectedVersion }: ExperimentKeyInput,
    change: (experiment: Experiment, em: EntityManager) => Promise<void> | void,
  ): Promise<Experiment> {
    const { organizationId } = this.#viewer
    return this.#work.transaction(async (em, record) => {
      const experiment = await em.findOne(
        Experiment,
        { key: experimentKey, deletedAt: null },
        { populate: ['variants', 'metrics'] },
      )
      if (!experiment) throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the key ${experimentKey}.`)
      const current = await lockedVersion(em, experiment)
      assertVersion('experiment', expectedVersion, current)
      if (current !== experiment.version) {
        throw new DomainError(
          'VERSION_CONFLICT',
          `Somebody else changed the experiment ${experimentKey} at the same moment; read it again and repeat the change.`,
          { currentVersion: current },
        )
      }
      experiment.version += 1
      const before = experiment.status
      await change(experiment, em)
      const step = stepBetween(before, experiment.status)
      record({
        type: experiment.deletedAt ? 'ExperimentDeleted' : 'ExperimentChanged',
        organizationId,
        subjectId: experiment.id,
        ...(step && { step }),
      })
      return experiment
    })
  }
}

/** From here to the end of the transaction nobody else changes the experiment. */
async function lockedVersion(em: EntityManager, { organizationId, id }: Experiment): Promise<number> {
  const [row] = await em.execute<Array<{ version: number }>>(
    'select version from experiment where organization_id = ? and id = ? for update',
    [organizationId, id],
  )
  return row!.version
}

/** @throws DomainError VARIANT_NOT_FOUND */
export function variantOf(experiment: Experiment, key: string): Variant {
  const variant = experiment.variants.getItems().find((each) => each.key === key)
  if (!variant) {
    throw new DomainError('VARIANT_NOT_FOUND', `The experiment ${experiment.key} has no variant with the key ${key}.`)
  }
  return variant
}

/** A metric that may join an experiment. @throws DomainError METRIC_NOT_FOUND or METRIC_ARCHIVED */
export async function usableMetric(em: EntityManager, key: string): Promise<Metric> {
  const metric = await em.findOne(Metric, { key })
  if (!metric) throw new DomainError('METRIC_NOT_FOUND', `No metric has the key ${key}.`)
  if (metric.archivedAt) {
    throw new DomainError('METRIC_ARCHIVED', `The metric ${key} is archived; unarchive it to use it in an experiment.`)
  }
  return metric
}

/** @throws DomainError ONLY_IN_DRAFT */
export function assertDraft(experiment: Experiment, what: string): void {
  if (experiment.status !== 'DRAFT') {
    throw new DomainError(
      'ONLY_IN_DRAFT',
      `The experiment ${experiment.key} is ${experiment.status}; ${what} only in a DRAFT.`,
    )
  }
}
