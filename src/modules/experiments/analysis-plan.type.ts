import { Field, Float, Int, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import type { Correction } from '../../statistics/multiplicity/multiple-testing.ts'
import type { AnalysisPlan, CorrectionScope, DecisionMethod, SpendingFunction } from './analysis-plan.ts'
import type { Dimension } from './dimensions.ts'
import { planInWords, type TolerantMetric } from './plan-in-words.ts'

export const DecisionMethodEnum = describedEnum('DecisionMethod', 'Which test gives the verdict.', {
  ALWAYS_VALID: 'The confidence sequence: right however often someone looks.',
  FIXED_HORIZON: 'The classical test: right at exactly one look, planned beforehand.',
  GROUP_SEQUENTIAL: 'Lan–DeMets spending: right over the planned looks, up to a committed maximum sample.',
  BAYESIAN:
    'The chance to be better, given a prior: better from 1 − alpha/2 on, worse from alpha/2 down; not right under repeated looks.',
})

export const SpendingFunctionEnum = describedEnum(
  'SpendingFunction',
  'How a group-sequential test spends its error budget (Lan, DeMets 1983).',
  {
    OBRIEN_FLEMING: 'Hardly anything early, so that the last look is nearly a classical test.',
    POCOCK: 'Nearly evenly: stops early more often, at the price of power.',
    QUADRATIC: 'alpha·t² (Kim, DeMets 1987).',
  },
)

export const CorrectionEnum = describedEnum(
  'Correction',
  'How several comparisons at once are corrected for. GROUP_SEQUENTIAL and BAYESIAN verdicts go by equal shares of alpha with any but NONE; p-values are adjusted by the method.',
  {
    NONE: 'Not at all.',
    BONFERRONI:
      'Each comparison gets an equal share of alpha; the interval of the lift excludes 0 exactly when the verdict is significant.',
    HOLM: 'Family-wise error, step-down (Holm 1979).',
    HOCHBERG: 'Family-wise error, step-up (Hochberg 1988).',
    BENJAMINI_HOCHBERG: 'False discovery rate (1995); e-BH for always-valid evidence.',
    BENJAMINI_YEKUTIELI: 'False discovery rate whatever the dependence (2001); e-BH for always-valid evidence.',
  },
)

export const CorrectionScopeEnum = describedEnum('CorrectionScope', 'Which comparisons are corrected for together.', {
  VARIANTS: 'The treatments within each metric.',
  ROLE: 'All treatments on all metrics of the same role.',
})

@ObjectType({ description: 'What is believed of the relative lift before the data: a normal distribution.' })
export class EffectPrior {
  @Field(() => Float, { description: 'Expected lift, a fraction.' })
  mean!: number

  @Field(() => Float, { description: 'Its standard deviation, a fraction above 0.' })
  standardDeviation!: number
}

@ObjectType('Dimension', { description: 'An attribute of the exposure context by which results can be grouped.' })
export class DimensionType implements Dimension {
  @Field(() => String, { description: 'Name of the attribute.' })
  key!: string

  @Field(() => [String], { description: 'The values that have a slice of their own; all others are together.' })
  values!: string[]
}

@ObjectType('AnalysisPlan', { description: 'How an experiment is judged; frozen when it starts.' })
export class AnalysisPlanType implements AnalysisPlan {
  @Field(() => Int, { description: 'Version of the shape of the plan.' })
  planVersion!: 2

  @Field(() => DecisionMethodEnum, { description: 'Which test gives the verdict.' })
  decisionMethod!: DecisionMethod

  @Field(() => Float, {
    description:
      'Two-sided error budget of the primary metrics, between 0 and 1; intervals have the level 1 − alpha, shared among the comparisons.',
  })
  alpha!: number

  @Field(() => Float, { nullable: true, description: 'Budget of the secondary metrics; null: alpha.' })
  secondaryAlpha!: number | null

  @Field(() => Float, { nullable: true, description: 'Budget of the guardrail metrics; null: alpha.' })
  guardrailAlpha!: number | null

  @Field(() => Float, { description: 'Chance to find the minimum detectable effect that planning aims at.' })
  power!: number

  @Field(() => CorrectionEnum, { description: 'How several comparisons are corrected for.' })
  correction!: Correction

  @Field(() => CorrectionScopeEnum, { description: 'Which comparisons are corrected for together.' })
  correctionScope!: CorrectionScope

  @Field(() => Int, { description: 'Exposed units that each variant needs before a verdict.' })
  minimumSampleSize!: number

  @Field(() => Int, {
    nullable: true,
    description:
      'Planned units of all variants together; tunes the confidence sequence (10,000 when null) and progress.',
  })
  plannedSampleSize!: number | null

  @Field(() => Int, {
    nullable: true,
    description: 'Committed maximum units of all variants together; null unless the test is group-sequential.',
  })
  maximumSampleSize!: number | null

  @Field(() => SpendingFunctionEnum, { description: 'How a group-sequential test spends alpha.' })
  spending!: SpendingFunction

  @Field(() => Int, { description: 'Looks of a group-sequential test, evenly spread over the maximum sample.' })
  looks!: number

  @Field(() => Float, {
    nullable: true,
    description: "Smallest absolute difference worth having, in the primary metric's unit; null: any.",
  })
  minimumDetectableEffect!: number | null

  @Field(() => EffectPrior, { nullable: true, description: 'Of the Bayesian numbers; null: none.' })
  prior!: EffectPrior | null

  @Field(() => [DimensionType], { description: 'By which results can be grouped.' })
  dimensions!: DimensionType[]

  @Field(() => String, {
    nullable: true,
    description:
      'Key of the dimension within whose values rates and means are compared, then averaged (post-stratification); null: over all units at once.',
  })
  stratifyBy!: string | null

  tolerant!: () => Promise<TolerantMetric[]>

  @Field(() => String, { description: 'The whole plan in words, with the margins of the metrics.' })
  async inWords(): Promise<string> {
    return planInWords(this, await this.tolerant())
  }

  /** @param tolerant - finds the metrics that have a margin, should somebody want the words */
  static from(plan: AnalysisPlan, tolerant: () => Promise<TolerantMetric[]>): AnalysisPlanType {
    return Object.assign(new AnalysisPlanType(), { ...plan, tolerant })
  }
}
