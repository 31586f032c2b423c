import { Field, Float, Int, ObjectType } from 'type-graphql'
import { DateScalar } from '../../shared/scalars.ts'
import type { Correction } from '../../statistics/multiplicity/multiple-testing.ts'
import { CorrectionEnum } from '../experiments/analysis-plan.type.ts'
import { type MetricRole, MetricRoleEnum } from '../experiments/experiment.enums.ts'
import { Variant } from '../experiments/variant.entity.ts'
import { Metric } from '../metrics/metric.entity.ts'
import { NonInferiorityType } from './non-inferiority.type.ts'
import {
  AlwaysValidResult,
  BayesianResult,
  ChiSquareResult,
  ConfidenceInterval,
  CupedResult,
  DifferenceEstimate,
  EffectSize,
  FixedHorizonTestResult,
  GroupSequentialResult,
  NotComputableType,
  RelativeLiftEstimate,
} from './statistics.types.ts'

@ObjectType({ description: 'One metric in one variant.' })
export class VariantResults {
  @Field(() => Variant, { description: 'The variant.' })
  variant!: Variant

  @Field(() => Int, { description: 'Exposed units that count.' })
  units!: number

  @Field(() => Float, {
    description:
      'Converted units (PROPORTION, RETENTION), or the sum over the units of what they contribute; of a RATIO the numerator; of a QUANTILE the number of values.',
  })
  total!: number

  @Field(() => Float, { nullable: true, description: 'Sum of the denominator of a RATIO; null for other kinds.' })
  denominatorTotal!: number | null

  @Field(() => Float, {
    nullable: true,
    description:
      'Rate, mean per unit, ratio, or quantile of the values, in the unit of the metric; null while it does not exist.',
  })
  mean!: number | null

  @Field(() => ConfidenceInterval, {
    nullable: true,
    description: "Of the mean alone: Wilson's for rates, Student's t otherwise; right at one look.",
  })
  interval!: ConfidenceInterval | null

  @Field(() => Float, {
    nullable: true,
    description:
      "Chance that it is the best of all variants with units, the control among them, in the direction of the metric, 0 to 1; they sum to 1. The beliefs are those of `bayesian`: with one treatment it is chanceToBeatControl, and the control's is the rest to 1. Rates in one allocation epoch, without a prior and strata: exactly. Otherwise by the normal beliefs about the differences, which share the error of the control; where a prior pulls at each, epochs had other weights or the plan stratifies, what they share is approximate. Not right under repeated looks. Null for a variant without units, and for all while one that has units cannot be compared with the control.",
  })
  chanceToBeBest!: number | null
}

@ObjectType({ description: 'A treatment against the control, on one metric.' })
export class VariantComparison {
  @Field(() => Variant, { description: 'The treatment.' })
  variant!: Variant

  @Field(() => Boolean, {
    description:
      'The verdict: whether the method of the analysis plan shows a difference, past the minimum sample and the burn-in (25 conversions and 25 units without one in both variants; 100 units for other kinds).',
  })
  isSignificant!: boolean

  @Field(() => DifferenceEstimate, {
    nullable: true,
    description: 'Treatment − control, combined over allocation epochs; null when not computable.',
  })
  difference!: DifferenceEstimate | null

  @Field(() => RelativeLiftEstimate, {
    nullable: true,
    description: 'The difference relative to the control; null when the mean of the control is 0.',
  })
  relativeLift!: RelativeLiftEstimate | null

  @Field(() => FixedHorizonTestResult, {
    nullable: true,
    description: 'The classical test; null when not computable, and where the allocation adapts.',
  })
  test!: FixedHorizonTestResult | null

  @Field(() => AlwaysValidResult, { nullable: true, description: 'The confidence sequence; null when not computable.' })
  alwaysValid!: AlwaysValidResult | null

  @Field(() => GroupSequentialResult, {
    nullable: true,
    description: 'The group-sequential test, if the plan has one; null before its first look.',
  })
  sequential!: GroupSequentialResult | null

  @Field(() => BayesianResult, { nullable: true, description: 'The Bayesian numbers; null when not computable.' })
  bayesian!: BayesianResult | null

  @Field(() => CupedResult, {
    nullable: true,
    description: 'Null unless the metric has a covariate window and units have history.',
  })
  cuped!: CupedResult | null

  @Field(() => EffectSize, { nullable: true, description: 'Null for a RATIO or a QUANTILE, and when not computable.' })
  effectSize!: EffectSize | null

  @Field(() => NonInferiorityType, {
    nullable: true,
    description: 'What is shown about the margin of the metric; null without one.',
  })
  nonInferiority!: NonInferiorityType | null

  @Field(() => NotComputableType, {
    nullable: true,
    description: 'Why something of this comparison is null; null when all of it exists.',
  })
  notComputable!: NotComputableType | null
}

@ObjectType({ description: 'What happened on one day in one variant; counts and sums only.' })
export class MetricSeriesPoint {
  @Field(() => DateScalar, { description: 'Day of the events, in the time zone of the experiment.' })
  day!: string

  @Field(() => Variant, { description: 'The variant.' })
  variant!: Variant

  @Field(() => Int, { description: 'Events that were credited.' })
  events!: number

  @Field(() => Float, { description: 'Sum of the numerator.' })
  numerator!: number

  @Field(() => Float, { description: 'Sum of the denominator; 0 unless the metric is a RATIO.' })
  denominator!: number
}

@ObjectType({ description: 'How comparisons are corrected for being several.' })
export class MultipleTesting {
  @Field(() => CorrectionEnum, { description: 'The method.' })
  correction!: Correction

  @Field(() => Int, { description: 'Comparisons that share the budget.' })
  comparisons!: number

  @Field(() => Float, { description: 'The budget: family-wise error, or false discovery rate.' })
  alpha!: number

  @Field(() => Float, { description: 'What one comparison gets of it for its intervals and boundaries.' })
  alphaPerComparison!: number
}

@ObjectType({ description: 'One metric of an experiment, in all its variants.' })
export class MetricResults {
  @Field(() => Metric, { description: 'The metric.' })
  metric!: Metric

  @Field(() => MetricRoleEnum, { description: 'What it is for in this experiment.' })
  role!: MetricRole

  @Field(() => [VariantResults], { description: 'Each variant, in order, the control among them.' })
  variants!: VariantResults[]

  @Field(() => [VariantComparison], { description: 'Each treatment against the control, in order.' })
  comparisons!: VariantComparison[]

  @Field(() => MultipleTesting, { description: 'How its comparisons are corrected for being several.' })
  multipleTesting!: MultipleTesting

  @Field(() => ChiSquareResult, {
    nullable: true,
    description:
      'All variants at once (PROPORTION and RETENTION only); null when not computable, and where the allocation adapts.',
  })
  overall!: ChiSquareResult | null

  @Field(() => [MetricSeriesPoint], { description: 'By day of the events and variant, in order of time.' })
  series!: MetricSeriesPoint[]
}
