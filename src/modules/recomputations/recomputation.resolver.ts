import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import { ExperimentResults } from '../results/experiment-results.types.ts'
import type { RecomputationReadModel } from './recomputation.read-model.ts'
import type { RecomputationService } from './recomputation.service.ts'
import {
  RecomputationFailure,
  RecomputeResultsInput,
  RecomputeResultsResult,
  RecomputeResultsSuccess,
} from './recomputation.types.ts'
import { ResultsRecomputation } from './results-recomputation.entity.ts'

const ResultsRecomputationConnection = connectionOf(ResultsRecomputation)

/** What these resolvers take from the context of an operation. */
interface Context {
  recomputations: RecomputationService
  recomputationReads: RecomputationReadModel
}

@Resolver(() => ResultsRecomputation)
export class RecomputationResolver {
  @Mutation(() => RecomputeResultsResult, {
    description:
      'Has the results of a started experiment computed again from its exposures and the log of events, as they would have been at a moment of the past if everything had arrived by then; ingestion does not wait for it. An organization has 10 of these queued or running at the most. Needs result:recompute.',
  })
  async recomputeResults(
    @Arg('input', () => RecomputeResultsInput, { description: 'Which results.' }) input: RecomputeResultsInput,
    @Ctx() { recomputations }: Context,
  ) {
    return Object.assign(new RecomputeResultsSuccess(), { recomputation: await recomputations.request(input) })
  }

  @Query(() => ResultsRecomputation, {
    nullable: true,
    description: 'How far a recomputation is, and what came of it; null if there is none. Needs result:read.',
  })
  resultsRecomputation(
    @Arg('id', () => ID, { description: 'Id of the recomputation.' }) id: string,
    @Ctx() { recomputationReads }: Context,
  ): Promise<ResultsRecomputation | null> {
    return recomputationReads.byId(id)
  }

  @FieldResolver(() => Experiment, { description: 'The experiment.' })
  experiment(@Root() { experiment }: ResultsRecomputation): Promise<Experiment> {
    return experiment.loadOrFail()
  }

  @FieldResolver(() => ExperimentResults, {
    nullable: true,
    description:
      'The results; null unless it succeeded. They say that they were computed at `asOf`, and their version is the change counter of what they were read from.',
  })
  results(
    @Root() recomputation: ResultsRecomputation,
    @Ctx() { recomputationReads }: Context,
  ): Promise<ExperimentResults | null> {
    return recomputationReads.results(recomputation)
  }

  @FieldResolver(() => RecomputationFailure, { nullable: true, description: 'Why it failed; null unless it did.' })
  failure(@Root() { failureCode, failureMessage }: ResultsRecomputation): RecomputationFailure | null {
    if (failureCode == null) return null
    return Object.assign(new RecomputationFailure(), { code: failureCode, message: failureMessage })
  }
}

@Resolver(() => Experiment)
export class ExperimentRecomputationResolver {
  @FieldResolver(() => ResultsRecomputationConnection, {
    description: 'Results of the past that were asked for, newest request first. Needs result:read.',
  })
  recomputations(
    @Root() { id }: Experiment,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { recomputationReads }: Context,
  ): Promise<Page<ResultsRecomputation>> {
    return recomputationReads.list(id, pageRequest(args))
  }
}
