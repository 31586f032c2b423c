import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { checkInteger, fail } from '../../shared/input-rules.ts'
import type { Experiment } from '../experiments/experiment.entity.ts'
import type { ExperimentRepository } from '../experiments/experiment.repository.ts'
import { DEFAULT_AUTOMATION, type ExperimentAutomation } from '../experiments/experiment-automation.ts'
import { hasEnded } from '../experiments/experiment-status.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { SetExperimentAutomationInput } from './automation.inputs.ts'

const MOST_RUN_HOURS = 17_520
const MOST_NO_DATA_HOURS = 720

/** Deciding what an experiment does by itself. */
export class AutomationService {
  readonly #experiments: ExperimentRepository
  readonly #viewer: Viewer
  readonly #clock: Clock

  constructor(experiments: ExperimentRepository, viewer: Viewer, clock: Clock) {
    this.#experiments = experiments
    this.#viewer = viewer
    this.#clock = clock
  }

  set(input: SetExperimentAutomationInput): Promise<Experiment> {
    // What it does by itself somebody must be allowed to do by hand.
    this.#viewer.assertCan('experiment:start')
    this.#viewer.assertCan('experiment:complete')
    return this.#experiments.change(input, async (experiment) => {
      if (hasEnded(experiment.status)) {
        throw new DomainError('EXPERIMENT_ENDED', `The experiment ${experiment.key} is ${experiment.status}.`)
      }
      experiment.automation = automationOf(input, experiment.automation)
      this.#schedule(input, experiment)
    })
  }

  #schedule({ scheduledStartAt, scheduledEndAt }: SetExperimentAutomationInput, experiment: Experiment): void {
    const now = this.#clock()
    if (scheduledStartAt !== undefined) {
      if (experiment.status !== 'DRAFT') {
        throw new DomainError(
          'ONLY_IN_DRAFT',
          `The experiment ${experiment.key} is ${experiment.status}; a start is scheduled only in a DRAFT.`,
        )
      }
      experiment.scheduledStartAt = scheduledStartAt
    }
    if (scheduledEndAt !== undefined) {
      if (scheduledEndAt && scheduledEndAt <= now) {
        fail('BAD_USER_INPUT', ['scheduledEndAt'], `is ${scheduledEndAt.toISOString()}; it must lie in the future.`)
      }
      experiment.scheduledEndAt = scheduledEndAt
    }
    const { scheduledStartAt: start, scheduledEndAt: end } = experiment
    if (start && end && end <= start) {
      fail(
        'BAD_USER_INPUT',
        ['scheduledEndAt'],
        `is ${end.toISOString()}; it must lie after the start, ${start.toISOString()}.`,
      )
    }
  }
}

function automationOf(
  { onVerdict, minimumRunHours, promotesWinner, pausesForGuardrails, noDataHours }: SetExperimentAutomationInput,
  current: ExperimentAutomation,
): ExperimentAutomation {
  const next = { ...current }
  if (onVerdict !== undefined) next.onVerdict = onVerdict ?? DEFAULT_AUTOMATION.onVerdict
  if (minimumRunHours !== undefined) {
    next.minimumRunHours = checkInteger(
      ['minimumRunHours'],
      minimumRunHours ?? DEFAULT_AUTOMATION.minimumRunHours,
      0,
      MOST_RUN_HOURS,
    )
  }
  if (promotesWinner !== undefined) next.promotesWinner = promotesWinner ?? DEFAULT_AUTOMATION.promotesWinner
  if (pausesForGuardrails !== undefined) {
    next.pausesForGuardrails = pausesForGuardrails ?? DEFAULT_AUTOMATION.pausesForGuardrails
  }
  if (noDataHours !== undefined) {
    next.noDataHours = noDataHours === null ? null : checkInteger(['noDataHours'], noDataHours, 1, MOST_NO_DATA_HOURS)
  }
  return next
}
