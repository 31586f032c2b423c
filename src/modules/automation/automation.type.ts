import { Field, Int, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import type { Experiment } from '../experiments/experiment.entity.ts'
import type { OnVerdict } from '../experiments/experiment-automation.ts'

export const OnVerdictEnum = describedEnum(
  'OnVerdict',
  'What happens when the deciding method has reached its verdict.',
  {
    NOTHING: 'Somebody looks at it.',
    PAUSE: 'Nobody new is assigned until somebody has looked at it.',
    COMPLETE: 'It is completed: with the winner, with the control if every treatment is worse.',
  },
)

@ObjectType('ExperimentAutomation', { description: 'What an experiment does by itself.' })
export class ExperimentAutomationType {
  @Field(() => DateTimeScalar, { nullable: true, description: 'When it starts by itself; null: by hand.' })
  scheduledStartAt!: Date | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it is completed by itself; null: by hand.' })
  scheduledEndAt!: Date | null

  @Field(() => OnVerdictEnum, { description: 'What happens when the deciding method has reached its verdict.' })
  onVerdict!: OnVerdict

  @Field(() => Int, { description: 'How long it runs at least before a verdict makes that happen, in hours.' })
  minimumRunHours!: number

  @Field(() => Boolean, { description: 'Whether a rollout is drafted for a winning treatment.' })
  promotesWinner!: boolean

  @Field(() => Boolean, {
    description: 'Whether it is paused once a treatment is shown to be worse on a guardrail than its margin tolerates.',
  })
  pausesForGuardrails!: boolean

  @Field(() => Int, {
    nullable: true,
    description: 'Hours after the start without data that raise an alert; null: never.',
  })
  noDataHours!: number | null

  static from({ automation, scheduledStartAt, scheduledEndAt }: Experiment): ExperimentAutomationType {
    return Object.assign(new ExperimentAutomationType(), {
      ...automation,
      scheduledStartAt: scheduledStartAt ?? null,
      scheduledEndAt: scheduledEndAt ?? null,
    })
  }
}
