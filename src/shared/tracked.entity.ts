import type { Opt } from '@mikro-orm/core'
import { Property } from '@mikro-orm/decorators/legacy'
import { Field, ObjectType } from 'type-graphql'
import { DateTimeScalar } from './scalars.ts'
import { ScopedEntity } from './scoped.entity.ts'

/** A row that remembers when it changed and who did it; the stamps are set by the ORM subscriber `ChangeStamps`. */
@ObjectType()
export abstract class TrackedEntity extends ScopedEntity {
  @Field(() => DateTimeScalar, { description: 'When it was created.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  createdAt!: Opt<Date>

  @Field(() => DateTimeScalar, { description: 'When it was last changed.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  updatedAt!: Opt<Date>

  @Field(() => String, { description: 'Who created it: `key:N`, `member:N` or `system`.' })
  @Property({ type: 'text' })
  createdBy!: Opt<string>

  @Field(() => String, { description: 'Who changed it last: `key:N`, `member:N` or `system`.' })
  @Property({ type: 'text' })
  updatedBy!: Opt<string>
}
