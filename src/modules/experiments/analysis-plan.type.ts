import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql'
import { type AnalysisPlan, type DecisionMethod, planInWords } from './analysis-plan.ts'

export const DecisionMethodEnum = { ALWAYS_VALID: 'ALWAYS_VALID', FIXED_HORIZON: 'FIXED_HORIZON' } as const

registerEnumType(DecisionMethodEnum, {
  name: 'DecisionMethod',
  description: 'Which test gives the verdict.',
  valuesConfig: {
    ALWAYS_VALID: { description: 'The confidence sequence: right however often someone looks.' },
    FIXED_HORIZON: { description: 'The classical test: right at exactly one look, planned beforehand.' },
  },
})

@ObjectType('AnalysisPlan', { description: 'How an experiment is judged; frozen when it starts.' })
export class AnalysisPlanType implements Omit<AnalysisPlan, 'planVersion'> {
  @Field(() => DecisionMethodEnum, { description: 'Which test gives the verdict.' })
  decisionMethod!: DecisionMethod

  @Field(() => Float, {
    description: 'Two-sided significance level, between 0 and 1; intervals have the level 1 − alpha.',
  })
  alpha!: number

  @Field(() => Int, { description: 'Exposed units that each variant needs before a verdict.' })
  minimumSampleSize!: number

  @Field(() => Int, {
    nullable: true,
    description:
      'Planned units of all variants together; tunes the confidence sequence (10,000 when null) and progress.',
  })
  plannedSampleSize!: number | null

  @Field(() => Float, {
    nullable: true,
    description: "Smallest absolute difference worth having, in the primary metric's unit; null: any.",
  })
  minimumDetectableEffect!: number | null

  @Field(() => String, { description: 'The whole plan in words.' })
  inWords!: string

  static from(plan: AnalysisPlan): AnalysisPlanType {
    return Object.assign(new AnalysisPlanType(), { ...plan, inWords: planInWords(plan) })
  }
}
