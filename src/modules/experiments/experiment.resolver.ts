import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { Metric } from '../metrics/metric.entity.ts'
import { Experiment } from './experiment.entity.ts'
import { CreateExperimentInput, StartExperimentInput } from './experiment.inputs.ts'
import {
  CreateExperimentResult,
  CreateExperimentSuccess,
  StartExperimentResult,
  StartExperimentSuccess,
} from './experiment.payloads.ts'
import type { ExperimentReadModel } from './experiment.read-model.ts'
import type { ExperimentService } from './experiment.service.ts'
import { ExperimentMetric } from './experiment-metric.entity.ts'
import { Variant } from './variant.entity.ts'

const ExperimentConnection = connectionOf(Experiment)

/** What these resolvers take from the context of an operation. */
interface Context {
  experiments: ExperimentService
  experimentReads: ExperimentReadModel
}

@Resolver(() => Experiment)
export class ExperimentResolver {
  @Query(() => Experiment, { nullable: true, description: 'One experiment by its key; null if there is none.' })
  experiment(
    @Arg('key', () => String, { description: 'Key of the experiment.' }) key: string,
    @Ctx() { experimentReads }: Context,
  ) {
    return experimentReads.byKey(key)
  }

  @Query(() => ExperimentConnection, { description: 'The experiments of the organization, newest first.' })
  experiments(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { experimentReads }: Context,
  ): Promise<Page<Experiment>> {
    return experimentReads.list(pageRequest(args))
  }

  @Mutation(() => CreateExperimentResult, { description: 'Creates an experiment as a draft. Needs experiment:write.' })
  async createExperiment(
    @Arg('input', () => CreateExperimentInput, { description: 'The design.' }) input: CreateExperimentInput,
    @Ctx() { experiments }: Context,
  ) {
    return Object.assign(new CreateExperimentSuccess(), { experiment: await experiments.create(input) })
  }

  @Mutation(() => StartExperimentResult, {
    description: 'Starts a draft: from now on units are assigned. Needs experiment:start.',
  })
  async startExperiment(
    @Arg('input', () => StartExperimentInput, { description: 'Which experiment.' }) input: StartExperimentInput,
    @Ctx() { experiments }: Context,
  ) {
    return Object.assign(new StartExperimentSuccess(), { experiment: await experiments.start(input) })
  }

  @FieldResolver(() => [Variant], { description: 'Its variants, in order.' })
  variants(@Root() experiment: Experiment): Promise<Variant[]> {
    return experiment.variants.loadItems()
  }

  @FieldResolver(() => [ExperimentMetric], { description: 'Its metrics in their roles, in order.' })
  metrics(@Root() experiment: Experiment): Promise<ExperimentMetric[]> {
    return experiment.metrics.loadItems()
  }
}

@Resolver(() => ExperimentMetric)
export class ExperimentMetricResolver {
  @FieldResolver(() => Metric, { description: 'The metric.' })
  metric(@Root() experimentMetric: ExperimentMetric): Promise<Metric> {
    return experimentMetric.metric.loadOrFail()
  }
}
