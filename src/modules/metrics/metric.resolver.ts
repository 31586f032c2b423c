import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { Metric } from './metric.entity.ts'
import {
  ArchiveMetricInput,
  CreateMarketingMetricsInput,
  CreateMetricInput,
  DeleteMetricInput,
  UnarchiveMetricInput,
  UpdateMetricInput,
} from './metric.inputs.ts'
import {
  ArchiveMetricResult,
  ArchiveMetricSuccess,
  CreateMarketingMetricsResult,
  CreateMarketingMetricsSuccess,
  CreateMetricResult,
  CreateMetricSuccess,
  DeleteMetricResult,
  DeleteMetricSuccess,
  UnarchiveMetricResult,
  UnarchiveMetricSuccess,
  UpdateMetricResult,
  UpdateMetricSuccess,
} from './metric.payloads.ts'
import type { MetricReadModel } from './metric.read-model.ts'
import type { MetricService } from './metric.service.ts'
import { MetricDefinitionType } from './metric-definition.type.ts'
import { MetricFilter, MetricOrder } from './metric-list.inputs.ts'
import { MetricVersion } from './metric-version.entity.ts'

const MetricConnection = connectionOf(Metric)

/** What these resolvers take from the context of an operation. */
interface Context {
  metrics: MetricService
  metricReads: MetricReadModel
}

@Resolver(() => Metric)
export class MetricResolver {
  @Query(() => Metric, {
    nullable: true,
    description: 'One metric by its key; null if there is none. Needs metric:read.',
  })
  metric(
    @Arg('key', () => String, { description: 'Key of the metric.' }) key: string,
    @Ctx() { metricReads }: Context,
  ): Promise<Metric | null> {
    return metricReads.byKey(key)
  }

  @Query(() => MetricConnection, {
    description: 'The metrics of the organization, newest first unless told. Needs metric:read.',
  })
  metrics(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('filter', () => MetricFilter, { nullable: true, description: 'Which ones; all unless told.' })
    filter: MetricFilter | null,
    @Arg('orderBy', () => MetricOrder, { nullable: true, description: 'Their order.' }) orderBy: MetricOrder | null,
    @Ctx() { metricReads }: Context,
  ): Promise<Page<Metric>> {
    return metricReads.list(pageRequest(args), filter ?? {}, orderBy)
  }

  @Mutation(() => CreateMetricResult, { description: 'Defines a metric. Needs metric:write.' })
  async createMetric(
    @Arg('input', () => CreateMetricInput, { description: 'The definition.' }) input: CreateMetricInput,
    @Ctx() { metrics }: Context,
  ) {
    return Object.assign(new CreateMetricSuccess(), { metric: await metrics.create(input) })
  }

  @Mutation(() => CreateMarketingMetricsResult, {
    description:
      'Defines CTR, conversion rate, CPC, CPA and ROI over the events of a campaign; called again it changes nothing. Needs metric:write.',
  })
  async createMarketingMetrics(
    @Arg('input', () => CreateMarketingMetricsInput, { description: 'The events they are built on.' })
    input: CreateMarketingMetricsInput,
    @Ctx() { metrics }: Context,
  ) {
    return Object.assign(new CreateMarketingMetricsSuccess(), { metrics: await metrics.createMarketingMetrics(input) })
  }

  @Mutation(() => UpdateMetricResult, {
    description:
      'Changes a metric. Another definition becomes its next version: drafts follow it, started experiments keep theirs. Needs metric:write.',
  })
  async updateMetric(
    @Arg('input', () => UpdateMetricInput, { description: 'What changes.' }) input: UpdateMetricInput,
    @Ctx() { metrics }: Context,
  ) {
    return Object.assign(new UpdateMetricSuccess(), { metric: await metrics.update(input) })
  }

  @Mutation(() => ArchiveMetricResult, {
    description: 'Keeps a metric out of new experiments; those that have it go on. Needs metric:write.',
  })
  async archiveMetric(
    @Arg('input', () => ArchiveMetricInput, { description: 'Which metric.' }) input: ArchiveMetricInput,
    @Ctx() { metrics }: Context,
  ) {
    return Object.assign(new ArchiveMetricSuccess(), { metric: await metrics.archive(input) })
  }

  @Mutation(() => UnarchiveMetricResult, {
    description: 'Lets an archived metric be used in new experiments again. Needs metric:write.',
  })
  async unarchiveMetric(
    @Arg('input', () => UnarchiveMetricInput, { description: 'Which metric.' }) input: UnarchiveMetricInput,
    @Ctx() { metrics }: Context,
  ) {
    return Object.assign(new UnarchiveMetricSuccess(), { metric: await metrics.unarchive(input) })
  }

  @Mutation(() => DeleteMetricResult, {
    description: 'Deletes a metric that no experiment has ever used; others are archived instead. Needs metric:write.',
  })
  async deleteMetric(
    @Arg('input', () => DeleteMetricInput, { description: 'Which metric.' }) input: DeleteMetricInput,
    @Ctx() { metrics }: Context,
  ) {
    return Object.assign(new DeleteMetricSuccess(), await metrics.delete(input))
  }

  @FieldResolver(() => MetricDefinitionType, { description: 'What it measures, in its newest version.' })
  async definition(@Root() metric: Metric, @Ctx() { metricReads }: Context): Promise<MetricDefinitionType> {
    return MetricDefinitionType.from(await metricReads.definition(metric.id, metric.latestVersion))
  }

  @FieldResolver(() => [MetricVersion], { description: 'All versions of its definition, newest first.' })
  versions(@Root() metric: Metric): Promise<MetricVersion[]> {
    return metric.versions.loadItems()
  }
}

@Resolver(() => MetricVersion)
export class MetricVersionResolver {
  @FieldResolver(() => MetricDefinitionType, { description: 'What the metric measures in this version.' })
  definition(@Root() version: MetricVersion): MetricDefinitionType {
    return MetricDefinitionType.from(version.definition)
  }
}
