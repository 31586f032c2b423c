import { Field, Float, InputType, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import type { NonInferiorityMargin } from './non-inferiority-margin.ts'

const MarginScaleEnum = describedEnum('MarginScale', 'What a margin is measured in.', {
  ABSOLUTE: 'The unit of the metric.',
  RELATIVE: 'A fraction of the absolute mean of the control, whose own error then counts too.',
})

@ObjectType('NonInferiorityMargin', {
  description: 'How much worse a metric may be in a treatment than in the control.',
})
export class NonInferiorityMarginType implements NonInferiorityMargin {
  @Field(() => Float, { description: 'How much, 0 or more; 0.05 is 5 % where it is RELATIVE.' })
  value!: number

  @Field(() => MarginScaleEnum, { description: 'What it is measured in.' })
  scale!: NonInferiorityMargin['scale']
}

@InputType({ description: 'How much worse a metric may be in a treatment than in the control.' })
export class NonInferiorityMarginInput implements NonInferiorityMargin {
  @Field(() => Float, { description: 'How much: 0 to 1e12 where it is ABSOLUTE, 0 to 10 where it is RELATIVE.' })
  value!: number

  @Field(() => MarginScaleEnum, { description: 'What it is measured in.' })
  scale!: NonInferiorityMargin['scale']
}
