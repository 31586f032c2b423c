import { Field, InputType, Int } from 'type-graphql'
import { RolloutKeyInput } from './rollout-key.input.ts'

/** Why a person takes a step. */
@InputType()
abstract class RampStepInput extends RolloutKeyInput {
  @Field(() => String, {
    nullable: true,
    description: 'Why, for the record, the audit log and webhooks; up to 1,000 characters.',
  })
  cause?: string | null
}

@InputType({ description: 'Which rollout to start.' })
export class StartRolloutInput extends RampStepInput {}

@InputType({ description: 'Which rollout to pause.' })
export class PauseRolloutInput extends RampStepInput {}

@InputType({ description: 'Which rollout to resume.' })
export class ResumeRolloutInput extends RampStepInput {}

@InputType({ description: 'Which rollout to give to everybody.' })
export class CompleteRolloutInput extends RampStepInput {}

@InputType({ description: 'Which rollout to take away from everybody.' })
export class RollBackRolloutInput extends RampStepInput {}

@InputType({ description: 'Which rollout goes on to its next stage.' })
export class SkipRolloutStageInput extends RampStepInput {}

@InputType({ description: 'A share set by hand.' })
export class SetRolloutShareInput extends RampStepInput {
  @Field(() => Int, { description: 'Share of units that gets the new version, 0 to 10,000 basis points.' })
  shareBasisPoints!: number
}
