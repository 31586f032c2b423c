import { Field, ObjectType } from 'type-graphql'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { Metric } from './metric.entity.ts'

@ObjectType({ description: 'The metric was created.' })
export class CreateMetricSuccess {
  @Field(() => Metric, { description: 'The new metric.' })
  metric!: Metric
}

export const CreateMetricResult = resultUnion('CreateMetric', CreateMetricSuccess)
