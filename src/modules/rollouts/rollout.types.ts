import { Field, Float, Int, ObjectType } from 'type-graphql'
import { DateTimeScalar } from '../../shared/scalars.ts'
import type { CheckStatus, RolloutArm } from './health-check.ts'
import { CheckStatusEnum, RolloutArmEnum, VerdictStatusEnum } from './rollout.enums.ts'
import { RolloutCheck } from './rollout-check.entity.ts'

@ObjectType({ description: 'A stage of a ramp.' })
export class RolloutStage {
  @Field(() => Int, { description: 'Place in the ramp, from 1.' })
  number!: number

  @Field(() => Int, { description: 'Share of units that gets the new version, in basis points.' })
  shareBasisPoints!: number

  @Field(() => Int, { description: 'How long it lasts at least, in seconds.' })
  minimumDurationSeconds!: number

  @Field(() => Boolean, { description: 'Whether the rollout is, or ended, in this stage.' })
  isCurrent!: boolean
}

@ObjectType({ description: 'What a health check says, with all that it rests on.' })
export class HealthCheckAssessment {
  @Field(() => RolloutCheck, { description: 'The check.' })
  check!: RolloutCheck

  @Field(() => CheckStatusEnum, { description: 'What it says.' })
  status!: CheckStatus

  @Field(() => Float, {
    description:
      'Its one-sided error budget in this window: the alpha of the rollout shared among checks, and by 1 / (w (w + 1)) among windows.',
  })
  alpha!: number

  @Field(() => Float, { description: 'Requests, scores or units on the new version.' })
  treatmentSample!: number

  @Field(() => Float, { description: 'The same of the control; 0 for checks against a threshold.' })
  controlSample!: number

  @Field(() => Float, {
    nullable: true,
    description: 'Rate, mean or ratio on the new version; with a quantile the share of requests beyond the limit.',
  })
  treatmentEstimate!: number | null

  @Field(() => Float, { nullable: true, description: 'The same of the control; null against a threshold.' })
  controlEstimate!: number | null

  @Field(() => Float, {
    nullable: true,
    description:
      'The best that the data leave possible, always-valid: of the signal against a THRESHOLD, of the difference treatment − control against CONTROL. The check fails when it lies beyond the limit; null while too little is known.',
  })
  bound!: number | null

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'End of the newest sample of the signal, or the newest exposure; of two arms, of the one that has been silent for longer. Null: one has none.',
  })
  newestAt!: Date | null
}

@ObjectType({ description: 'What was reported of one arm since the present share was set.' })
export class ArmHealth {
  @Field(() => RolloutArmEnum, { description: 'Which requests.' })
  arm!: RolloutArm

  @Field(() => Float, { description: 'How many.' })
  requests!: number

  @Field(() => Float, { nullable: true, description: 'Errors per request, 0 to 1; null without requests.' })
  errorRate!: number | null

  @Field(() => Float, { nullable: true, description: 'Mean latency in milliseconds; null where none was reported.' })
  meanLatencyMs!: number | null

  @Field(() => Float, { nullable: true, description: 'As last reported, in milliseconds; not tested.' })
  p50LatencyMs!: number | null

  @Field(() => Float, { nullable: true, description: 'As last reported, in milliseconds; not tested.' })
  p95LatencyMs!: number | null

  @Field(() => Float, { nullable: true, description: 'As last reported, in milliseconds; not tested.' })
  p99LatencyMs!: number | null

  @Field(() => Float, { nullable: true, description: 'Mean quality score, 0 to 1; null where none was reported.' })
  meanQuality!: number | null

  @Field(() => DateTimeScalar, { description: 'End of the newest sample.' })
  newestAt!: Date
}

@ObjectType({ description: 'How a rollout fares since its present share was set.' })
export class RolloutHealth {
  @Field(() => Int, { description: 'Number of the window in which samples add up; each stage opens a new one.' })
  windowNumber!: number

  @Field(() => DateTimeScalar, { description: 'Since when samples count.' })
  startedAt!: Date

  @Field(() => DateTimeScalar, { description: 'As of when this holds.' })
  assessedAt!: Date

  @Field(() => VerdictStatusEnum, { description: 'What the checks say together.' })
  verdict!: keyof typeof VerdictStatusEnum

  @Field(() => [HealthCheckAssessment], { description: 'Each check, in order.' })
  checks!: HealthCheckAssessment[]

  @Field(() => [ArmHealth], { description: 'The arms of which anything was reported.' })
  arms!: ArmHealth[]
}
