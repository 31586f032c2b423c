import { Field, InputType, Int } from 'type-graphql'
import { JsonObjectScalar } from '../../shared/scalars.ts'
import { ExperimentKeyInput } from './experiment-key.input.ts'

@InputType({ description: 'The weight of one variant.' })
export class VariantWeightInput {
  @Field(() => String, { description: 'Key of the variant.' })
  variantKey!: string

  @Field(() => Int, { description: 'Share of the enrolled units, 0 to 10,000 basis points.' })
  weightBasisPoints!: number
}

@InputType({
  description:
    'Who is enrolled and how they are split from now on; what is left out stays as it is. While the experiment runs or is paused, a change opens an allocation epoch.',
})
export class UpdateAllocationInput extends ExperimentKeyInput {
  @Field(() => Int, { nullable: true, description: 'Share of units enrolled, 0 to 10,000 basis points.' })
  trafficBasisPoints?: number | null

  @Field(() => [VariantWeightInput], {
    nullable: true,
    description: 'New weights; variants that are not named keep theirs. All together must sum to 10,000 basis points.',
  })
  weights?: VariantWeightInput[] | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Who is enrolled: one condition in GrowthBook's language; null: everyone.",
  })
  targeting?: Record<string, unknown> | null
}
