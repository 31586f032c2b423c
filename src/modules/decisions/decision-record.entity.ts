import type { Opt } from '@mikro-orm/core'
import { Entity, Index, Property } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { ScopedEntity } from '../../shared/scoped.entity.ts'
import type { DecisionReason, Recommendation } from '../results/decision.ts'
import { DecisionReasonType, RecommendationEnum } from '../results/experiment-results.types.ts'

export const DecisionKindEnum = describedEnum('DecisionKind', 'Whether a decision was advised or carried out.', {
  RECOMMENDED: 'What the results advise became another one.',
  TAKEN: 'The experiment was paused, resumed, completed or cancelled, by somebody or by its automation.',
})
export type DecisionKind = keyof typeof DecisionKindEnum

export const DecisionActionEnum = describedEnum('DecisionAction', 'What was done with an experiment.', {
  PAUSED: 'It was paused.',
  RESUMED: 'It went on after a pause.',
  COMPLETED: 'It was completed.',
  CANCELLED: 'It was cancelled.',
})
export type DecisionAction = keyof typeof DecisionActionEnum

/** A decision with everything that it rests on, as exact JSON, so that it can be computed again. */
@Entity()
@Index({ properties: ['organizationId', 'experimentId'] })
@ObjectType({
  implements: Node,
  description: 'A decision about an experiment, with everything that it rests on; verifyDecision computes it again.',
})
export class DecisionRecord extends ScopedEntity implements Node {
  @Property({ type: 'integer' })
  experimentId!: number

  @Field(() => DecisionKindEnum, { description: 'Whether it was advised or carried out.' })
  @Property({ type: 'text' })
  kind!: DecisionKind

  @Field(() => DateTimeScalar, {
    description: 'When it was taken, right after the numbers were computed; when they were, of a recommendation.',
  })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  decidedAt!: Date

  @Field(() => RecommendationEnum, { description: 'What the results advised at that moment.' })
  @Property({ type: 'text' })
  recommendation!: Recommendation

  @Property({ type: 'integer', nullable: true })
  winnerVariantId?: number | null

  @Field(() => [DecisionReasonType], {
    description:
      'Why; at least one. What the automation took a step for; of any other decision, what the results said.',
  })
  @Property({ type: 'json' })
  reasons!: DecisionReason[]

  @Field(() => DecisionActionEnum, { nullable: true, description: 'What was done; null for a recommendation.' })
  @Property({ type: 'text', nullable: true })
  action?: DecisionAction | null

  @Field(() => String, {
    nullable: true,
    description: 'Who did it: `key:N`, `member:N` or `system`; null for a recommendation.',
  })
  @Property({ type: 'text', nullable: true })
  actor?: string | null

  @Field(() => String, { description: 'Version of the engine that computed the numbers.' })
  @Property({ type: 'text' })
  engineVersion!: string

  @Field(() => Int, { description: 'Units that counted, of all variants together.' })
  @Property({ type: 'integer' })
  exposedUnits!: number

  /** The plan, variants, metrics and epochs. */
  @Property({ type: 'text' })
  subject!: string

  @Property({ type: 'text' })
  aggregates!: string

  /** Of a group-sequential test, those that had been taken. */
  @Property({ type: 'text' })
  looks!: string

  @Property({ type: 'text' })
  results!: string

  get nodeId(): Opt<string> {
    return toGlobalId('DecisionRecord', this.id)
  }
}
