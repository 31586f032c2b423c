import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { Metric } from '../metrics/metric.entity.ts'
import type { MetricReadModel } from '../metrics/metric.read-model.ts'
import { MetricDefinitionType } from '../metrics/metric-definition.type.ts'
import { AddExperimentMetric, RemoveExperimentMetric, UpdateExperimentMetric } from './experiment.payloads.ts'
import { ExperimentMetric } from './experiment-metric.entity.ts'
import {
  AddExperimentMetricInput,
  RemoveExperimentMetricInput,
  UpdateExperimentMetricInput,
} from './experiment-metric.inputs.ts'
import type { ExperimentMetricService } from './experiment-metric.service.ts'

/** What these resolvers take from the context of an operation. */
interface Context {
  experimentMetrics: ExperimentMetricService
  metricReads: MetricReadModel
}

@Resolver(() => ExperimentMetric)
export class ExperimentMetricResolver {
  @Mutation(() => AddExperimentMetric.Result, { description: 'Adds a metric to a draft. Needs experiment:write.' })
  addExperimentMetric(
    @Arg('input', () => AddExperimentMetricInput, { description: 'The metric, and to which experiment.' })
    input: AddExperimentMetricInput,
    @Ctx() { experimentMetrics }: Context,
  ) {
    return AddExperimentMetric.success(experimentMetrics.add(input))
  }

  @Mutation(() => UpdateExperimentMetric.Result, {
    description: 'Gives a metric of a draft another role or margin. Needs experiment:write.',
  })
  updateExperimentMetric(
    @Arg('input', () => UpdateExperimentMetricInput, { description: 'The metric and its role.' })
    input: UpdateExperimentMetricInput,
    @Ctx() { experimentMetrics }: Context,
  ) {
    return UpdateExperimentMetric.success(experimentMetrics.update(input))
  }

  @Mutation(() => RemoveExperimentMetric.Result, {
    description: 'Takes a metric out of a draft. Needs experiment:write.',
  })
  removeExperimentMetric(
    @Arg('input', () => RemoveExperimentMetricInput, { description: 'Which metric.' })
    input: RemoveExperimentMetricInput,
    @Ctx() { experimentMetrics }: Context,
  ) {
    return RemoveExperimentMetric.success(experimentMetrics.remove(input))
  }

  @FieldResolver(() => Metric, { description: 'The metric.' })
  metric(@Root() experimentMetric: ExperimentMetric): Promise<Metric> {
    return experimentMetric.metric.loadOrFail()
  }

  @FieldResolver(() => MetricDefinitionType, {
    description: 'What the metric measures here: in the version kept from the start on, the newest one in a draft.',
  })
  async definition(
    @Root() experimentMetric: ExperimentMetric,
    @Ctx() { metricReads }: Context,
  ): Promise<MetricDefinitionType> {
    const metric = await experimentMetric.metric.loadOrFail()
    const version = experimentMetric.metricVersion ?? metric.latestVersion
    return MetricDefinitionType.from(await metricReads.definition(metric.id, version))
  }
}
