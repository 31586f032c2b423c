import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Experiment } from '../experiments/experiment.entity.ts'
import { ExperimentResults } from './experiment-results.types.ts'
import type { ResultsLoader } from './results-loader.ts'

/** What this resolver takes from the context of an operation. */
interface Context {
  results: ResultsLoader
}

@Resolver(() => Experiment)
export class ExperimentResultsResolver {
  @FieldResolver(() => ExperimentResults, {
    nullable: true,
    description: 'What is known so far; null before it has started. Needs result:read.',
  })
  results(@Root() experiment: Experiment, @Ctx() { results }: Context): Promise<ExperimentResults | null> {
    return results.of(experiment.id)
  }
}
