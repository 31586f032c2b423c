import type { Opt, Ref } from '@mikro-orm/core'
import { Entity, ManyToOne, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import type { RampAction } from './ramp-schedule.ts'
import { Rollout } from './rollout.entity.ts'
import { RampActionEnum } from './rollout.enums.ts'
import type { RolloutEvidence } from './rollout-evidence.ts'

@Entity()
@Unique({ properties: ['organizationId', 'rollout', 'number'] })
@ObjectType({ implements: Node, description: 'A step that a rollout took, with what it rests on; never changed.' })
export class RolloutTransition extends TrackedEntity implements Node {
  @ManyToOne({ entity: () => Rollout, createForeignKeyConstraint: false, ref: true })
  rollout!: Ref<Rollout>

  @Field(() => Int, { description: 'Place in the life of the rollout, from 1.' })
  @Property({ type: 'integer' })
  number!: number

  @Field(() => RampActionEnum, { description: 'What happened.' })
  @Property({ type: 'text' })
  action!: RampAction

  @Field(() => DateTimeScalar, { description: 'When.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  at!: Date

  @Field(() => String, { description: 'Why, in words.' })
  @Property({ type: 'text' })
  cause!: string

  @Field(() => Int, { description: 'Share before, in basis points.' })
  @Property({ type: 'integer' })
  shareBefore!: number

  @Field(() => Int, { description: 'Share after, in basis points.' })
  @Property({ type: 'integer' })
  shareAfter!: number

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'The health checks of that moment with their summaries, rules and outcomes; null for steps by hand.',
  })
  @Property({ type: 'json', nullable: true })
  evidence?: RolloutEvidence | null

  get nodeId(): Opt<string> {
    return toGlobalId('RolloutTransition', this.id)
  }
}
