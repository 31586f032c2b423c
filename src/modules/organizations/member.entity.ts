import type { Opt } from '@mikro-orm/core'
import { Entity, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import type { MemberRole } from './permissions.ts'

export const MemberRoleEnum = describedEnum('MemberRole', 'What a member may do.', {
  OWNER: 'Everything, the organization itself included.',
  ADMIN: 'Everything but the organization itself: also members and keys.',
  EXPERIMENTER: 'Designs, runs and completes experiments; defines metrics.',
  ANALYST: 'Reads everything, changes nothing.',
})

@Entity()
@Unique({ properties: ['organizationId', 'email'] })
@ObjectType({ implements: Node, description: 'A person in the organization; acts through personal tokens.' })
export class Member extends TrackedEntity implements Node {
  @Field(() => String, { description: 'Name for people.' })
  @Property({ type: 'text' })
  name!: string

  @Field(() => String, { description: 'Address, in lower case; unique in the organization.' })
  @Property({ type: 'text' })
  email!: string

  @Field(() => MemberRoleEnum, { description: 'What the member may do; personal tokens carry it.' })
  @Property({ type: 'text' })
  role!: MemberRole

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  removedAt?: Date | null

  get nodeId(): Opt<string> {
    return toGlobalId('Member', this.id)
  }
}
