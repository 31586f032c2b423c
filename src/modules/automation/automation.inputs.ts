import { Field, InputType, Int } from 'type-graphql'
import { DateTimeScalar } from '../../shared/scalars.ts'
import type { OnVerdict } from '../experiments/experiment-automation.ts'
import { ExperimentKeyInput } from '../experiments/experiment-key.input.ts'
import { OnVerdictEnum } from './automation.type.ts'

@InputType({
  description:
    'What an experiment does by itself from now on; what is left out stays as it is, null is the default of most.',
})
export class SetExperimentAutomationInput extends ExperimentKeyInput {
  @Field(() => DateTimeScalar, { nullable: true, description: 'Only in a draft: when it starts; null: by hand.' })
  scheduledStartAt?: Date | null

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it is completed, in the future and after its start; null: by hand.',
  })
  scheduledEndAt?: Date | null

  @Field(() => OnVerdictEnum, { nullable: true, description: 'What a verdict makes happen; NOTHING unless told.' })
  onVerdict?: OnVerdict | null

  @Field(() => Int, {
    nullable: true,
    description: 'How long it runs at least before a verdict makes that happen, 0 to 17,520 hours; 168 unless told.',
  })
  minimumRunHours?: number | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether a rollout is drafted for a winning treatment; not unless told.',
  })
  promotesWinner?: boolean | null

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether it is paused once a treatment is shown to be worse on a guardrail than its margin tolerates; it is unless told.',
  })
  pausesForGuardrails?: boolean | null

  @Field(() => Int, {
    nullable: true,
    description: 'Hours after the start without data that raise an alert, 1 to 720; 24 unless told, never for null.',
  })
  noDataHours?: number | null
}
