import { Field, ID, ObjectType } from 'type-graphql'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { Metric } from './metric.entity.ts'

@ObjectType({ description: 'The metric was created.' })
export class CreateMetricSuccess {
  @Field(() => Metric, { description: 'The new metric.' })
  metric!: Metric
}

@ObjectType({ description: 'The metric was changed.' })
export class UpdateMetricSuccess {
  @Field(() => Metric, { description: 'The metric after the change.' })
  metric!: Metric
}

@ObjectType({ description: 'The metric is archived.' })
export class ArchiveMetricSuccess {
  @Field(() => Metric, { description: 'The metric after the step.' })
  metric!: Metric
}

@ObjectType({ description: 'The metric can be used again.' })
export class UnarchiveMetricSuccess {
  @Field(() => Metric, { description: 'The metric after the step.' })
  metric!: Metric
}

@ObjectType({ description: 'The metric is gone.' })
export class DeleteMetricSuccess {
  @Field(() => ID, { description: 'The id that the metric had, for caches.' })
  deletedId!: string

  @Field(() => String, { description: 'The key that the metric had; it is free again.' })
  metricKey!: string
}

@ObjectType({ description: 'The five metrics exist.' })
export class CreateMarketingMetricsSuccess {
  @Field(() => [Metric], { description: 'CTR, conversion rate, CPC, CPA and ROI, in this order.' })
  metrics!: Metric[]
}

export const CreateMetricResult = resultUnion('CreateMetric', CreateMetricSuccess)
export const UpdateMetricResult = resultUnion('UpdateMetric', UpdateMetricSuccess)
export const ArchiveMetricResult = resultUnion('ArchiveMetric', ArchiveMetricSuccess)
export const UnarchiveMetricResult = resultUnion('UnarchiveMetric', UnarchiveMetricSuccess)
export const DeleteMetricResult = resultUnion('DeleteMetric', DeleteMetricSuccess)
export const CreateMarketingMetricsResult = resultUnion('CreateMarketingMetrics', CreateMarketingMetricsSuccess)
