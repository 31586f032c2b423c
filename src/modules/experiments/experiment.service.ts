import { randomBytes } from 'node:crypto'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { assertVersion, type UnitOfWork } from '../../shared/unit-of-work.ts'
import { Metric } from '../metrics/metric.entity.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { AllocationEpoch } from './allocation-epoch.entity.ts'
import { DEFAULT_ANALYSIS_PLAN } from './analysis-plan.ts'
import { Experiment } from './experiment.entity.ts'
import type { CreateExperimentInput, StartExperimentInput } from './experiment.inputs.ts'
import { ExperimentMetric } from './experiment-metric.entity.ts'
import { statusAfter } from './experiment-status.ts'
import { startProblems } from './start-rules.ts'
import { Variant } from './variant.entity.ts'

/** Designing and running experiments. */
export class ExperimentService {
  readonly #work: UnitOfWork
  readonly #viewer: Viewer
  readonly #clock: Clock

  constructor(work: UnitOfWork, viewer: Viewer, clock: Clock) {
    this.#work = work
    this.#viewer = viewer
    this.#clock = clock
  }

  create(input: CreateExperimentInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    const { organizationId } = this.#viewer
    return this.#work.transaction(async (em, record) => {
      if (await em.findOne(Experiment, { key: input.key })) {
        throw new DomainError(
          'KEY_TAKEN',
          `The key ${input.key} is in use, or was used by a deleted experiment; keys are not reused.`,
        )
      }
      const experiment = em.create(Experiment, {
        organizationId,
        key: input.key,
        name: input.name,
        hypothesis: input.hypothesis,
        description: input.description,
        tags: input.tags ?? [],
        unitType: input.unitType ?? 'user',
        assignmentAlgorithm: input.assignmentAlgorithm ?? 'HASH',
        seed: randomBytes(9).toString('base64url'),
        trafficBasisPoints: input.trafficBasisPoints ?? 10_000,
        targeting: input.targeting,
        configSchema: input.configSchema,
        timeZone: input.timeZone ?? 'UTC',
        localEvaluation: input.localEvaluation ?? false,
        plannedDurationDays: input.plannedDurationDays,
        analysis: { ...DEFAULT_ANALYSIS_PLAN, ...withoutNulls(input.analysis ?? {}) },
      })
      // The children carry the id of the experiment in their key, so it must be known before they are written.
      await em.flush()
      for (const [position, variant] of (input.variants ?? []).entries()) {
        em.create(Variant, { ...variant, name: variant.name ?? variant.key, organizationId, experiment, position })
      }
      for (const [position, { metricKey, role }] of (input.metrics ?? []).entries()) {
        const metric = await this.#metric(em, metricKey)
        em.create(ExperimentMetric, { organizationId, experiment, metric, role, position })
      }
      await em.flush()
      record({ type: 'ExperimentCreated', organizationId, subjectId: experiment.id })
      return experiment
    })
  }

  start({ experimentKey, expectedVersion, startedAt }: StartExperimentInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:start')
    if (startedAt) this.#viewer.assertCan('exposure:import')
    const now = this.#clock()
    if (startedAt && startedAt > now) {
      throw new DomainError('BAD_USER_INPUT', `startedAt is ${startedAt.toISOString()}; it must lie in the past.`, {
        path: ['startedAt'],
      })
    }
    const { organizationId } = this.#viewer
    return this.#work.transaction(async (em, record) => {
      const experiment = await this.#load(em, experimentKey)
      assertVersion('experiment', expectedVersion, experiment.version)
      const status = statusAfter('start', experiment.status)
      if (!status) {
        throw new DomainError(
          'INVALID_TRANSITION',
          `The experiment ${experimentKey} is ${experiment.status}; only a DRAFT can be started.`,
        )
      }
      const variants = experiment.variants.getItems()
      DomainError.throwIfAny(startProblems({ variants, metrics: experiment.metrics.getItems() }))
      experiment.status = status
      experiment.startedAt = startedAt ?? now
      for (const metric of experiment.metrics) metric.metricVersion = (await metric.metric.loadOrFail()).latestVersion
      em.create(AllocationEpoch, {
        organizationId,
        experiment,
        number: 1,
        startedAt: startedAt ?? now,
        weights: Object.fromEntries(variants.map((variant) => [variant.id, variant.weightBasisPoints])),
        trafficBasisPoints: experiment.trafficBasisPoints,
        targeting: experiment.targeting,
      })
      record({ type: 'ExperimentChanged', organizationId, subjectId: experiment.id })
      return experiment
    })
  }

  async #load(em: EntityManager, key: string): Promise<Experiment> {
    const experiment = await em.findOne(
      Experiment,
      { key, deletedAt: null },
      { populate: ['variants', 'metrics', 'epochs'] },
    )
    if (!experiment) throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the key ${key}.`)
    return experiment
  }

  async #metric(em: EntityManager, key: string): Promise<Metric> {
    const metric = await em.findOne(Metric, { key })
    if (!metric) throw new DomainError('METRIC_NOT_FOUND', `No metric has the key ${key}.`)
    return metric
  }
}

function withoutNulls<T extends object>(values: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as never
}
