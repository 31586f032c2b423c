import type { Clock } from '../../shared/clock.ts'
import { checkOptionalText } from '../../shared/input-rules.ts'
import { giveReason } from '../../shared/stamp.ts'
import { checkBasisPoints } from '../experiments/experiment-rules.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { SetRolloutShareInput, StartRolloutInput } from './ramp.inputs.ts'
import {
  completeRamp,
  pauseRamp,
  type Ramp,
  type RampChange,
  resumeRamp,
  rollBackRamp,
  setShare,
  skipStage,
  startRamp,
} from './ramp-schedule.ts'
import type { Rollout } from './rollout.entity.ts'
import type { RolloutRepository } from './rollout.repository.ts'
import { rampOf, takeStep } from './take-step.ts'

/** The steps that people take with a rollout. */
export class RampService {
  readonly #rollouts: RolloutRepository
  readonly #viewer: Viewer
  readonly #clock: Clock

  constructor(rollouts: RolloutRepository, viewer: Viewer, clock: Clock) {
    this.#rollouts = rollouts
    this.#viewer = viewer
    this.#clock = clock
  }

  start(input: StartRolloutInput): Promise<Rollout> {
    return this.#step(input, 'Started by hand.', startRamp)
  }

  pause(input: StartRolloutInput): Promise<Rollout> {
    return this.#step(input, 'Paused by hand.', pauseRamp)
  }

  resume(input: StartRolloutInput): Promise<Rollout> {
    return this.#step(input, 'Resumed by hand.', resumeRamp)
  }

  complete(input: StartRolloutInput): Promise<Rollout> {
    return this.#step(input, 'Completed by hand.', completeRamp)
  }

  rollBack(input: StartRolloutInput): Promise<Rollout> {
    return this.#step(input, 'Rolled back by hand.', rollBackRamp)
  }

  skipStage(input: StartRolloutInput): Promise<Rollout> {
    return this.#step(input, 'Skipped to the next stage by hand.', skipStage)
  }

  setShare(input: SetRolloutShareInput): Promise<Rollout> {
    const share = checkBasisPoints(['shareBasisPoints'], input.shareBasisPoints)
    return this.#step(input, 'Share set by hand.', (ramp) => setShare(ramp, share))
  }

  #step(input: StartRolloutInput, usual: string, step: (ramp: Ramp, now: Date) => RampChange): Promise<Rollout> {
    this.#viewer.assertCan('rollout:ramp')
    const told = checkOptionalText(['cause'], input.cause, { max: 1_000 })
    return this.#rollouts.change(input, async (rollout, em, record) => {
      const at = this.#clock()
      if (told) giveReason(em, told)
      await takeStep(em, record, rollout, step(rampOf(rollout), at), { at, cause: told || usual, evidence: null })
    })
  }
}
