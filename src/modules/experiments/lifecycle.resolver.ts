import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import {
  CancelExperiment,
  CompleteExperiment,
  PauseExperiment,
  ResumeExperiment,
  StartExperiment,
} from './experiment.payloads.ts'
import {
  CancelExperimentInput,
  CompleteExperimentInput,
  PauseExperimentInput,
  ResumeExperimentInput,
  StartExperimentInput,
} from './lifecycle.inputs.ts'
import type { LifecycleService } from './lifecycle.service.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  lifecycle: LifecycleService
}

@Resolver()
export class LifecycleResolver {
  @Mutation(() => StartExperiment.Result, {
    description:
      'Starts a draft: from now on units are assigned; metrics, analysis and time zone are fixed. Needs experiment:start.',
  })
  startExperiment(
    @Arg('input', () => StartExperimentInput, { description: 'Which experiment.' }) input: StartExperimentInput,
    @Ctx() { lifecycle }: Context,
  ) {
    return StartExperiment.success(lifecycle.start(input))
  }

  @Mutation(() => PauseExperiment.Result, {
    description: 'Pauses: nobody new is assigned; assigned units keep their variant and count. Needs experiment:start.',
  })
  pauseExperiment(
    @Arg('input', () => PauseExperimentInput, { description: 'Which experiment.' }) input: PauseExperimentInput,
    @Ctx() { lifecycle }: Context,
  ) {
    return PauseExperiment.success(lifecycle.pause(input))
  }

  @Mutation(() => ResumeExperiment.Result, { description: 'Goes on after a pause. Needs experiment:start.' })
  resumeExperiment(
    @Arg('input', () => ResumeExperimentInput, { description: 'Which experiment.' }) input: ResumeExperimentInput,
    @Ctx() { lifecycle }: Context,
  ) {
    return ResumeExperiment.success(lifecycle.resume(input))
  }

  @Mutation(() => CompleteExperiment.Result, {
    description: 'Ends with a result, and a winner if there is one; final. Needs experiment:complete.',
  })
  completeExperiment(
    @Arg('input', () => CompleteExperimentInput, { description: 'Which experiment, and who won.' })
    input: CompleteExperimentInput,
    @Ctx() { lifecycle }: Context,
  ) {
    return CompleteExperiment.success(lifecycle.complete(input))
  }

  @Mutation(() => CancelExperiment.Result, {
    description: 'Ends without a result, from any unfinished state; final. Needs experiment:complete.',
  })
  cancelExperiment(
    @Arg('input', () => CancelExperimentInput, { description: 'Which experiment.' }) input: CancelExperimentInput,
    @Ctx() { lifecycle }: Context,
  ) {
    return CancelExperiment.success(lifecycle.cancel(input))
  }
}
