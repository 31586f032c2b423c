import type { Opt } from '@mikro-orm/core'
import { Entity, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import type { MemberRole } from './permissions.ts'

export const MemberRoleEnum = {
  OWNER: 'owner',
  ADMIN: 'admin',
  EXPERIMENTER: 'experimenter',
  ANALYST: 'analyst',
} as const satisfies { [Role in MemberRole as Uppercase<Role>]: Role }

registerEnumType(MemberRoleEnum, {
  name: 'MemberRole',
  description: 'What a member may do.',
  valuesConfig: {
    OWNER: { description: 'Everything, the organization itself included.' },
    ADMIN: { description: 'Everything but the organization itself: also members and keys.' },
    EXPERIMENTER: { description: 'Designs, runs and completes experiments; defines metrics.' },
    ANALYST: { description: 'Reads everything, changes nothing.' },
  },
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
