import { Field, Float, InputType, Int } from 'type-graphql'
import type { DecisionMethod, SpendingFunction } from '../experiments/analysis-plan.ts'
import { DecisionMethodEnum, SpendingFunctionEnum } from '../experiments/analysis-plan.type.ts'
import { MetricDirectionEnum } from '../metrics/metric.enums.ts'
import type { MetricDirection } from '../metrics/metric-definition.ts'

/** What every plan is made of. */
@InputType()
abstract class DesignInput {
  @Field(() => Float, {
    description:
      "Mean of the control, in the metric's unit, at most 1e12 in absolute value; for a proportion its rate, between 0 and 1, from 1e-100 on.",
  })
  baseline!: number

  @Field(() => Float, {
    nullable: true,
    description:
      "Standard deviation of one unit, in the metric's unit, 1e-100 to 1e12; left out for a proportion, whose rate tells it.",
  })
  standardDeviation?: number | null

  @Field(() => [Int], {
    nullable: true,
    description: 'Weights in basis points, the control first; they sum to 10,000. Two equal variants unless told.',
  })
  weightsBasisPoints?: number[] | null

  @Field(() => Float, {
    nullable: true,
    description: 'Two-sided significance level of the experiment, shared among its treatments; 0.05 unless told.',
  })
  alpha?: number | null

  @Field(() => DecisionMethodEnum, {
    nullable: true,
    description:
      "How it will be decided: ALWAYS_VALID unless told. BAYESIAN is planned like FIXED_HORIZON, but with each rate's own variance instead of the pooled one.",
  })
  decisionMethod?: DecisionMethod | null

  @Field(() => SpendingFunctionEnum, {
    nullable: true,
    description: 'How GROUP_SEQUENTIAL spends alpha; OBRIEN_FLEMING unless told.',
  })
  spending?: SpendingFunction | null

  @Field(() => Int, { nullable: true, description: 'Looks of GROUP_SEQUENTIAL, 1 to 200; 50 unless told.' })
  looks?: number | null

  @Field(() => Float, {
    nullable: true,
    description:
      'Correlation of the metric with its covariate from before exposure (CUPED), −1 to 1; 0 unless told, which is without one.',
  })
  covariateCorrelation?: number | null
}

@InputType({ description: 'A comparison to plan, and the effect that it should find.' })
export class PlanSampleSizeInput extends DesignInput {
  @Field(() => Float, {
    description:
      "Smallest absolute difference worth having, in the metric's unit: treatment minus control, of a size from 1e-100 to 1e12.",
  })
  minimumDetectableEffect!: number

  @Field(() => Float, {
    nullable: true,
    description: 'Chance to find that effect, 0.5 to 0.999; 0.8 unless told.',
  })
  power?: number | null
}

@InputType({ description: 'A comparison of a given size, and an effect.' })
export class PlanPowerInput extends DesignInput {
  @Field(() => Float, {
    description: "Absolute difference, in the metric's unit: treatment minus control, of a size from 1e-100 to 1e12.",
  })
  minimumDetectableEffect!: number

  @Field(() => Int, { description: 'Units of all variants together.' })
  totalUnits!: number
}

@InputType({ description: 'A comparison of a given size, and a power.' })
export class PlanEffectInput extends DesignInput {
  @Field(() => Int, { description: 'Units of all variants together.' })
  totalUnits!: number

  @Field(() => Float, { nullable: true, description: 'Chance to find the effect, 0.5 to 0.999; 0.8 unless told.' })
  power?: number | null

  @Field(() => MetricDirectionEnum, {
    nullable: true,
    description: 'Which way the effect goes: INCREASE for a rise, DECREASE for a fall; INCREASE unless told.',
  })
  direction?: MetricDirection | null
}

@InputType({ description: 'A comparison to plan, the effect that it should find, and how fast units come.' })
export class PlanRunTimeInput extends PlanSampleSizeInput {
  @Field(() => Float, {
    nullable: true,
    description: 'New units a day, of all variants together; give this or an experiment.',
  })
  unitsPerDay?: number | null

  @Field(() => String, {
    nullable: true,
    description:
      'Key of an experiment whose traffic is taken: of the last 14 days and today so far, in its time zone, or since its first exposure.',
  })
  likeExperimentKey?: string | null
}
