import { Field, Float, InputType, Int } from 'type-graphql'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import type { FailureAction, HealthComparison, HealthSignal } from './health-check.ts'
import { FailureActionEnum, HealthComparisonEnum, HealthSignalEnum } from './rollout.enums.ts'
import { RolloutKeyInput } from './rollout-key.input.ts'

@InputType({ description: 'A stage of a ramp.' })
export class RolloutStageInput {
  @Field(() => Int, { description: 'Share of units, 1 to 10,000 basis points; larger than in the stage before.' })
  shareBasisPoints!: number

  @Field(() => Int, { description: 'How long it lasts at least, in seconds: 0 to 90 days.' })
  minimumDurationSeconds!: number
}

@InputType({ description: 'What must stay healthy while a rollout ramps.' })
export class RolloutHealthCheckInput {
  @Field(() => String, {
    nullable: true,
    description: 'Unique in the rollout; made of signal or metric and comparison unless told.',
  })
  key?: string | null

  @Field(() => HealthSignalEnum, { description: 'What it looks at.' })
  signal!: HealthSignal

  @Field(() => HealthComparisonEnum, { defaultValue: 'THRESHOLD', description: 'What it holds the signal against.' })
  comparison!: HealthComparison

  @Field(() => String, { nullable: true, description: 'Key of the metric; for METRIC, and only for it.' })
  metricKey?: string | null

  @Field(() => Float, {
    nullable: true,
    description:
      'For THRESHOLD the worst healthy value: an error rate of 0.05, a latency of 200 ms, a quality of 0.75 unless told; a metric needs one. For CONTROL how much worse than the control is tolerated: 0 unless told.',
  })
  limit?: number | null

  @Field(() => Float, {
    nullable: true,
    description:
      'For LATENCY against a THRESHOLD: this share of requests, such as 0.95, must be within the limit, by the reported histograms; the mean is looked at unless told.',
  })
  quantile?: number | null

  @Field(() => Int, {
    nullable: true,
    description:
      'Requests, scores or units that each arm needs before a stage may advance; 1,000 unless told, 100 for a metric.',
  })
  minimumSample?: number | null

  @Field(() => FailureActionEnum, { defaultValue: 'ROLL_BACK', description: 'What happens when it fails.' })
  onFailure!: FailureAction
}

@InputType()
abstract class RolloutPlanInput {
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What the application reads on the new version, up to 64 KiB.',
  })
  config?: Record<string, unknown> | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What the application reads where it is not yet, up to 64 KiB.',
  })
  controlConfig?: Record<string, unknown> | null

  @Field(() => String, { nullable: true, description: 'Up to 5,000 characters.' })
  description?: string | null

  @Field(() => String, { nullable: true, description: 'What units are; `user` unless told.' })
  unitType?: string | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Who may get it: one condition in GrowthBook's language; everyone unless told.",
  })
  targeting?: Record<string, unknown> | null

  @Field(() => [RolloutStageInput], {
    nullable: true,
    description:
      'Ascending shares, the last 10,000; 5 % for 2 h, 25 % for 4 h, 50 % for 8 h, 75 % for 12 h and 100 % unless told. Up to 50.',
  })
  stages?: RolloutStageInput[] | null

  @Field(() => [RolloutHealthCheckInput], {
    nullable: true,
    description: 'Up to 100, which share alpha; without any, stages come by the clock alone.',
  })
  healthChecks?: RolloutHealthCheckInput[] | null

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it starts by itself, in the future; by hand unless told.',
  })
  startsAt?: Date | null

  @Field(() => Float, {
    nullable: true,
    description: 'Probability with which a healthy rollout may be stopped by mistake, 0.0001 to 0.4; 0.05 unless told.',
  })
  alpha?: number | null

  @Field(() => Int, {
    nullable: true,
    description: 'Samples older than this hold the stage, 10 to 86,400 seconds; 300 unless told.',
  })
  maximumSampleAgeSeconds?: number | null
}

@InputType({ description: 'A new rollout.' })
export class CreateRolloutInput extends RolloutPlanInput {
  @Field(() => String, { description: '1 to 64 characters of A-Z a-z 0-9 . _ -, unique in the organization.' })
  key!: string

  @Field(() => String, { description: '1 to 200 characters.' })
  name!: string

  @Field(() => String, { description: 'Label of the version that it delivers, 1 to 200 characters.' })
  versionLabel!: string
}

@InputType({
  description:
    'Changes to a rollout; what is left out stays as it is. Name and description change at any time, the rest only in a draft.',
})
export class UpdateRolloutInput extends RolloutPlanInput {
  @Field(() => String, { description: 'Key of the rollout.' })
  rolloutKey!: string

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the caller looked at; the change is refused if it has changed since.',
  })
  expectedVersion?: number | null

  @Field(() => String, { nullable: true, description: '1 to 200 characters.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'Label of the version that it delivers, 1 to 200 characters.' })
  versionLabel?: string | null
}

@InputType({ description: 'Which rollout to delete.' })
export class DeleteRolloutInput extends RolloutKeyInput {}

@InputType({ description: 'A completed experiment whose winner is to reach everybody.' })
export class PromoteWinnerInput {
  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => String, { nullable: true, description: "Key of the rollout; the experiment's unless told." })
  key?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Name of the rollout; made of experiment and winner unless told.',
  })
  name?: string | null
}
