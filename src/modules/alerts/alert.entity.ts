import type { Opt } from '@mikro-orm/core'
import { Entity, Index, Property } from '@mikro-orm/decorators/legacy'
import { Field, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { ScopedEntity } from '../../shared/scoped.entity.ts'

export const AlertKindEnum = describedEnum('AlertKind', 'What an alert is about.', {
  SAMPLE_RATIO_MISMATCH: 'The units of an experiment did not arrive in the proportions of the weights.',
  CONTAMINATED_UNITS: 'More than 1 % of the units of an experiment met several variants.',
  NO_DATA: 'An experiment has run for hours without units, or one of its metrics without events.',
  METRIC_JUMP: 'Yesterday a metric was far from its usual level on that day of the week.',
  GUARDRAIL_WORSE: 'A treatment is shown to be worse on a guardrail than its margin tolerates.',
  AUTOMATION_FAILED: 'Something that was to happen by itself could not.',
  WEBHOOK_DISABLED: 'A webhook endpoint was switched off, because it did not answer for days or is gone.',
})
export type AlertKind = keyof typeof AlertKindEnum

/** Something that somebody should look at: raised once for its cause, cleared when the cause ends. */
@Entity()
@Index({ properties: ['organizationId', 'experimentId'] })
@ObjectType({
  implements: Node,
  description: 'Something that somebody should look at: raised once for its cause, cleared when the cause ends.',
})
export class Alert extends ScopedEntity implements Node {
  @Field(() => AlertKindEnum, { description: 'What it is about.' })
  @Property({ type: 'text' })
  kind!: AlertKind

  /** Tells causes of one kind apart, such as metrics; an open alert is the only one of its cause. */
  @Property({ type: 'text' })
  cause!: string

  @Property({ type: 'integer', nullable: true })
  experimentId?: number | null

  @Field(() => String, { description: 'For people, with the numbers of the moment when it was raised.' })
  @Property({ type: 'text' })
  message!: string

  @Field(() => DateTimeScalar, { description: 'When its cause was first seen.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  raisedAt!: Date

  @Field(() => DateTimeScalar, { nullable: true, description: 'When its cause had ended; null while it lasts.' })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  clearedAt?: Date | null

  get nodeId(): Opt<string> {
    return toGlobalId('Alert', this.id)
  }
}
