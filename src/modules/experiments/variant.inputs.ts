import { Field, InputType, Int } from 'type-graphql'
import { JsonObjectScalar } from '../../shared/scalars.ts'
import { ExperimentKeyInput } from './experiment-key.input.ts'

@InputType({ description: 'A new variant.' })
export class VariantInput {
  @Field(() => String, { description: '1 to 64 characters of A-Z a-z 0-9 . _ -, unique in the experiment.' })
  key!: string

  @Field(() => String, { nullable: true, description: 'Name for people, 1 to 200 characters; the key unless told.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'What units see or get; up to 5,000 characters.' })
  description?: string | null

  @Field(() => Boolean, { defaultValue: false, description: 'Whether the others are compared with it.' })
  isControl!: boolean

  @Field(() => Int, { description: 'Share of the enrolled units, 0 to 10,000 basis points.' })
  weightBasisPoints!: number

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What the application reads to behave as this variant.',
  })
  config?: Record<string, unknown> | null
}

@InputType({ description: 'A variant for a draft.' })
export class AddVariantInput extends ExperimentKeyInput {
  @Field(() => VariantInput, { description: 'The variant; it comes after the present ones.' })
  variant!: VariantInput
}

@InputType({
  description:
    'Changes to a variant; what is left out stays as it is. Name and description change at any time, the rest only in a draft.',
})
export class UpdateVariantInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the variant.' })
  variantKey!: string

  @Field(() => String, { nullable: true, description: 'Name for people, 1 to 200 characters.' })
  name?: string | null

  @Field(() => String, { nullable: true, description: 'What units see or get; null clears it.' })
  description?: string | null

  @Field(() => Boolean, { nullable: true, description: 'Only in a draft: whether the others are compared with it.' })
  isControl?: boolean | null

  @Field(() => Int, {
    nullable: true,
    description: 'Only in a draft: share of the enrolled units, 0 to 10,000 basis points; later, updateAllocation.',
  })
  weightBasisPoints?: number | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'Only in a draft: what the application reads to behave as this variant; null clears it.',
  })
  config?: Record<string, unknown> | null
}

@InputType({ description: 'A variant to take out of a draft.' })
export class RemoveVariantInput extends ExperimentKeyInput {
  @Field(() => String, { description: 'Key of the variant.' })
  variantKey!: string
}
