import type { Opt } from '@mikro-orm/core'
import { Entity, Index, Property } from '@mikro-orm/decorators/legacy'
import { Field, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import { ScopedEntity } from '../../shared/scoped.entity.ts'

export type AuditAction = 'CREATED' | 'UPDATED' | 'DELETED'

export const AuditActionEnum = describedEnum('AuditAction', 'What was done to an object.', {
  CREATED: 'It came into being.',
  UPDATED: 'Some of its values changed.',
  DELETED: 'It was removed for good.',
})

/** One change of one object, written in the transaction that made it; the database lets nobody change or remove it. */
@Entity()
@Index({ properties: ['organizationId', 'at'] })
@Index({ properties: ['organizationId', 'rootType', 'rootKey'] })
@ObjectType({ implements: Node, description: 'One change of one object. Entries are never changed or removed.' })
export class AuditEntry extends ScopedEntity implements Node {
  @Field(() => DateTimeScalar, { description: 'When it was changed.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  at!: Date

  @Field(() => String, { description: 'By whom: `key:N`, `member:N` or `system`.' })
  @Property({ type: 'text' })
  actor!: string

  @Field(() => String, {
    nullable: true,
    description: 'Why: where the system did it, and where somebody gave a cause; null otherwise.',
  })
  @Property({ type: 'text', nullable: true })
  reason?: string | null

  @Field(() => AuditActionEnum, { description: 'What was done.' })
  @Property({ type: 'text' })
  action!: AuditAction

  @Field(() => String, { description: 'Kind of object that was changed, such as `Variant`.' })
  @Property({ type: 'text' })
  subjectType!: string

  @Property({ type: 'text' })
  subjectId!: string

  @Field(() => String, {
    description: 'Kind of object that it is part of, such as `Experiment`; its own kind unless it is a part.',
  })
  @Property({ type: 'text' })
  rootType!: string

  @Property({ type: 'text' })
  rootId!: string

  @Field(() => String, {
    nullable: true,
    description: 'Key of the object that it is part of, or its own; null for objects without a key.',
  })
  @Property({ type: 'text', nullable: true })
  rootKey?: string | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description:
      'The values before, of what changed or was deleted; null for a creation. Secrets and their hashes are left out; of one that changed stands `(secret)`.',
  })
  @Property({ type: 'json', nullable: true })
  before?: Record<string, unknown> | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description:
      'The values after, of what changed or was created; null for a deletion. Secrets are left out as in before.',
  })
  @Property({ type: 'json', nullable: true })
  after?: Record<string, unknown> | null

  get nodeId(): Opt<string> {
    return toGlobalId('AuditEntry', this.id)
  }
}
