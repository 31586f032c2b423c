import { Field, Float, InputType } from 'type-graphql'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import type { RolloutArm } from './health-check.ts'
import { RolloutArmEnum } from './rollout.enums.ts'

@InputType({ description: 'Count, sum and sum of squares of values: all that a test of their mean needs.' })
export class MomentsInput {
  @Field(() => Float, { description: 'How many values; a whole number.' })
  count!: number

  @Field(() => Float, { description: 'Their sum.' })
  sum!: number

  @Field(() => Float, { description: 'The sum of their squares.' })
  sumOfSquares!: number
}

@InputType({ description: 'Requests by latency, as Prometheus and OpenTelemetry keep them.' })
export class LatencyHistogramInput {
  @Field(() => [Float], { description: 'Upper bounds of the buckets in milliseconds, ascending; up to 200.' })
  bounds!: number[]

  @Field(() => [Float], {
    description:
      'Requests in each bucket, not cumulative: one more than bounds, the last for those above all bounds. In a mean each counts as the lower bound of its bucket.',
  })
  counts!: number[]
}

@InputType({ description: 'Percentiles of latency, in milliseconds; shown, not tested.' })
export class LatencyPercentilesInput {
  @Field(() => Float, { nullable: true, description: 'Half of the requests were faster.' })
  p50?: number | null

  @Field(() => Float, { nullable: true, description: '95 % of the requests were faster.' })
  p95?: number | null

  @Field(() => Float, { nullable: true, description: '99 % of the requests were faster.' })
  p99?: number | null
}

@InputType({ description: 'How the requests of one arm fared in a short time.' })
export class HealthSampleInput {
  @Field(() => String, { description: 'Key of the rollout.' })
  rolloutKey!: string

  @Field(() => String, {
    description:
      '1 to 256 characters, chosen by the reporter; the first use for a rollout wins, a repeat counts nothing.',
  })
  idempotencyKey!: string

  @Field(() => RolloutArmEnum, { description: 'Which requests: those on the new version, or the others.' })
  arm!: RolloutArm

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the sample begins; where it ends unless told.' })
  from?: Date | null

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'When the sample ends; the time of receipt unless told, and at the latest. A sample across a change of the share is rejected.',
  })
  to?: Date | null

  @Field(() => Float, { defaultValue: 0, description: 'Requests, a whole number.' })
  requests!: number

  @Field(() => Float, { defaultValue: 0, description: 'Requests that failed, a whole number up to requests.' })
  errors!: number

  @Field(() => MomentsInput, { nullable: true, description: 'Latency in milliseconds; not beside latencyHistogram.' })
  latency?: MomentsInput | null

  @Field(() => LatencyHistogramInput, { nullable: true, description: 'Latency as a histogram; not beside latency.' })
  latencyHistogram?: LatencyHistogramInput | null

  @Field(() => LatencyPercentilesInput, { nullable: true, description: 'Percentiles alone are shown, not tested.' })
  latencyPercentiles?: LatencyPercentilesInput | null

  @Field(() => MomentsInput, {
    nullable: true,
    description: 'Quality scores from 0 to 1, such as 1 for a right answer.',
  })
  quality?: MomentsInput | null
}

@InputType({ description: 'Health samples, up to 5,000.' })
export class ReportRolloutHealthInput {
  @Field(() => [HealthSampleInput], { description: 'In any order, of any rollouts.' })
  samples!: HealthSampleInput[]

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When the batch was sent by the reporter's clock; times are corrected by what that clock is off.",
  })
  sentAt?: Date | null
}

@InputType({ description: 'A unit that met a rollout, on the new version or not.' })
export class RolloutExposureInput {
  @Field(() => String, { description: 'Key of the rollout.' })
  rolloutKey!: string

  @Field(() => String, { description: 'The unit, 1 to 256 bytes, of the type of the rollout.' })
  unitId!: string

  @Field(() => JsonObjectScalar, { nullable: true, description: 'What targeting looked at.' })
  attributes?: Record<string, unknown> | null

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When; the time of receipt unless told. Not before the present share was set.',
  })
  occurredAt?: Date | null
}

@InputType({ description: 'Units that met rollouts, up to 5,000.' })
export class RecordRolloutExposuresInput {
  @Field(() => [RolloutExposureInput], { description: 'In any order; repeats do no harm.' })
  exposures!: RolloutExposureInput[]

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When the batch was sent by the client's clock; times are corrected by what that clock is off.",
  })
  sentAt?: Date | null
}
