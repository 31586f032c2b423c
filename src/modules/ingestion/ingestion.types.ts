import { Field, Float, InputType, Int, ObjectType } from 'type-graphql'
import type { ErrorCode } from '../../shared/error-code.ts'
import { ErrorCodeEnum } from '../../shared/errors.graphql.ts'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'

@InputType({ description: 'A unit met a variant.' })
export class ExposureInput {
  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => String, { description: 'Key of the variant that the unit met.' })
  variantKey!: string

  @Field(() => String, { description: 'The unit, 1 to 256 bytes, of the type that the experiment randomizes.' })
  unitId!: string

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When; the time of receipt unless told. Not before the start of the experiment nor after its end.',
  })
  occurredAt?: Date | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'Attributes of the unit at that moment, up to 16 KiB.',
  })
  context?: Record<string, unknown> | null
}

@InputType({ description: 'Exposures, up to 5,000.' })
export class RecordExposuresInput {
  @Field(() => [ExposureInput], { description: 'In any order; repeats tell nothing new and do no harm.' })
  exposures!: ExposureInput[]

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When the batch was sent by the client's clock; times are corrected by what that clock is off.",
  })
  sentAt?: Date | null
}

@InputType({ description: 'A further unit that an event is about.' })
export class UnitInput {
  @Field(() => String, { description: 'Type of the unit, such as `device`.' })
  type!: string

  @Field(() => String, { description: 'The unit, 1 to 256 bytes.' })
  id!: string
}

@InputType({ description: 'Something that a unit did.' })
export class EventInput {
  @Field(() => String, {
    description: '1 to 256 characters, chosen by the client; the first use wins and a repeat counts nothing.',
  })
  idempotencyKey!: string

  @Field(() => String, { description: 'The unit of type `user`, 1 to 256 bytes.' })
  unitId!: string

  @Field(() => String, { description: '1 to 200 characters; metrics read events by it.' })
  name!: string

  @Field(() => Float, {
    nullable: true,
    description: 'Amount, between -1e12 and 1e12, and 0 or at least 1e-30 in size; sums take none as 0.',
  })
  value?: number | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'When; the time of receipt unless told.' })
  occurredAt?: Date | null

  @Field(() => JsonObjectScalar, { nullable: true, description: 'What filters of metrics look at, up to 16 KiB.' })
  properties?: Record<string, unknown> | null

  @Field(() => [UnitInput], {
    nullable: true,
    description: 'Further units of other types that it counts for, up to 5.',
  })
  units?: UnitInput[] | null
}

@InputType({ description: 'Events, up to 5,000.' })
export class TrackEventsInput {
  @Field(() => [EventInput], { description: 'In any order.' })
  events!: EventInput[]

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When the batch was sent by the client's clock; times are corrected by what that clock is off.",
  })
  sentAt?: Date | null
}

@ObjectType({ description: 'An item of a batch that was not taken; the others were.' })
export class RejectedItem {
  @Field(() => Int, { description: 'Its place in the batch, from 0.' })
  index!: number

  @Field(() => ErrorCodeEnum, { description: 'Stable code from the catalogue.' })
  code!: ErrorCode

  @Field(() => String, { description: 'Names the value and the rule.' })
  message!: string
}

@ObjectType({ description: 'What became of a batch. When it is answered, what was accepted is committed.' })
export class Receipt {
  @Field(() => Int, { description: 'Items that told something new.' })
  accepted!: number

  @Field(() => Int, { description: 'Items that were known already.' })
  duplicates!: number

  @Field(() => [RejectedItem], { description: 'Items that were not taken, in the order of the batch.' })
  rejected!: RejectedItem[]
}
