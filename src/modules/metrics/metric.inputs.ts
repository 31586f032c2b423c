import { Field, Float, InputType, registerEnumType } from 'type-graphql'
import { JsonScalar } from '../../shared/scalars.ts'
import { MetricKindEnum } from './metric.entity.ts'
import type { FilterOperator, MetricAggregate, MetricDirection, MetricKind } from './metric-definition.ts'

export const MetricAggregateEnum = { SUM: 'SUM', COUNT: 'COUNT' } as const
registerEnumType(MetricAggregateEnum, {
  name: 'MetricAggregate',
  description: 'How the events of a unit become one number.',
  valuesConfig: { SUM: { description: 'The sum of their values.' }, COUNT: { description: 'How many there are.' } },
})

export const MetricDirectionEnum = { INCREASE: 'INCREASE', DECREASE: 'DECREASE' } as const
registerEnumType(MetricDirectionEnum, {
  name: 'MetricDirection',
  description: 'Which way is better.',
  valuesConfig: { INCREASE: { description: 'More is better.' }, DECREASE: { description: 'Less is better.' } },
})

export const FilterOperatorEnum = {
  EQUALS: 'EQUALS',
  IN: 'IN',
  GREATER_THAN: 'GREATER_THAN',
  GREATER_OR_EQUAL: 'GREATER_OR_EQUAL',
  LESS_THAN: 'LESS_THAN',
  LESS_OR_EQUAL: 'LESS_OR_EQUAL',
} as const
registerEnumType(FilterOperatorEnum, {
  name: 'FilterOperator',
  description: 'How a property is compared.',
  valuesConfig: {
    EQUALS: { description: 'Equal to the value.' },
    IN: { description: 'Equal to one of the values of a list.' },
    GREATER_THAN: { description: 'A number greater than the value.' },
    GREATER_OR_EQUAL: { description: 'A number not less than the value.' },
    LESS_THAN: { description: 'A number less than the value.' },
    LESS_OR_EQUAL: { description: 'A number not greater than the value.' },
  },
})

@InputType({ description: 'A condition on one property of an event.' })
export class PropertyFilterInput {
  @Field(() => String, { description: 'Name of the property.' })
  property!: string

  @Field(() => FilterOperatorEnum, { description: 'How it is compared.' })
  operator!: FilterOperator

  @Field(() => JsonScalar, {
    description: 'A list for IN, a number for the orders, a text, number or boolean for EQUALS.',
  })
  value!: unknown
}

@InputType({ description: 'A new metric.' })
export class CreateMetricInput {
  @Field(() => String, {
    description: '1 to 64 characters of A-Z a-z 0-9 . _ -, unique in the organization, never reused.',
  })
  key!: string

  @Field(() => String, { description: 'Name for people.' })
  name!: string

  @Field(() => String, { nullable: true, description: 'What it means and why it matters.' })
  description?: string | null

  @Field(() => MetricKindEnum, { description: 'What it measures; fixed for all versions.' })
  kind!: MetricKind

  @Field(() => String, { description: 'Name of the events it reads; of the numerator for RATIO.' })
  eventName!: string

  @Field(() => MetricAggregateEnum, {
    nullable: true,
    description: 'Of the numerator for RATIO, SUM unless told; other kinds fix it.',
  })
  aggregate?: MetricAggregate | null

  @Field(() => [PropertyFilterInput], { nullable: true, description: 'Only events that meet all of these.' })
  filters?: PropertyFilterInput[] | null

  @Field(() => String, {
    nullable: true,
    description: 'RATIO only, required there: name of the events of the denominator.',
  })
  denominatorEventName?: string | null

  @Field(() => MetricAggregateEnum, { nullable: true, description: 'RATIO only: SUM unless told.' })
  denominatorAggregate?: MetricAggregate | null

  @Field(() => [PropertyFilterInput], {
    nullable: true,
    description: 'RATIO only: only events of the denominator that meet all of these.',
  })
  denominatorFilters?: PropertyFilterInput[] | null

  @Field(() => MetricDirectionEnum, { nullable: true, description: 'Which way is better; INCREASE unless told.' })
  direction?: MetricDirection | null

  @Field(() => Float, {
    nullable: true,
    description: 'Events count for so many hours after the first exposure; until the end unless told.',
  })
  conversionWindowHours?: number | null

  @Field(() => Float, {
    nullable: true,
    description: "A unit counts for this much at the most, in the metric's unit; uncapped unless told.",
  })
  capPerUnit?: number | null
}
