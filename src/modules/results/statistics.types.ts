import { Field, Float, Int, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import type { EffectSizeName, TestName } from './comparison.ts'

const TestNameEnum = describedEnum('TestName', 'The classical test of a metric.', {
  TWO_PROPORTION_Z: 'z-test of two proportions with the pooled variance (PROPORTION, RETENTION).',
  WELCH_T: "Welch's t-test (MEAN, COUNT).",
  DELTA_METHOD_Z: 'z-test of two ratios, their variances by the delta method (RATIO).',
  QUANTILE_Z:
    'z-test of two quantiles of events, their variances from the density at the quantile and clustered by unit (QUANTILE).',
})

const EffectSizeNameEnum = describedEnum(
  'EffectSizeName',
  'A size of an effect that does not depend on the unit of the metric.',
  {
    COHENS_H: 'Of two proportions: 2 asin √p_t − 2 asin √p_c.',
    COHENS_D: 'Of two means: their difference over the pooled standard deviation.',
  },
)

@ObjectType({ description: 'A confidence interval.' })
export class ConfidenceInterval {
  @Field(() => Float, { description: 'Lower limit, in the unit of the estimate.' })
  lower!: number

  @Field(() => Float, { description: 'Upper limit, in the unit of the estimate.' })
  upper!: number

  @Field(() => Float, {
    description:
      'Probability with which it covers the truth: 1 − alpha: of a comparison, what it gets of its budget (multipleTesting.alphaPerComparison); of a single variant, the alpha of the plan.',
  })
  level!: number
}

@ObjectType({ description: 'A difference with its interval.' })
export class DifferenceEstimate {
  @Field(() => Float, { description: "Treatment − control, in the metric's unit." })
  estimate!: number

  @Field(() => ConfidenceInterval, {
    description: 'Classical interval, right at one look; always-valid where the allocation adapts.',
  })
  interval!: ConfidenceInterval
}

@ObjectType({
  description:
    'A difference relative to the control. Where a group-sequential test decides, estimate and interval are those of the look at which the verdict stands: the first that crossed its boundary, or else the last; before a look on which alpha can be spent, they are those of now, by the confidence sequence. With any other method they are those of now.',
})
export class RelativeLiftEstimate {
  @Field(() => Float, { description: 'Difference over the absolute mean of the control: 0.05 is +5 %.' })
  estimate!: number

  @Field(() => ConfidenceInterval, {
    nullable: true,
    description:
      "Fieller's interval with the variance and critical value of the deciding test (BAYESIAN: of the classical one, whose level its chances are held against), so that it excludes 0 exactly when that test is significant at 1 − level; null where it is unbounded. Where HOLM, HOCHBERG or a BENJAMINI correction adjusts the p-values of several comparisons, the verdict goes by these, and the interval stays Bonferroni's.",
  })
  interval!: ConfidenceInterval | null

  @Field(() => Float, {
    nullable: true,
    description: 'Share of the maximum sample at the look that it is of, 0 to 1; null where it is of now.',
  })
  informationFraction!: number | null
}

@ObjectType({ description: 'The classical test of no difference, right at exactly one look.' })
export class FixedHorizonTestResult {
  @Field(() => TestNameEnum, { description: 'Which test.' })
  name!: TestName

  @Field(() => Float, { description: 'z, or t where there are degrees of freedom.' })
  statistic!: number

  @Field(() => Float, { nullable: true, description: 'Welch–Satterthwaite; null for z.' })
  degreesOfFreedom!: number | null

  @Field(() => Float, { description: 'Two-sided, 0 to 1.' })
  pValue!: number

  @Field(() => Float, {
    description:
      'Adjusted by the correction of the plan for all comparisons of the budget, those without data yet among them; at most 1.',
  })
  adjustedPValue!: number

  @Field(() => Boolean, {
    description: 'Whether adjustedPValue is at most the alpha of the plan; what this test alone says.',
  })
  isSignificant!: boolean
}

@ObjectType({
  description:
    'The confidence sequence, right however often someone looks (Waudby-Smith et al. 2024, arXiv 2103.06476).',
})
export class AlwaysValidResult {
  @Field(() => Float, { description: 'Two-sided, 0 to 1, valid at every look.' })
  pValue!: number

  @Field(() => Float, {
    description:
      'Adjusted by the correction of the plan for all comparisons of the budget, those without data yet among them; at most 1.',
  })
  adjustedPValue!: number

  @Field(() => Boolean, {
    description: 'Whether adjustedPValue is at most the alpha of the plan; what the sequence alone says.',
  })
  isSignificant!: boolean

  @Field(() => ConfidenceInterval, { description: "Of the difference, in the metric's unit." })
  interval!: ConfidenceInterval
}

@ObjectType({
  description:
    'The group-sequential test (Lan, DeMets 1983): right over its planned looks, up to the committed maximum sample.',
})
export class GroupSequentialResult {
  @Field(() => Float, {
    description:
      'Share of the maximum sample that the last look stands for: the largest planned one that was reached, 0 to 1.',
  })
  informationFraction!: number

  @Field(() => Int, { description: 'Looks that were taken.' })
  looksTaken!: number

  @Field(() => Float, {
    nullable: true,
    description: 'Boundary for the absolute statistic at the last look; null while nothing can be spent so early.',
  })
  criticalValue!: number | null

  @Field(() => Float, { description: 'z at the last look.' })
  statistic!: number

  @Field(() => ConfidenceInterval, {
    nullable: true,
    description: "Repeated interval of the difference at the last look, in the metric's unit; null with the boundary.",
  })
  interval!: ConfidenceInterval | null

  @Field(() => Boolean, { description: 'Whether a look has crossed its boundary; it stands.' })
  isSignificant!: boolean

  @Field(() => Float, {
    description:
      "Difference at the look at which the verdict stands, the first that crossed its boundary or else the last, in the metric's unit; what the decision goes by.",
  })
  verdictDifference!: number
}

@ObjectType({ description: 'What is to be believed after the data; not right under repeated looks.' })
export class BayesianResult {
  @Field(() => Float, { description: 'Chance that the treatment is better, in the direction of the metric, 0 to 1.' })
  chanceToBeatControl!: number

  @Field(() => Float, {
    description: "What shipping the treatment is expected to cost, should it be worse, in the metric's unit.",
  })
  expectedLoss!: number

  @Field(() => ConfidenceInterval, { description: "Credible interval of the difference, in the metric's unit." })
  interval!: ConfidenceInterval
}

@ObjectType({ description: 'What the time before exposure took out of the noise (CUPED; Deng et al. 2013).' })
export class CupedResult {
  @Field(() => Float, { description: 'Regression coefficient on the covariate, averaged over epochs and strata.' })
  theta!: number

  @Field(() => Float, { description: 'Share of the variance that it took away; below 0 only by chance.' })
  varianceReduction!: number
}

@ObjectType({ description: 'Size of an effect, without a unit.' })
export class EffectSize {
  @Field(() => EffectSizeNameEnum, { description: 'Which measure.' })
  name!: EffectSizeName

  @Field(() => Float, { description: 'Its value; positive where the treatment is higher.' })
  value!: number
}

@ObjectType('NotComputable', { description: 'Why a number does not exist.' })
export class NotComputableType {
  @Field(() => String, { description: 'Stable code, such as INSUFFICIENT_UNITS.' })
  code!: string

  @Field(() => String, { description: 'For people.' })
  message!: string
}

@ObjectType({ description: 'Whether the variants of a proportion differ at all.' })
export class ChiSquareResult {
  @Field(() => Float, { description: 'χ², added up over the allocation epochs.' })
  statistic!: number

  @Field(() => Int, { description: 'Variants with units − 1, added up over the allocation epochs.' })
  degreesOfFreedom!: number

  @Field(() => Float, { description: '0 to 1; right at one look.' })
  pValue!: number

  @Field(() => Float, { description: "Cramér's V = √(χ²/N): 0 is no association, 1 a complete one." })
  cramersV!: number
}
