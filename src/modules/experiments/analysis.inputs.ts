import { Field, Float, InputType, Int } from 'type-graphql'
import type { Correction } from '../../statistics/multiplicity/multiple-testing.ts'
import type { CorrectionScope, DecisionMethod, SpendingFunction } from './analysis-plan.ts'
import { CorrectionEnum, CorrectionScopeEnum, DecisionMethodEnum, SpendingFunctionEnum } from './analysis-plan.type.ts'
import type { Dimension } from './dimensions.ts'

@InputType({ description: 'A belief about the relative lift before the data: a normal distribution.' })
export class EffectPriorInput {
  @Field(() => Float, { description: 'Expected lift, a fraction of at least −1; 0 for a sceptic.' })
  mean!: number

  @Field(() => Float, { description: 'Its standard deviation, a fraction above 0.' })
  standardDeviation!: number
}

@InputType({ description: 'An attribute of the exposure context by which results can be grouped.' })
export class DimensionInput implements Dimension {
  @Field(() => String, { description: 'Name of the attribute, 1 to 100 characters.' })
  key!: string

  @Field(() => [String], {
    description:
      'Its values that have a slice of their own, 1 to 20 of 1 to 200 characters, numbers and booleans as text; all others are together.',
  })
  values!: string[]
}

@InputType({ description: 'How the experiment is judged; frozen when it starts.' })
export class AnalysisInput {
  @Field(() => DecisionMethodEnum, {
    nullable: true,
    description: 'Which test gives the verdict; ALWAYS_VALID unless told, GROUP_SEQUENTIAL with a maximum sample.',
  })
  decisionMethod?: DecisionMethod | null

  @Field(() => Float, { nullable: true, description: 'Two-sided significance level, 0.0001 to 0.5; 0.05 unless told.' })
  alpha?: number | null

  @Field(() => Float, { nullable: true, description: 'Of secondary metrics; alpha unless told.' })
  secondaryAlpha?: number | null

  @Field(() => Float, { nullable: true, description: 'Of guardrail metrics; alpha unless told.' })
  guardrailAlpha?: number | null

  @Field(() => Float, { nullable: true, description: 'Power that planning aims at, 0.5 to 0.999; 0.8 unless told.' })
  power?: number | null

  @Field(() => CorrectionEnum, {
    nullable: true,
    description: 'How several comparisons are corrected for; BONFERRONI unless told.',
  })
  correction?: Correction | null

  @Field(() => CorrectionScopeEnum, {
    nullable: true,
    description: 'Which comparisons are corrected for together; VARIANTS unless told.',
  })
  correctionScope?: CorrectionScope | null

  @Field(() => Int, {
    nullable: true,
    description: 'Exposed units each variant needs before a verdict; 100 unless told.',
  })
  minimumSampleSize?: number | null

  @Field(() => Int, {
    nullable: true,
    description:
      'Planned units of all variants together; tunes the confidence sequence (10,000 without it) and progress.',
  })
  plannedSampleSize?: number | null

  @Field(() => Int, {
    nullable: true,
    description: 'Committed maximum units of all variants together; GROUP_SEQUENTIAL needs it.',
  })
  maximumSampleSize?: number | null

  @Field(() => SpendingFunctionEnum, {
    nullable: true,
    description: 'How GROUP_SEQUENTIAL spends alpha; OBRIEN_FLEMING unless told.',
  })
  spending?: SpendingFunction | null

  @Field(() => Int, {
    nullable: true,
    description: 'Looks of GROUP_SEQUENTIAL over the maximum sample, 1 to 200; 50 unless told.',
  })
  looks?: number | null

  @Field(() => Float, {
    nullable: true,
    description: "Smallest absolute difference worth having, in the primary metric's unit; any unless told.",
  })
  minimumDetectableEffect?: number | null

  @Field(() => EffectPriorInput, { nullable: true, description: 'For the Bayesian numbers; none unless told.' })
  prior?: EffectPriorInput | null

  @Field(() => [DimensionInput], {
    nullable: true,
    description: 'By which results can be grouped, at most 5; none unless told.',
  })
  dimensions?: DimensionInput[] | null

  @Field(() => String, {
    nullable: true,
    description:
      'Key of one of the dimensions: rates and means are compared within its values, then averaged, which takes out noise that it explains; not unless told.',
  })
  stratifyBy?: string | null
}
