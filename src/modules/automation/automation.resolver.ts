import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { Experiment } from '../experiments/experiment.entity.ts'
import { SetExperimentAutomation } from '../experiments/experiment.payloads.ts'
import { SetExperimentAutomationInput } from './automation.inputs.ts'
import type { AutomationService } from './automation.service.ts'
import { ExperimentAutomationType } from './automation.type.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  automation: AutomationService
}

@Resolver(() => Experiment)
export class AutomationResolver {
  @Mutation(() => SetExperimentAutomation.Result, {
    description:
      'Decides what an experiment does by itself: start and end at a time, stop at a verdict, pause for a guardrail, draft a rollout. Needs experiment:start and experiment:complete.',
  })
  setExperimentAutomation(
    @Arg('input', () => SetExperimentAutomationInput, { description: 'What it does by itself.' })
    input: SetExperimentAutomationInput,
    @Ctx() { automation }: Context,
  ) {
    return SetExperimentAutomation.success(automation.set(input))
  }

  @FieldResolver(() => ExperimentAutomationType, { description: 'What it does by itself.' })
  automation(@Root() experiment: Experiment): ExperimentAutomationType {
    return ExperimentAutomationType.from(experiment)
  }
}
