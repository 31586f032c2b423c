import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { fail } from '../../shared/input-rules.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { Experiment } from './experiment.entity.ts'
import type { ExperimentRepository } from './experiment.repository.ts'
import type { ExperimentKeyInput } from './experiment-key.input.ts'
import { type ExperimentStep, statusAfter, statusesBefore } from './experiment-status.ts'
import type { CompleteExperimentInput, StartExperimentInput } from './lifecycle.inputs.ts'
import { localEvaluationProblems } from './local-evaluation-rules.ts'
import { openEpoch } from './open-epoch.ts'
import { startProblems } from './start-rules.ts'
import type { StepWitness } from './step-witness.ts'

/** The life of an experiment: draft → running ⇄ paused → completed; cancelled from any unfinished state. */
export class LifecycleService {
  readonly #experiments: ExperimentRepository
  readonly #viewer: Viewer
  readonly #clock: Clock
  readonly #witness: StepWitness

  constructor(experiments: ExperimentRepository, viewer: Viewer, clock: Clock, witness: StepWitness) {
    this.#experiments = experiments
    this.#viewer = viewer
    this.#clock = clock
    this.#witness = witness
  }

  /** Freezes the versions of the metrics, and with the status all else that changes only in a draft; opens epoch 1. */
  start(input: StartExperimentInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:start')
    if (input.startedAt) this.#viewer.assertCan('exposure:import')
    return this.#step('start', input, async (experiment, em, now) => {
      const startedAt = input.startedAt ?? now
      if (startedAt > now) {
        fail('STARTED_AT_INVALID', ['startedAt'], `is ${startedAt.toISOString()}; it must not lie in the future.`)
      }
      const metrics = await Promise.all(
        experiment.metrics.getItems().map(async ({ role, metric }) => {
          const { key, kind, archivedAt } = await metric.loadOrFail()
          return { key, kind, role, isArchived: archivedAt != null }
        }),
      )
      DomainError.throwIfAny([
        ...startProblems({
          variants: experiment.variants.getItems(),
          algorithm: experiment.assignmentAlgorithm,
          metrics,
          hasConfigSchema: experiment.configSchema != null,
        }),
        ...localEvaluationProblems(experiment, await experiment.overrides.loadCount()),
      ])
      experiment.startedAt = startedAt
      for (const metric of experiment.metrics) metric.metricVersion = (await metric.metric.loadOrFail()).latestVersion
      await openEpoch(em, experiment, startedAt)
    })
  }

  pause(input: ExperimentKeyInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:start')
    return this.#step('pause', input)
  }

  resume(input: ExperimentKeyInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:start')
    return this.#step('resume', input)
  }

  complete(input: CompleteExperimentInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:complete')
    return this.#step('complete', input, (experiment, _em, now) => {
      experiment.endedAt = now
      if (input.winnerVariantKey == null) return
      const winner = experiment.variants.getItems().find((variant) => variant.key === input.winnerVariantKey)
      if (!winner) {
        const keys = experiment.variants.getItems().map((variant) => variant.key)
        throw new DomainError(
          'WINNER_NOT_A_VARIANT',
          `The winner ${input.winnerVariantKey} is not a variant of ${experiment.key}; the variants are ${keys.join(', ')}.`,
        )
      }
      experiment.winnerVariantId = winner.id
    })
  }

  cancel(input: ExperimentKeyInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:complete')
    return this.#step('cancel', input, (experiment, _em, now) => {
      experiment.endedAt = now
    })
  }

  async #step(
    step: ExperimentStep,
    input: ExperimentKeyInput,
    effect?: (experiment: Experiment, em: EntityManager, now: Date) => Promise<void> | void,
  ): Promise<Experiment> {
    // Nothing is known of a draft.
    const note = step === 'start' ? null : await this.#witness.look(input.experimentKey)
    return this.#experiments.change(input, async (experiment, em) => {
      const status = statusAfter(step, experiment.status)
      if (!status) {
        throw new DomainError(
          'INVALID_TRANSITION',
          `The experiment ${experiment.key} is ${experiment.status}; to ${step} it, it must be ${statusesBefore(step).join(' or ')}.`,
        )
      }
      const now = this.#clock()
      await effect?.(experiment, em, now)
      experiment.status = status
      note?.(em, step, now)
    })
  }
}
