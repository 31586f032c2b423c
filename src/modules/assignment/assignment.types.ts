import { Field, Float, InputType, Int, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { JsonObjectScalar } from '../../shared/scalars.ts'
import { Variant } from '../experiments/variant.entity.ts'
import type { AssignmentReason } from './assign-variant.ts'

export const AssignmentReasonEnum = describedEnum<AssignmentReason>(
  'AssignmentReason',
  'Why a unit got its variant, or none; the first that applies, in this order.',
  {
    NOT_RUNNING: 'No variant: the experiment does not enrol; while paused, assigned units are STICKY.',
    OVERRIDE: 'The variant that an override forces; never analysed.',
    STICKY: 'The variant that the unit was assigned before.',
    TARGETING: 'No variant: the attributes do not meet the targeting condition.',
    HOLDOUT: 'No variant: the unit is held out.',
    LAYER: 'No variant: the unit belongs to another experiment of the layer.',
    TRAFFIC: 'No variant: the unit is outside of the share that is enrolled.',
    ASSIGNED: 'A variant by the algorithm of the experiment, now.',
  },
)

@ObjectType({ description: 'The variant that a unit gets, as the application needs it.' })
export class AssignedVariant {
  @Field(() => String, { description: 'Key of the variant.' })
  key!: string

  @Field(() => Boolean, { description: 'Whether it is the control.' })
  isControl!: boolean

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What the application reads to behave as this variant.',
  })
  config!: Record<string, unknown> | null
}

@ObjectType({ description: 'The decision which variant a unit gets in an experiment.' })
export class Assignment {
  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => String, { description: 'The unit, of the type that the experiment randomizes.' })
  unitId!: string

  @Field(() => AssignmentReasonEnum, { description: 'Why.' })
  reason!: AssignmentReason

  @Field(() => AssignedVariant, { nullable: true, description: 'Null when the unit is not enrolled.' })
  variant!: AssignedVariant | null

  @Field(() => String, {
    nullable: true,
    description: '`experiment:variant`, for logs and other tools; null when the unit is not enrolled.',
  })
  label!: string | null

  @Field(() => Float, {
    nullable: true,
    description: 'Probability with which an enrolled unit got this variant, 0 to 1; null unless just assigned.',
  })
  propensity!: number | null
}

@InputType({ description: 'A unit to decide in one experiment.' })
export class AssignInput {
  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => String, { description: 'The unit, 1 to 256 bytes.' })
  unitId!: string

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What targeting looks at: at most 16 KB of JSON, 8 levels deep.',
  })
  attributes?: Record<string, unknown> | null

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Whether the unit meets the variant now; say false and use recordExposures later otherwise.',
  })
  recordExposure!: boolean
}

@InputType({ description: 'A unit to decide in every running experiment of its type.' })
export class AssignAllInput {
  @Field(() => String, { description: 'The unit, 1 to 256 bytes.' })
  unitId!: string

  @Field(() => String, {
    defaultValue: 'user',
    description: 'Type of the unit; experiments that randomize another are left out.',
  })
  unitType!: string

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What targeting looks at: at most 16 KB of JSON, 8 levels deep.',
  })
  attributes?: Record<string, unknown> | null

  @Field(() => Boolean, { defaultValue: false, description: 'Whether the unit meets all the variants now.' })
  recordExposure!: boolean
}

@InputType({ description: 'A unit to decide in the first running experiment of a tag that enrols it.' })
export class AssignFirstInput extends AssignAllInput {
  @Field(() => String, { description: 'Tag of the experiments, tried in the order of their start.' })
  tag!: string
}

@InputType({ description: 'An assignment to forget.' })
export class ClearAssignmentInput {
  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => String, { description: 'The unit.' })
  unitId!: string
}

@ObjectType({ description: 'The assignment is forgotten.' })
export class ClearAssignmentSuccess {
  @Field(() => Boolean, { description: 'Whether there was one.' })
  cleared!: boolean
}

@ObjectType({ description: 'How many units a variant was assigned in an epoch, against its target.' })
export class AssignmentStatistic {
  @Field(() => Int, { description: 'Number of the allocation epoch.' })
  epoch!: number

  @Field(() => Variant, { description: 'The variant.' })
  variant!: Variant

  @Field(() => Int, { description: 'Units assigned and not cleared.' })
  assigned!: number

  @Field(() => Float, {
    nullable: true,
    description: "Share of the epoch's assigned units, 0 to 1; null when there are none.",
  })
  actualShare!: number | null

  @Field(() => Float, { description: 'Share by the weights of the epoch, 0 to 1.' })
  targetShare!: number
}
