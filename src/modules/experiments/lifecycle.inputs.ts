import { Field, InputType } from 'type-graphql'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { ExperimentKeyInput } from './experiment-key.input.ts'

@InputType({ description: 'Which experiment to start.' })
export class StartExperimentInput extends ExperimentKeyInput {
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'For an experiment that ran elsewhere: when it started there, in the past. Needs exposure:import.',
  })
  startedAt?: Date | null
}

@InputType({ description: 'Which experiment to pause.' })
export class PauseExperimentInput extends ExperimentKeyInput {}

@InputType({ description: 'Which experiment to resume.' })
export class ResumeExperimentInput extends ExperimentKeyInput {}

@InputType({ description: 'Which experiment to complete, and who won.' })
export class CompleteExperimentInput extends ExperimentKeyInput {
  @Field(() => String, { nullable: true, description: 'Key of the winning variant; none unless told.' })
  winnerVariantKey?: string | null
}

@InputType({ description: 'Which experiment to cancel.' })
export class CancelExperimentInput extends ExperimentKeyInput {}
