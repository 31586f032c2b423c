import { Field, Float, InputType, Int } from 'type-graphql'
import { DateTimeScalar } from '../../shared/scalars.ts'
import type { OnVerdict } from '../experiments/experiment-automation.ts'
import { ExperimentKeyInput } from '../experiments/experiment-key.input.ts'
import { OnVerdictEnum } from './automation.type.ts'

@InputType({ description: 'How much worse a guardrail may be shown before the experiment is paused.' })
export class GuardrailMarginInput {
  @Field(() => String, { description: 'Key of a metric with the role GUARDRAIL in the experiment.' })
  metricKey!: string

  @Field(() => Float, { description: 'Absolute difference in the unit of the metric, 0 to 1e12.' })
  margin!: number
}

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

  @Field(() => [GuardrailMarginInput], {
    nullable: true,
    description: 'Guardrails that pause it, instead of the present ones; none unless told.',
  })
  guardrailMargins?: GuardrailMarginInput[] | null

  @Field(() => Int, {
    nullable: true,
    description: 'Hours after the start without data that raise an alert, 1 to 720; 24 unless told, never for null.',
  })
  noDataHours?: number | null
}
