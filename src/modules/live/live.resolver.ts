import { Arg, Ctx, Resolver, Root, type SubscribeResolverData, Subscription } from 'type-graphql'
import { Experiment } from '../experiments/experiment.entity.ts'
import { ExperimentResults } from '../results/experiment-results.types.ts'
import type { LiveService } from './live.service.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  live: LiveService
}

const KEY = { description: 'Key of the experiment.' }

@Resolver()
export class LiveResolver {
  @Subscription(() => ExperimentResults, {
    description:
      'Live significance: the present results, then newer ones after changes, at most four a second; a slow reader gets the newest. Needs result:read. Ends with EXPERIMENT_DELETED or KEY_REVOKED.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, { experimentKey: string }, Context>) =>
      context.live.results(args.experimentKey),
  })
  experimentResults(
    @Arg('experimentKey', () => String, KEY) _experimentKey: string,
    @Root() results: ExperimentResults,
  ): ExperimentResults {
    return results
  }

  @Subscription(() => Experiment, {
    description:
      'An experiment: now, and after each change of its status or definition. Needs experiment:read. Ends with EXPERIMENT_DELETED or KEY_REVOKED.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, { experimentKey: string }, Context>) =>
      context.live.experiments(args.experimentKey),
  })
  experimentChanged(
    @Arg('experimentKey', () => String, KEY) _experimentKey: string,
    @Root() experimentId: number,
    @Ctx() { live }: Context,
  ): Promise<Experiment> {
    return live.experiment(experimentId)
  }
}
