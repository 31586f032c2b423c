import { Field, InputType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { type OrderDirection, OrderDirectionEnum } from '../../shared/order.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { ExperimentStatusEnum } from './experiment.enums.ts'
import type { ExperimentStatus } from './experiment-status.ts'

@InputType({ description: 'A span of time, from one moment up to but without another.' })
export class TimeRangeInput {
  @Field(() => DateTimeScalar, { nullable: true, description: 'Not before; open unless told.' })
  from?: Date | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'Before; open unless told.' })
  to?: Date | null
}

@InputType({ description: 'Which experiments; all conditions must hold, what is left out does not matter.' })
export class ExperimentFilter {
  @Field(() => [ExperimentStatusEnum], { nullable: true, description: 'In one of these states.' })
  status?: ExperimentStatus[] | null

  @Field(() => String, { nullable: true, description: 'With this label.' })
  tag?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Text inside key, name or hypothesis, in any case of letters; 1 to 200 characters.',
  })
  text?: string | null

  @Field(() => TimeRangeInput, { nullable: true, description: 'Created in this span.' })
  createdBetween?: TimeRangeInput | null

  @Field(() => TimeRangeInput, { nullable: true, description: 'Started in this span; drafts are left out.' })
  startedBetween?: TimeRangeInput | null
}

export const ExperimentOrderFieldEnum = describedEnum('ExperimentOrderField', 'What experiments are ordered by.', {
  CREATED: 'When it was created.',
  STARTED: 'When it started; drafts come last.',
  NAME: 'Its name.',
  KEY: 'Its key.',
})

@InputType({ description: 'The order of a list of experiments.' })
export class ExperimentOrder {
  @Field(() => ExperimentOrderFieldEnum, { description: 'What they are ordered by.' })
  field!: keyof typeof ExperimentOrderFieldEnum

  @Field(() => OrderDirectionEnum, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: OrderDirection
}
