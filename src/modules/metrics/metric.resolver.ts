import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { Metric } from './metric.entity.ts'
import { CreateMetricInput } from './metric.inputs.ts'
import { CreateMetricResult, CreateMetricSuccess } from './metric.payloads.ts'
import type { MetricService } from './metric.service.ts'

@Resolver(() => Metric)
export class MetricResolver {
  @Mutation(() => CreateMetricResult, { description: 'Defines a metric. Needs metric:write.' })
  async createMetric(
    @Arg('input', () => CreateMetricInput, { description: 'The definition.' }) input: CreateMetricInput,
    @Ctx() { metrics }: { metrics: MetricService },
  ) {
    return Object.assign(new CreateMetricSuccess(), { metric: await metrics.create(input) })
  }
}
