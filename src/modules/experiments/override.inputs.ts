import { Field, InputType } from 'type-graphql'
import { ExperimentKeyInput } from './experiment-key.input.ts'

@InputType({ description: 'A unit to force into a variant.' })
export class SetOverrideInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'The unit, 1 to 256 bytes, of the type that the experiment randomizes.' })
  unitId!: string

  @Field(() => String, { description: 'Key of the variant it gets.' })
  variantKey!: string
}

@InputType({ description: 'A unit to be assigned like any other again.' })
export class RemoveOverrideInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'The unit.' })
  unitId!: string
}
