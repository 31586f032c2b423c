import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import { ExperimentResults } from './experiment-results.types.ts'
import type { ResultsLoader } from './results-loader.ts'
import type { SlicedResults } from './sliced-results.ts'
import { DimensionResults } from './sliced-results.types.ts'

/** Where results of the past are kept. */
interface StoredResults {
  at(experiment: Experiment, time: Date): Promise<ExperimentResults | null>
}

/** What this resolver takes from the context of an operation. */
interface Context {
  results: ResultsLoader
  resultStates: StoredResults
}

@Resolver(() => Experiment)
export class ExperimentResultsResolver {
  @FieldResolver(() => ExperimentResults, {
    nullable: true,
    description: 'What is known so far; null before it has started. Needs result:read.',
  })
  results(
    @Root() experiment: Experiment,
    @Arg('asOf', () => DateTimeScalar, {
      nullable: true,
      description:
        'How they stood then: the newest stored ones at or before this time, which `computedAt` names; null if none were stored. They are stored every minute in which they change, after a week every hour. What the log says of that time by now is for recomputeResults.',
    })
    asOf: Date | null,
    @Ctx() { results, resultStates }: Context,
  ): Promise<ExperimentResults | null> {
    return asOf ? resultStates.at(experiment, asOf) : results.of(experiment)
  }

  @FieldResolver(() => DimensionResults, {
    nullable: true,
    description:
      'Results within each value of a dimension of the analysis plan; null before it has started. Errors: DIMENSION_UNKNOWN. Needs result:read.',
  })
  resultsByDimension(
    @Root() experiment: Experiment,
    @Arg('dimension', () => String, { description: 'Key of the dimension.' }) dimension: string,
    @Ctx() { results }: Context,
  ): Promise<SlicedResults | null> {
    return results.byDimension(experiment, dimension)
  }
}
