import { randomBytes } from 'node:crypto'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { checkKey } from '../../shared/input-rules.ts'
import { assertVersion, type UnitOfWork } from '../../shared/unit-of-work.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { ConfigSchema } from './config-schema.ts'
import { Experiment } from './experiment.entity.ts'
import type {
  CloneExperimentInput,
  CreateExperimentInput,
  DeleteExperimentInput,
  UpdateExperimentInput,
} from './experiment.inputs.ts'
import { assertDraft, type ExperimentRepository, usableMetric } from './experiment.repository.ts'
import { designChanges, designExperiment } from './experiment-design.ts'
import { ExperimentMetric } from './experiment-metric.entity.ts'
import { checkDuration, checkLongText, checkName, checkTags } from './experiment-rules.ts'
import { isLive } from './experiment-status.ts'
import { localEvaluationProblems } from './local-evaluation-rules.ts'
import { checkTimeZone } from './time-zone.ts'
import { Variant } from './variant.entity.ts'
import { configProblems } from './variant-design.ts'

/** Designing experiments. */
export class ExperimentService {
  readonly #work: UnitOfWork
  readonly #experiments: ExperimentRepository
  readonly #viewer: Viewer
  readonly #clock: Clock

  constructor(work: UnitOfWork, experiments: ExperimentRepository, viewer: Viewer, clock: Clock) {
    this.#work = work
    this.#experiments = experiments
    this.#viewer = viewer
    this.#clock = clock
  }

  async create(input: CreateExperimentInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    const { organizationId } = this.#viewer
    const { values, variants, metrics } = designExperiment(input)
    await checkTimeZone(this.#work.em, ['timeZone'], values.timeZone)
    return this.#work.transaction(async (em, record) => {
      await assertKeyIsFree(em, values.key)
      const experiment = em.create(Experiment, { organizationId, seed: newSeed(), ...values })
      // The children carry the id of the experiment in their key, so it must be known before they are written.
      await em.flush()
      for (const [position, variant] of variants.entries()) {
        em.create(Variant, { ...variant, organizationId, experiment, position })
      }
      for (const [position, { metricKey, ...use }] of metrics.entries()) {
        const metric = await usableMetric(em, metricKey)
        em.create(ExperimentMetric, { organizationId, experiment, metric, ...use, position })
      }
      await em.flush()
      record({ type: 'ExperimentCreated', organizationId, subjectId: experiment.id })
      return experiment
    })
  }

  async update(input: UpdateExperimentInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    if (input.timeZone != null) await checkTimeZone(this.#work.em, ['timeZone'], input.timeZone)
    return this.#experiments.change(input, async (experiment) => {
      if (input.name !== undefined) experiment.name = checkName(['name'], input.name)
      if (input.hypothesis !== undefined) experiment.hypothesis = checkLongText(['hypothesis'], input.hypothesis)
      if (input.description !== undefined) experiment.description = checkLongText(['description'], input.description)
      if (input.tags !== undefined) experiment.tags = checkTags(['tags'], input.tags ?? [])
      if (input.plannedDurationDays !== undefined) {
        experiment.plannedDurationDays = checkDuration(['plannedDurationDays'], input.plannedDurationDays)
      }
      const design = designChanges(input, experiment)
      const changed = Object.keys(design)
      if (changed.length === 0) return
      assertDraft(experiment, `${changed.join(', ')} can change`)
      Object.assign(experiment, design)
      const overrides = await experiment.overrides.loadCount()
      DomainError.throwIfAny(localEvaluationProblems(experiment, overrides))
      if (design.configSchema) {
        const schema = ConfigSchema.compile(['configSchema'], design.configSchema)
        DomainError.throwIfAny(configProblems(experiment.variants.getItems(), schema))
      }
    })
  }

  /** A new draft with the same design, its own seed and no overrides. */
  async clone(input: CloneExperimentInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    const { organizationId } = this.#viewer
    const key = checkKey(['key'], input.key)
    return this.#work.transaction(async (em, record) => {
      const source = await em.findOne(
        Experiment,
        { key: input.experimentKey, deletedAt: null },
        { populate: ['variants', 'metrics'] },
      )
      if (!source) throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the key ${input.experimentKey}.`)
      assertVersion('experiment', input.expectedVersion, source.version)
      await assertKeyIsFree(em, key)
      const clone = em.create(Experiment, {
        organizationId,
        key,
        seed: newSeed(),
        name: input.name === undefined ? source.name : checkName(['name'], input.name),
        hypothesis:
          input.hypothesis === undefined ? source.hypothesis : checkLongText(['hypothesis'], input.hypothesis),
        description:
          input.description === undefined ? source.description : checkLongText(['description'], input.description),
        tags: input.tags === undefined ? [...source.tags] : checkTags(['tags'], input.tags ?? []),
        unitType: source.unitType,
        assignmentAlgorithm: source.assignmentAlgorithm,
        trafficBasisPoints: source.trafficBasisPoints,
        targeting: source.targeting,
        configSchema: source.configSchema,
        timeZone: source.timeZone,
        localEvaluation: source.localEvaluation,
        plannedDurationDays: source.plannedDurationDays,
        analysis: source.analysis,
        automation: source.automation,
      })
      await em.flush()
      for (const { key, name, description, isControl, weightBasisPoints, config, position } of source.variants) {
        const copy = { key, name, description, isControl, weightBasisPoints, config, position }
        em.create(Variant, { ...copy, organizationId, experiment: clone })
      }
      for (const { metric, role, nonInferiorityMargin, position } of source.metrics) {
        em.create(ExperimentMetric, { organizationId, experiment: clone, metric, role, nonInferiorityMargin, position })
      }
      await em.flush()
      record({ type: 'ExperimentCreated', organizationId, subjectId: clone.id })
      return clone
    })
  }

  /** The experiment is not found any more; its key stays taken. */
  delete(input: DeleteExperimentInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:delete')
    return this.#experiments.change(input, (experiment) => {
      if (isLive(experiment.status)) {
        throw new DomainError(
          'EXPERIMENT_RUNNING',
          `The experiment ${experiment.key} is ${experiment.status}; complete or cancel it before it is deleted.`,
        )
      }
      experiment.deletedAt = this.#clock()
    })
  }
}

async function assertKeyIsFree(em: EntityManager, key: string): Promise<void> {
  // Deleted experiments hold their key: SDKs and logs still know it by that name.
  if (await em.findOne(Experiment, { key })) {
    throw new DomainError(
      'KEY_TAKEN',
      `The key ${key} is in use, or was used by a deleted experiment; keys are not reused.`,
    )
  }
}

function newSeed(): string {
  return randomBytes(9).toString('base64url')
}
