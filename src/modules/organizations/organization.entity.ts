import type { Opt } from '@mikro-orm/core'
import { Entity, Filter, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, ObjectType } from 'type-graphql'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'

@Entity()
@Filter({
  name: 'organization',
  cond: (args: { organizationId?: string; disabled?: boolean }) => (args.disabled ? {} : { id: args.organizationId }),
  default: true,
})
@ObjectType({
  implements: Node,
  description: 'The tenant: everything belongs to one organization and is seen by no other.',
})
export class Organization implements Node {
  @PrimaryKey({ type: 'uuid' })
  id!: string

  @Field(() => String, { description: 'Short name, unique on this installation.' })
  @Property({ type: 'text' })
  @Unique()
  key!: string

  @Field(() => String, { description: 'Name for people.' })
  @Property({ type: 'text' })
  name!: string

  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  createdAt!: Opt<Date>

  /** Raised in the transaction of every change to a definition; tells other processes that theirs are old. */
  @Property({ type: 'integer' })
  revision: Opt<number> = 0

  get nodeId(): Opt<string> {
    return toGlobalId('Organization', this.id)
  }
}
