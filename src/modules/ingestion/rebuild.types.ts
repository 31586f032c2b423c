import { Field, InputType, Int, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { Experiment } from '../experiments/experiment.entity.ts'

export const AggregateKindEnum = describedEnum(
  'AggregateKind',
  'The rows that are derived from exposures and events.',
  {
    UNIT_TOTAL: 'What one unit contributes to one metric.',
    UNIT_VALUES: 'The values of one unit for one metric that measures a quantile.',
    DAILY_EXPOSURE: 'Units by variant, epoch and day of first exposure.',
    DAILY_METRIC: 'Sums and products of a metric by variant, epoch and day of first exposure.',
    DAILY_WEIGHTED: 'The same weighted by 1 / propensity, where the allocation adapts.',
    VALUE_HISTOGRAM: 'Values by bucket, of a metric that measures a quantile.',
    EVENT_SERIES: 'Events of a metric by variant and the day that they happened.',
  },
)

export type AggregateKind = keyof typeof AggregateKindEnum

@InputType({ description: 'Which experiment to rebuild.' })
export class RebuildExperimentInput {
  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string
}

@ObjectType({ description: 'How the rows of one kind compare with what the log says.' })
export class AggregateCheck {
  @Field(() => AggregateKindEnum, { description: 'Which rows.' })
  kind!: AggregateKind

  @Field(() => Int, { description: 'Rows that stood, or had to stand.' })
  checked!: number

  @Field(() => Int, { description: 'Rows that were not as the log says, and are now.' })
  differing!: number
}

@ObjectType({ description: 'Everything derived for the experiment is as the log says.' })
export class RebuildExperimentSuccess {
  @Field(() => Experiment, { description: 'The experiment.' })
  experiment!: Experiment

  @Field(() => [AggregateCheck], { description: 'One for each kind of row.' })
  checks!: AggregateCheck[]
}
export const RebuildExperimentResult = resultUnion('RebuildExperiment', RebuildExperimentSuccess)
