import { Field, Float, Int, ObjectType } from 'type-graphql'

@ObjectType({
  description:
    'How many units a comparison needs. A verdict waits for the burn-in and the minimum sample size too, which rare events may take more for.',
})
export class SamplePlan {
  @Field(() => Float, {
    description:
      'Units of all variants together, a whole number below 2^53; for ALWAYS_VALID the sample to plan, which the confidence sequence is tuned to, for GROUP_SEQUENTIAL the maximum to commit to.',
  })
  totalUnits!: number

  @Field(() => [Float], { description: 'Units of each variant, whole numbers, in the order of the weights.' })
  unitsPerVariant!: number[]

  @Field(() => Float, {
    description:
      'Units that it will take on average, if the effect is as planned; below the total only for GROUP_SEQUENTIAL.',
  })
  expectedUnits!: number

  @Field(() => Float, { description: 'Significance level of each treatment.' })
  alphaPerComparison!: number
}

@ObjectType({ description: 'The chance that a comparison finds an effect.' })
export class PowerPlan {
  @Field(() => Float, {
    description:
      'Of the treatment with the smallest weight, 0 to 1; for ALWAYS_VALID at the last look of an experiment whose plannedSampleSize is this total, which is less than over all looks.',
  })
  power!: number

  @Field(() => Float, { description: 'Significance level of each treatment.' })
  alphaPerComparison!: number
}

@ObjectType({ description: 'The smallest effect that a comparison finds.' })
export class EffectPlan {
  @Field(() => Float, {
    description:
      "Absolute difference, treatment minus control in the metric's unit, of the treatment with the smallest weight; negative for a fall.",
  })
  minimumDetectableEffect!: number

  @Field(() => Float, {
    nullable: true,
    description: 'The same over the absolute baseline; a fraction. Null for a baseline of 0, or one too close to it.',
  })
  relativeEffect!: number | null

  @Field(() => Float, { description: 'Significance level of each treatment.' })
  alphaPerComparison!: number
}

@ObjectType({ description: 'How long a comparison takes.' })
export class RunTimePlan {
  @Field(() => Int, { description: 'Whole days until the sample is reached.' })
  days!: number

  @Field(() => Float, {
    description:
      'New units a day, as given or as they came in the last 14 days; at least a whole day is reckoned with.',
  })
  unitsPerDay!: number

  @Field(() => SamplePlan, { description: 'The sample.' })
  sample!: SamplePlan
}
