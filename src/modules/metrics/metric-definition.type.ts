import { Field, Float, ObjectType } from 'type-graphql'
import { JsonScalar } from '../../shared/scalars.ts'
import { FilterOperatorEnum, MetricAggregateEnum, MetricDirectionEnum, MetricKindEnum } from './metric.enums.ts'
import type {
  EventSource,
  FilterOperator,
  MetricAggregate,
  MetricDefinition,
  MetricDirection,
  MetricKind,
  PropertyFilter,
} from './metric-definition.ts'

@ObjectType('PropertyFilter', { description: 'A condition on one property of an event.' })
export class PropertyFilterType implements PropertyFilter {
  @Field(() => String, { description: 'Name of the property.' })
  property!: string

  @Field(() => FilterOperatorEnum, { description: 'How it is compared.' })
  operator!: FilterOperator

  @Field(() => JsonScalar, { description: 'A list for IN, one value otherwise.' })
  value!: unknown
}

@ObjectType('EventSource', { description: 'The events that make the denominator of a RATIO.' })
export class EventSourceType implements EventSource {
  @Field(() => String, { description: 'Name of the events.' })
  eventName!: string

  @Field(() => MetricAggregateEnum, { description: 'How the events of a unit become one number.' })
  aggregate!: MetricAggregate

  @Field(() => [PropertyFilterType], { description: 'Only events that meet all of these.' })
  filters!: PropertyFilterType[]
}

@ObjectType('MetricDefinition', { description: 'What a metric measures, in one of its versions.' })
export class MetricDefinitionType implements MetricDefinition {
  @Field(() => MetricKindEnum, { description: 'What it measures, per unit.' })
  kind!: MetricKind

  numerator!: EventSource

  @Field(() => EventSourceType, { nullable: true, description: 'For RATIO the events below the line; else null.' })
  denominator!: EventSourceType | null

  @Field(() => Boolean, {
    description: 'For RATIO: whether the denominator is taken off the numerator, (a − b) / b, as in ROI.',
  })
  netOfDenominator!: boolean

  @Field(() => MetricDirectionEnum, { description: 'Which way is better.' })
  direction!: MetricDirection

  @Field(() => Float, {
    nullable: true,
    description: 'Events count for so many hours after the first exposure of their unit; null: until the end.',
  })
  conversionWindowHours!: number | null

  @Field(() => Float, {
    nullable: true,
    description:
      'For RETENTION: events count from so many hours after the first exposure on, and units from the end of their window on; else null.',
  })
  windowStartHours!: number | null

  @Field(() => Float, {
    nullable: true,
    description:
      'CUPED: what a unit did so many hours before its first exposure takes noise out of the comparison; null: not used.',
  })
  covariateWindowHours!: number | null

  @Field(() => Float, {
    nullable: true,
    description: 'For QUANTILE: which one of the values of the events, between 0 and 1; else null.',
  })
  quantile!: number | null

  @Field(() => Float, {
    nullable: true,
    description: "A unit counts for this much at the most, in the metric's unit; null: uncapped.",
  })
  capPerUnit!: number | null

  @Field(() => String, { description: 'Name of the events it reads; of the numerator for RATIO.' })
  get eventName(): string {
    return this.numerator.eventName
  }

  @Field(() => MetricAggregateEnum, {
    description: 'How the events of a unit become one number; in the numerator for RATIO.',
  })
  get aggregate(): MetricAggregate {
    return this.numerator.aggregate
  }

  @Field(() => [PropertyFilterType], { description: 'Only events that meet all of these; of the numerator for RATIO.' })
  get filters(): PropertyFilter[] {
    return this.numerator.filters
  }

  static from(definition: MetricDefinition): MetricDefinitionType {
    return Object.assign(new MetricDefinitionType(), {
      ...definition,
      netOfDenominator: definition.netOfDenominator ?? false,
      windowStartHours: definition.windowStartHours ?? null,
      covariateWindowHours: definition.covariateWindowHours ?? null,
      quantile: definition.quantile ?? null,
    })
  }
}
