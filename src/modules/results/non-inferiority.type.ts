import { Field, Float, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import type { NonInferiorityMargin } from '../experiments/non-inferiority-margin.ts'
import { NonInferiorityMarginType } from '../experiments/non-inferiority-margin.type.ts'
import type { NonInferiorityMethod, NonInferiorityReasonCode, NonInferiorityVerdict } from './non-inferiority.ts'
import { ConfidenceInterval } from './statistics.types.ts'

const NonInferiorityVerdictEnum = describedEnum(
  'NonInferiorityVerdict',
  'On which side of its margin a treatment is shown to be.',
  {
    NON_INFERIOR: 'Shown to be not worse than the control by the margin or more.',
    INFERIOR: 'Shown to be worse than the control by more than the margin.',
    INCONCLUSIVE: 'Neither is shown; not to be taken for the absence of harm.',
  },
)

const NonInferiorityMethodEnum = describedEnum(
  'NonInferiorityMethod',
  'What the distance from a margin is tested by.',
  {
    ALWAYS_VALID:
      'One-sided confidence sequences, right however often someone looks; of every plan but the one of the classical test.',
    FIXED_HORIZON: 'The classical test, once its one look has come: at the planned sample, or after the end.',
  },
)

const NonInferiorityReasonCodeEnum = describedEnum<NonInferiorityReasonCode>(
  'NonInferiorityReasonCode',
  'Why a verdict about a margin is what it is.',
  {
    BOUND_INSIDE_MARGIN: 'The lower bound of the distance lies inside the margin.',
    BOUND_BEYOND_MARGIN: 'The upper bound of the distance lies beyond the margin.',
    MARGIN_WITHIN_BOUNDS: 'The margin lies between the bounds.',
    MINIMUM_SAMPLE_NOT_REACHED: 'A variant has fewer units than the plan asks for.',
    BURN_IN: 'Too few conversions or units for the test to hold.',
    NOT_COMPUTABLE: 'There is no distance yet, or a relative margin has no sign.',
  },
)

@ObjectType({ description: 'Why a verdict about a margin is what it is.' })
export class NonInferiorityReason {
  @Field(() => NonInferiorityReasonCodeEnum, { description: 'Stable code.' })
  code!: NonInferiorityReasonCode

  @Field(() => String, { description: 'For people, with the numbers.' })
  message!: string
}

@ObjectType({ description: 'How far a treatment lies inside a margin.' })
export class MarginDistance {
  @Field(() => Float, { description: "Gain over the control plus margin, in the metric's unit; negative beyond it." })
  estimate!: number

  @Field(() => ConfidenceInterval, {
    description: 'A lower and an upper bound, each one-sided with half of 1 − level: above 0 is inside the margin.',
  })
  interval!: ConfidenceInterval
}

@ObjectType('NonInferiority', {
  description:
    'Whether a treatment is shown to be not worse than the control by more than a margin, or shown to be. Only one of both can be false, so that a wrong verdict comes with probability alpha at most.',
})
export class NonInferiorityType {
  @Field(() => NonInferiorityVerdictEnum, { description: 'What is shown.' })
  verdict!: NonInferiorityVerdict

  @Field(() => NonInferiorityReason, { description: 'Why.' })
  reason!: NonInferiorityReason

  @Field(() => NonInferiorityMarginType, { description: 'The margin, as it was fixed at the start.' })
  margin!: NonInferiorityMargin

  @Field(() => Float, {
    nullable: true,
    description: "The margin in the metric's unit, at the mean that the control has now; null without a distance.",
  })
  absoluteMargin!: number | null

  @Field(() => NonInferiorityMethodEnum, { description: 'What it is tested by.' })
  method!: NonInferiorityMethod

  @Field(() => MarginDistance, { nullable: true, description: 'With the bounds used; null when not computable.' })
  distance!: MarginDistance | null

  @Field(() => Float, {
    nullable: true,
    description: 'One-sided, against being worse by the margin or more; valid at every look where the method is.',
  })
  pValue!: number | null

  @Field(() => Float, {
    nullable: true,
    description: 'One-sided, against being worse by the margin or less; valid at every look where the method is.',
  })
  inferiorityPValue!: number | null

  @Field(() => Float, {
    description:
      'What each p-value is held against: half of what the comparison gets of the budget of its role, as a side of its interval does.',
  })
  alpha!: number
}
