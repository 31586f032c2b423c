import { Field, Float, InputType, Int } from 'type-graphql'
import { JsonScalar } from '../../shared/scalars.ts'
import { FilterOperatorEnum, MetricAggregateEnum, MetricDirectionEnum, MetricKindEnum } from './metric.enums.ts'
import type { FilterOperator, MetricAggregate, MetricDirection, MetricKind } from './metric-definition.ts'

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

/** What a definition may say, new or changed. */
@InputType()
abstract class MetricPartsInput {
  @Field(() => [PropertyFilterInput], { nullable: true, description: 'Only events that meet all of these.' })
  filters?: PropertyFilterInput[] | null

  @Field(() => [PropertyFilterInput], {
    nullable: true,
    description: 'RATIO only: only events of the denominator that meet all of these.',
  })
  denominatorFilters?: PropertyFilterInput[] | null

  @Field(() => Float, {
    nullable: true,
    description: 'RETENTION only: events count from so many hours after the first exposure on; above 0.',
  })
  windowStartHours?: number | null

  @Field(() => Float, {
    nullable: true,
    description:
      'CUPED: hours before the first exposure that a unit is compared with itself by, above 0 up to 2,160; not used unless told. Not for QUANTILE.',
  })
  covariateWindowHours?: number | null

  @Field(() => Float, {
    nullable: true,
    description: 'QUANTILE only, required there: which one, 0.001 to 0.999; 0.95 for the 95th percentile.',
  })
  quantile?: number | null
}

@InputType({ description: 'A new metric.' })
export class CreateMetricInput extends MetricPartsInput {
  @Field(() => String, {
    description: '1 to 64 characters of A-Z a-z 0-9 . _ -, unique in the organization.',
  })
  key!: string

  @Field(() => String, { description: 'Name for people, 1 to 200 characters.' })
  name!: string

  @Field(() => String, { nullable: true, description: 'What it means and why it matters, up to 5,000 characters.' })
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

  @Field(() => String, {
    nullable: true,
    description: 'RATIO only, required there: name of the events of the denominator.',
  })
  denominatorEventName?: string | null

  @Field(() => MetricAggregateEnum, {
    nullable: true,
    description:
      'RATIO only: as the numerator unless told. In a SUM below the line an event without a value counts as 1.',
  })
  denominatorAggregate?: MetricAggregate | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'RATIO only: take the denominator off the numerator, (a − b) / b, as in ROI; not unless told.',
  })
  netOfDenominator?: boolean | null

  @Field(() => MetricDirectionEnum, { nullable: true, description: 'Which way is better; INCREASE unless told.' })
  direction?: MetricDirection | null

  @Field(() => Float, {
    nullable: true,
    description: 'Events count for so many hours after the first exposure; until the end unless told.',
  })
  conversionWindowHours?: number | null

  @Field(() => Float, {
    nullable: true,
    description: "A unit counts for this much at the most, in the metric's unit, 1e-30 to 1e12; uncapped unless told.",
  })
  capPerUnit?: number | null
}

@InputType({
  description: 'Changes to a metric; what is left out stays as it is. A new definition makes a new version.',
})
export class UpdateMetricInput extends MetricPartsInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the caller looked at; the change is refused if there is a newer one.',
  })
  expectedVersion?: number | null

  @Field(() => String, { nullable: true, description: 'Name for people, 1 to 200 characters.' })
  name?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'What it means and why it matters, up to 5,000 characters; null clears it.',
  })
  description?: string | null

  @Field(() => String, { nullable: true, description: 'Name of the events it reads; of the numerator for RATIO.' })
  eventName?: string | null

  @Field(() => MetricAggregateEnum, { nullable: true, description: 'Of the numerator, for RATIO.' })
  aggregate?: MetricAggregate | null

  @Field(() => String, { nullable: true, description: 'RATIO only: name of the events of the denominator.' })
  denominatorEventName?: string | null

  @Field(() => MetricAggregateEnum, { nullable: true, description: 'RATIO only: of the denominator.' })
  denominatorAggregate?: MetricAggregate | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'RATIO only: take the denominator off the numerator, (a − b) / b, as in ROI.',
  })
  netOfDenominator?: boolean | null

  @Field(() => MetricDirectionEnum, { nullable: true, description: 'Which way is better.' })
  direction?: MetricDirection | null

  @Field(() => Float, {
    nullable: true,
    description: 'Events count for so many hours after the first exposure; null: until the end.',
  })
  conversionWindowHours?: number | null

  @Field(() => Float, {
    nullable: true,
    description: "A unit counts for this much at the most, in the metric's unit; null: uncapped.",
  })
  capPerUnit?: number | null
}

@InputType()
abstract class MetricKeyInput {
  @Field(() => String, { description: 'Key of the metric.' })
  metricKey!: string

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the caller looked at; the step is refused if there is a newer one.',
  })
  expectedVersion?: number | null
}

@InputType({ description: 'Which metric to archive.' })
export class ArchiveMetricInput extends MetricKeyInput {}

@InputType({ description: 'Which metric to take out of the archive.' })
export class UnarchiveMetricInput extends MetricKeyInput {}

@InputType({ description: 'Which metric to delete.' })
export class DeleteMetricInput extends MetricKeyInput {}

@InputType({ description: 'The events that the metrics of a campaign are built on.' })
export class CreateMarketingMetricsInput {
  @Field(() => String, {
    defaultValue: '',
    description: 'Put before the keys ctr, conversion_rate, cpc, cpa and roi; characters as in any key.',
  })
  keyPrefix!: string

  @Field(() => String, { defaultValue: 'impression', description: 'Name of the events that say an ad was seen.' })
  impressionEventName!: string

  @Field(() => String, { defaultValue: 'click', description: 'Name of the events that say an ad was clicked.' })
  clickEventName!: string

  @Field(() => String, { defaultValue: 'conversion', description: 'Name of the events that say a unit converted.' })
  conversionEventName!: string

  @Field(() => String, { defaultValue: 'spend', description: 'Name of the events whose value is the money spent.' })
  spendEventName!: string

  @Field(() => String, { defaultValue: 'revenue', description: 'Name of the events whose value is the money earned.' })
  revenueEventName!: string
}
