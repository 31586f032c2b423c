import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { Experiment } from '../experiments/experiment.entity.ts'

export const AggregateKindEnum = {
  UNIT_TOTAL: 'UNIT_TOTAL',
  UNIT_VALUES: 'UNIT_VALUES',
  DAILY_EXPOSURE: 'DAILY_EXPOSURE',
  DAILY_METRIC: 'DAILY_METRIC',
  DAILY_WEIGHTED: 'DAILY_WEIGHTED',
  VALUE_HISTOGRAM: 'VALUE_HISTOGRAM',
  EVENT_SERIES: 'EVENT_SERIES',
} as const

export type AggregateKind = keyof typeof AggregateKindEnum

registerEnumType(AggregateKindEnum, {
  name: 'AggregateKind',
  description: 'The rows that are derived from exposures and events.',
  valuesConfig: {
    UNIT_TOTAL: { description: 'What one unit contributes to one metric.' },
    UNIT_VALUES: { description: 'The values of one unit for one metric that measures a quantile.' },
    DAILY_EXPOSURE: { description: 'Units by variant, epoch and day of first exposure.' },
    DAILY_METRIC: { description: 'Sums and products of a metric by variant, epoch and day of first exposure.' },
    DAILY_WEIGHTED: { description: 'The same weighted by 1 / propensity, where the allocation adapts.' },
    VALUE_HISTOGRAM: { description: 'Values by bucket, of a metric that measures a quantile.' },
    EVENT_SERIES: { description: 'Events of a metric by variant and the day that they happened.' },
  },
})

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
