import { Field, Float, Int, ObjectType } from 'type-graphql'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import type { Recommendation } from '../results/decision.ts'
import { RecommendationEnum } from '../results/experiment-results.types.ts'
import { VariantComparison, VariantResults } from '../results/metric-results.types.ts'
import type { ExactDifference } from './exact-json.ts'

@ObjectType({ description: 'One metric of an experiment as it stood at one moment.' })
export class ResultsHistoryPoint {
  @Field(() => DateTimeScalar, { description: 'When the numbers were computed.' })
  computedAt!: Date

  @Field(() => Float, { description: 'Change counter of the experiment at that moment, a whole number.' })
  version!: number

  @Field(() => Int, { description: 'Units that counted, of all variants together.' })
  exposedUnits!: number

  @Field(() => RecommendationEnum, { description: 'What the results of the experiment advised.' })
  recommendation!: Recommendation

  @Field(() => [VariantResults], { description: 'Each variant, in order, the control among them.' })
  variants!: VariantResults[]

  @Field(() => [VariantComparison], { description: 'Each treatment against the control, in order.' })
  comparisons!: VariantComparison[]
}

@ObjectType({ description: 'A value that came out different.' })
export class DecisionDifference implements ExactDifference {
  @Field(() => String, { description: 'Where it stands, such as `metrics.0.comparisons.0.alwaysValid.pValue`.' })
  path!: string

  @Field(() => String, { nullable: true, description: 'As it was stored, as JSON; null where there was none.' })
  stored!: string | null

  @Field(() => String, { nullable: true, description: 'As it comes out now, as JSON; null where there is none.' })
  recomputed!: string | null
}

@ObjectType({ description: 'A decision computed again, from its stored summaries with its stored plan.' })
export class DecisionVerification {
  @Field(() => Node, { description: 'The decision: a DecisionRecord of an experiment or a RolloutTransition.' })
  decision!: Node

  @Field(() => Boolean, { description: 'Whether every number is the same, to the bit.' })
  isSame!: boolean

  @Field(() => String, { description: 'Version of the engine that computed it again; the decision tells its own.' })
  engineVersion!: string

  @Field(() => Int, { description: 'How many values came out different.' })
  differenceCount!: number

  @Field(() => [DecisionDifference], { description: 'The first 20 of them.' })
  differences!: DecisionDifference[]
}
