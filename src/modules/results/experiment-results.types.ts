import { Field, Float, Int, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { Variant } from '../experiments/variant.entity.ts'
import type { DecisionReasonCode, Recommendation } from './decision.ts'
import { MetricResults } from './metric-results.types.ts'
import type { Results } from './results.ts'
import { NotComputableType } from './statistics.types.ts'

export const RecommendationEnum = describedEnum('Recommendation', 'What to do with an experiment now.', {
  SHIP: 'Complete it with the winner.',
  ROLL_BACK: 'Every treatment is worse; go back to the control.',
  HOLD: 'Nothing can be shipped on these data; the reasons say why.',
  KEEP_RUNNING: 'It is too early to tell.',
})

const DecisionReasonCodeEnum = describedEnum<DecisionReasonCode>(
  'DecisionReasonCode',
  'Why a recommendation is what it is, or a step was taken.',
  {
    NO_UNITS: 'No unit has been exposed.',
    SAMPLE_RATIO_MISMATCH: 'The units did not arrive in the proportions of the weights.',
    MULTIPLE_VARIANT_UNITS: 'More than 1 % of the units met several variants.',
    MINIMUM_SAMPLE_NOT_REACHED: 'A variant has fewer units than the plan asks for.',
    BURN_IN: 'Too few conversions or units for the test to hold.',
    PLANNED_SAMPLE_NOT_REACHED: 'The classical test is right at one look, which has not come.',
    NOT_SIGNIFICANT: 'No difference from the control is shown.',
    PLANNED_SAMPLE_REACHED: 'The experiment has run its course.',
    BELOW_MINIMUM_DETECTABLE_EFFECT: 'The difference is smaller than the plan finds worth having.',
    BETTER_THAN_CONTROL: 'Significantly better than the control, and by enough.',
    WORSE_THAN_CONTROL: 'Significantly worse than the control.',
    PRIMARY_METRICS_DISAGREE: 'Better on one primary metric, worse on another.',
    GUARDRAIL_WORSE:
      'Worse on a guardrail than is tolerated; a recommendation says so of a treatment that is better on the primary metric.',
    MARGIN_INCONCLUSIVE: 'Better on the primary metric, but not shown to be within the margin of another.',
    BEST_OF_SEVERAL: 'Several treatments win; this one has the largest effect.',
    SCHEDULED_END: 'The experiment was completed by itself at the time that had been set.',
  },
)

@ObjectType({ description: 'One reason of a recommendation, or of a step that was taken.' })
export class DecisionReasonType {
  @Field(() => DecisionReasonCodeEnum, { description: 'Stable code.' })
  code!: DecisionReasonCode

  @Field(() => String, { description: 'For people, with the numbers.' })
  message!: string
}

@ObjectType('Decision', { description: 'What to do with an experiment, and why.' })
export class DecisionType {
  @Field(() => RecommendationEnum, { description: 'What to do now.' })
  recommendation!: Recommendation

  @Field(() => Variant, {
    nullable: true,
    description:
      'The treatment that is significantly better on the first primary metric, by the minimum detectable effect at least, worse on no guardrail, and shown to be within the margin of those that have one; null otherwise.',
  })
  winner!: Variant | null

  @Field(() => [DecisionReasonType], { description: 'Why; at least one.' })
  reasons!: DecisionReasonType[]
}

@ObjectType({ description: 'Units of a variant in an allocation epoch, and how many the weights let expect.' })
export class VariantSampleRatio {
  @Field(() => Variant, { description: 'The variant.' })
  variant!: Variant

  @Field(() => Int, { description: 'Units that came.' })
  units!: number

  @Field(() => Float, { nullable: true, description: 'Units expected; null where the allocation adapts.' })
  expectedUnits!: number | null
}

@ObjectType({ description: 'Sample ratio mismatch in one allocation epoch.' })
export class EpochSampleRatioMismatch {
  @Field(() => Int, { description: 'Number of the epoch.' })
  epoch!: number

  @Field(() => Float, {
    nullable: true,
    description:
      'Chi-square against the weights; where the allocation adapts, of the sums of the inverse propensities. Null when not computable.',
  })
  pValue!: number | null

  @Field(() => Float, {
    nullable: true,
    description:
      'Of the sequential Dirichlet-multinomial test (Lindon and Malek 2022), right at every look. Null when not computable, and where the allocation adapts.',
  })
  alwaysValidPValue!: number | null

  @Field(() => Boolean, { description: 'Whether p < 0.001, or a variant without weight has units.' })
  isMismatch!: boolean

  @Field(() => [VariantSampleRatio], { description: 'Each variant, in order.' })
  variants!: VariantSampleRatio[]

  @Field(() => NotComputableType, { nullable: true, description: 'Why pValue is null.' })
  notComputable!: NotComputableType | null
}

@ObjectType({ description: 'Whether units arrived in the proportions of the weights (Fabijan et al. 2019).' })
export class SampleRatioMismatch {
  @Field(() => Float, { nullable: true, description: 'Smallest p of the epochs; null when not computable.' })
  pValue!: number | null

  @Field(() => Float, {
    nullable: true,
    description:
      'Smallest always-valid p of the epochs, times their number: right at every look, and what alerts go by, at 0.01. Null when not computable, and where the allocation adapts.',
  })
  alwaysValidPValue!: number | null

  @Field(() => Boolean, { description: 'Whether any epoch has a mismatch; no decision is drawn then.' })
  isMismatch!: boolean

  @Field(() => [EpochSampleRatioMismatch], { description: 'Epoch by epoch, in order of time.' })
  epochs!: EpochSampleRatioMismatch[]

  @Field(() => NotComputableType, { nullable: true, description: 'Why pValue is null.' })
  notComputable!: NotComputableType | null
}

@ObjectType({ description: 'Whether the data can be trusted.' })
export class ExperimentHealth {
  @Field(() => SampleRatioMismatch, { description: 'Sample ratio mismatch.' })
  sampleRatioMismatch!: SampleRatioMismatch

  @Field(() => Int, { description: 'Units seen in several variants; they are left out of the analysis.' })
  multipleVariantUnits!: number
}

@ObjectType({ description: 'What a campaign did in one variant; null where no metric of the experiment tells.' })
export class VariantPerformance {
  @Field(() => Variant, { description: 'The variant.' })
  variant!: Variant

  @Field(() => Float, { nullable: true, description: 'Impressions.' })
  impressions!: number | null

  @Field(() => Float, { nullable: true, description: 'Clicks.' })
  clicks!: number | null

  @Field(() => Float, { nullable: true, description: 'Conversions.' })
  conversions!: number | null

  @Field(() => Float, { nullable: true, description: 'Money spent, in the unit of the events.' })
  spend!: number | null

  @Field(() => Float, { nullable: true, description: 'Money earned, in the unit of the events.' })
  revenue!: number | null

  @Field(() => Float, { nullable: true, description: 'CTR: clicks per impression.' })
  clickThroughRate!: number | null

  @Field(() => Float, { nullable: true, description: 'Conversions per click.' })
  conversionRate!: number | null

  @Field(() => Float, { nullable: true, description: 'CPC: spend per click.' })
  costPerClick!: number | null

  @Field(() => Float, { nullable: true, description: 'CPA: spend per conversion.' })
  costPerAcquisition!: number | null

  @Field(() => Float, { nullable: true, description: 'ROI: (revenue − spend) / spend.' })
  returnOnInvestment!: number | null
}

@ObjectType({
  implements: Node,
  description:
    'Everything that is known of an experiment at one moment; the id of those of now is the same at all moments, those of the past have ids of their own.',
})
export class ExperimentResults implements Node {
  experimentId!: number

  /** Of results of the past what stands in their id; null for those of now. Clients keep what they read by its id. */
  pastKey: string | null = null

  @Field(() => String, { description: 'Key of the experiment.' })
  experimentKey!: string

  @Field(() => Float, {
    description:
      'Change counter of the experiment, a whole number that only grows; equal versions have equal numbers, but for those that were recomputed as of different moments.',
  })
  version!: number

  @Field(() => DateTimeScalar, { description: 'When the numbers were computed.' })
  computedAt!: Date

  @Field(() => Int, { description: 'Units that count, of all variants together.' })
  exposedUnits!: number

  @Field(() => [MetricResults], { description: 'Its metrics, in order.' })
  metrics!: MetricResults[]

  @Field(() => [VariantPerformance], {
    description: 'Counts and ratios of each variant, if the experiment has marketing metrics; empty otherwise.',
  })
  performance!: VariantPerformance[]

  @Field(() => ExperimentHealth, { description: 'Whether the data can be trusted.' })
  health!: ExperimentHealth

  @Field(() => DecisionType, { description: 'What to do now, and why.' })
  decision!: DecisionType

  get nodeId(): string {
    return toGlobalId('ExperimentResults', this.pastKey ?? this.experimentId)
  }

  static from(results: Results): ExperimentResults {
    return Object.assign(new ExperimentResults(), results)
  }
}
