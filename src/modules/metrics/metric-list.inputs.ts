import { Field, InputType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { type OrderDirection, OrderDirectionEnum } from '../../shared/order.ts'
import { MetricKindEnum } from './metric.enums.ts'
import type { MetricKind } from './metric-definition.ts'

@InputType({ description: 'Which metrics; all conditions must hold, what is left out does not matter.' })
export class MetricFilter {
  @Field(() => [MetricKindEnum], { nullable: true, description: 'Of one of these kinds.' })
  kind?: MetricKind[] | null

  @Field(() => Boolean, { nullable: true, description: 'Only archived ones, or only those in use.' })
  isArchived?: boolean | null

  @Field(() => String, {
    nullable: true,
    description: 'Text inside key, name or description, in any case of letters.',
  })
  text?: string | null
}

export const MetricOrderFieldEnum = describedEnum('MetricOrderField', 'What metrics are ordered by.', {
  CREATED: 'When it was created.',
  NAME: 'Its name.',
  KEY: 'Its key.',
})

@InputType({ description: 'The order of a list of metrics.' })
export class MetricOrder {
  @Field(() => MetricOrderFieldEnum, { description: 'What they are ordered by.' })
  field!: keyof typeof MetricOrderFieldEnum

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: OrderDirection
}
