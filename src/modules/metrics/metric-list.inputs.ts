import { Field, InputType, registerEnumType } from 'type-graphql'
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

export const MetricOrderFieldEnum = { CREATED: 'CREATED', NAME: 'NAME', KEY: 'KEY' } as const

registerEnumType(MetricOrderFieldEnum, {
  name: 'MetricOrderField',
  description: 'What metrics are ordered by.',
  valuesConfig: {
    CREATED: { description: 'When it was created.' },
    NAME: { description: 'Its name.' },
    KEY: { description: 'Its key.' },
  },
})

@InputType({ description: 'The order of a list of metrics.' })
export class MetricOrder {
  @Field(() => MetricOrderFieldEnum, { description: 'What they are ordered by.' })
  field!: keyof typeof MetricOrderFieldEnum

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: OrderDirection
}
