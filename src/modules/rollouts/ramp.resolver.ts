import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import {
  CompleteRolloutInput,
  PauseRolloutInput,
  ResumeRolloutInput,
  RollBackRolloutInput,
  SetRolloutShareInput,
  SkipRolloutStageInput,
  StartRolloutInput,
} from './ramp.inputs.ts'
import type { RampService } from './ramp.service.ts'
import {
  CompleteRollout,
  PauseRollout,
  ResumeRollout,
  RollBackRollout,
  SetRolloutShare,
  SkipRolloutStage,
  StartRollout,
} from './rollout.payloads.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  ramps: RampService
}

@Resolver()
export class RampResolver {
  @Mutation(() => StartRollout.Result, {
    description: 'Starts a draft with its first stage; the plan is fixed from now on. Needs rollout:ramp.',
  })
  startRollout(
    @Arg('input', () => StartRolloutInput, { description: 'Which rollout.' }) input: StartRolloutInput,
    @Ctx() { ramps }: Context,
  ) {
    return StartRollout.success(ramps.start(input))
  }

  @Mutation(() => PauseRollout.Result, {
    description: 'Pauses: units keep what they have, no stage comes and no check acts. Needs rollout:ramp.',
  })
  pauseRollout(
    @Arg('input', () => PauseRolloutInput, { description: 'Which rollout.' }) input: PauseRolloutInput,
    @Ctx() { ramps }: Context,
  ) {
    return PauseRollout.success(ramps.pause(input))
  }

  @Mutation(() => ResumeRollout.Result, {
    description: 'Goes on after a pause: the stage begins again, with fresh samples. Needs rollout:ramp.',
  })
  resumeRollout(
    @Arg('input', () => ResumeRolloutInput, { description: 'Which rollout.' }) input: ResumeRolloutInput,
    @Ctx() { ramps }: Context,
  ) {
    return ResumeRollout.success(ramps.resume(input))
  }

  @Mutation(() => SkipRolloutStage.Result, {
    description: 'Goes on to the next stage at once, whatever clock and checks say. Needs rollout:ramp.',
  })
  skipRolloutStage(
    @Arg('input', () => SkipRolloutStageInput, { description: 'Which rollout.' }) input: SkipRolloutStageInput,
    @Ctx() { ramps }: Context,
  ) {
    return SkipRolloutStage.success(ramps.skipStage(input))
  }

  @Mutation(() => SetRolloutShare.Result, {
    description:
      'Sets the share by hand. It holds, watched by the health checks, until somebody skips to the next stage above it. Needs rollout:ramp.',
  })
  setRolloutShare(
    @Arg('input', () => SetRolloutShareInput, { description: 'Which rollout, and the share.' })
    input: SetRolloutShareInput,
    @Ctx() { ramps }: Context,
  ) {
    return SetRolloutShare.success(ramps.setShare(input))
  }

  @Mutation(() => CompleteRollout.Result, {
    description: 'Gives the new version to everybody at once; final. Needs rollout:ramp.',
  })
  completeRollout(
    @Arg('input', () => CompleteRolloutInput, { description: 'Which rollout.' }) input: CompleteRolloutInput,
    @Ctx() { ramps }: Context,
  ) {
    return CompleteRollout.success(ramps.complete(input))
  }

  @Mutation(() => RollBackRollout.Result, {
    description: 'Takes everybody off the new version at once; final. Needs rollout:ramp.',
  })
  rollBackRollout(
    @Arg('input', () => RollBackRolloutInput, { description: 'Which rollout.' }) input: RollBackRolloutInput,
    @Ctx() { ramps }: Context,
  ) {
    return RollBackRollout.success(ramps.rollBack(input))
  }
}
