import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { integerKey } from '../../shared/global-id.ts'
import { AllocationEpoch } from './allocation-epoch.entity.ts'
import { AnalysisPlanType } from './analysis-plan.type.ts'
import { Experiment } from './experiment.entity.ts'
import {
  CloneExperimentInput,
  CreateExperimentInput,
  DeleteExperimentInput,
  UpdateExperimentInput,
} from './experiment.inputs.ts'
import {
  CloneExperimentResult,
  CloneExperimentSuccess,
  CreateExperimentResult,
  CreateExperimentSuccess,
  DeleteExperiment,
  UpdateExperiment,
} from './experiment.payloads.ts'
import type { ExperimentReadModel } from './experiment.read-model.ts'
import type { ExperimentService } from './experiment.service.ts'
import { ExperimentFilter, ExperimentOrder } from './experiment-list.inputs.ts'
import { ExperimentMetric } from './experiment-metric.entity.ts'
import { ExperimentProgress } from './experiment-progress.type.ts'
import { Override } from './override.entity.ts'
import type { TolerantMetric } from './plan-in-words.ts'
import { Variant } from './variant.entity.ts'

const ExperimentConnection = connectionOf(Experiment)

/** What these resolvers take from the context of an operation. */
interface Context {
  experiments: ExperimentService
  experimentReads: ExperimentReadModel
}

@Resolver(() => Experiment)
export class ExperimentResolver {
  @Query(() => Experiment, {
    nullable: true,
    description: 'One experiment, by its key or by its id; null if there is none. Needs experiment:read.',
  })
  async experiment(
    @Arg('key', () => String, { nullable: true, description: 'Key of the experiment.' }) key: string | null,
    @Arg('id', () => ID, { nullable: true, description: 'Id of the experiment.' }) id: string | null,
    @Ctx() { experimentReads }: Context,
  ): Promise<Experiment | null> {
    if ((key == null) === (id == null)) {
      throw new DomainError('BAD_USER_INPUT', 'An experiment is found by key or by id; give one of them.')
    }
    if (key != null) return experimentReads.byKey(key)
    const number = integerKey(id!, 'Experiment')
    return (await experimentReads.byIds(number === null ? [] : [number]))[0] ?? null
  }

  @Query(() => ExperimentConnection, {
    description: 'The experiments of the organization, newest first unless told. Needs experiment:read.',
  })
  experiments(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('filter', () => ExperimentFilter, { nullable: true, description: 'Which ones; all unless told.' })
    filter: ExperimentFilter | null,
    @Arg('orderBy', () => ExperimentOrder, { nullable: true, description: 'Their order.' })
    orderBy: ExperimentOrder | null,
    @Ctx() { experimentReads }: Context,
  ): Promise<Page<Experiment>> {
    return experimentReads.list(pageRequest(args), filter ?? {}, orderBy)
  }

  @Mutation(() => CreateExperimentResult, { description: 'Creates an experiment as a draft. Needs experiment:write.' })
  async createExperiment(
    @Arg('input', () => CreateExperimentInput, { description: 'The design.' }) input: CreateExperimentInput,
    @Ctx() { experiments }: Context,
  ) {
    return Object.assign(new CreateExperimentSuccess(), { experiment: await experiments.create(input) })
  }

  @Mutation(() => UpdateExperiment.Result, {
    description:
      'Changes texts, tags and the planned duration at any time, the rest of the design in a draft. Needs experiment:write.',
  })
  updateExperiment(
    @Arg('input', () => UpdateExperimentInput, { description: 'What changes.' }) input: UpdateExperimentInput,
    @Ctx() { experiments }: Context,
  ) {
    return UpdateExperiment.success(experiments.update(input))
  }

  @Mutation(() => CloneExperimentResult, {
    description:
      'Copies the design, variants and metrics of an experiment in any state into a new draft with its own seed; overrides are not copied. Needs experiment:write.',
  })
  async cloneExperiment(
    @Arg('input', () => CloneExperimentInput, { description: 'Which experiment, and what is new.' })
    input: CloneExperimentInput,
    @Ctx() { experiments }: Context,
  ) {
    return Object.assign(new CloneExperimentSuccess(), { experiment: await experiments.clone(input) })
  }

  @Mutation(() => DeleteExperiment.Result, {
    description:
      'Deletes an experiment that neither runs nor is paused; its key is never used again. Needs experiment:delete.',
  })
  deleteExperiment(
    @Arg('input', () => DeleteExperimentInput, { description: 'Which experiment.' }) input: DeleteExperimentInput,
    @Ctx() { experiments }: Context,
  ) {
    return DeleteExperiment.success(experiments.delete(input))
  }

  @FieldResolver(() => [Variant], { description: 'Its variants, in order.' })
  variants(@Root() experiment: Experiment): Promise<Variant[]> {
    return experiment.variants.loadItems()
  }

  @FieldResolver(() => [ExperimentMetric], { description: 'Its metrics in their roles, in order.' })
  metrics(@Root() experiment: Experiment): Promise<ExperimentMetric[]> {
    return experiment.metrics.loadItems()
  }

  @FieldResolver(() => [Override], { description: 'Units forced into a variant, at most 1,000; oldest first.' })
  overrides(@Root() experiment: Experiment): Promise<Override[]> {
    return experiment.overrides.loadItems()
  }

  @FieldResolver(() => [AllocationEpoch], {
    description: 'Its allocation epochs, in the order of time; none in a draft.',
  })
  epochs(@Root() experiment: Experiment): Promise<AllocationEpoch[]> {
    return experiment.epochs.loadItems()
  }

  @FieldResolver(() => Variant, { nullable: true, description: 'The variant that was declared to have won.' })
  async winner(@Root() experiment: Experiment): Promise<Variant | null> {
    if (experiment.winnerVariantId == null) return null
    const variants = await experiment.variants.loadItems()
    return variants.find((variant) => variant.id === experiment.winnerVariantId) ?? null
  }

  @FieldResolver(() => AnalysisPlanType, { description: 'How it is judged; frozen when it starts.' })
  analysis(@Root() experiment: Experiment): AnalysisPlanType {
    return AnalysisPlanType.from(experiment.analysis, () => tolerantMetrics(experiment))
  }

  @FieldResolver(() => ExperimentProgress, {
    nullable: true,
    description: 'How far it is; null when neither a duration nor a sample size is planned.',
  })
  progress(@Root() experiment: Experiment, @Ctx() { experimentReads }: Context): Promise<ExperimentProgress | null> {
    return experimentReads.progress(experiment)
  }
}

async function tolerantMetrics(experiment: Experiment): Promise<TolerantMetric[]> {
  const used = (await experiment.metrics.loadItems()).filter(({ nonInferiorityMargin }) => nonInferiorityMargin)
  return Promise.all(
    used.map(async ({ metric, nonInferiorityMargin }) => ({
      key: (await metric.loadOrFail()).key,
      margin: nonInferiorityMargin!,
    })),
  )
}
