import type { Ref } from '@mikro-orm/core'
import { Entity, Index, ManyToOne, Property } from '@mikro-orm/decorators/legacy'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { Member } from './member.entity.ts'
import type { KeyKind } from './permissions.ts'

/** What opens the API: an API key (server, client, admin) or a member's personal token. Only the hash is stored. */
@Entity()
@Index({ properties: ['organizationId', 'member'] })
export class Credential extends TrackedEntity {
  @Property({ type: 'text' })
  kind!: KeyKind | 'PERSONAL'

  @Property({ type: 'text' })
  name!: string

  /** First characters of the secret, by which people recognize it. */
  @Property({ type: 'text' })
  prefix!: string

  /** SHA-256 of the secret, which has 256 random bits and therefore needs no salt. */
  @Property({ type: 'blob', unique: true })
  hash!: Buffer

  @ManyToOne({
    entity: () => Member,
    createForeignKeyConstraint: false,
    ref: true,
    nullable: true,
  })
  member?: Ref<Member> | null

  /** Browser origins a client key may be used from; null: any. */
  @Property({ type: 'text[]', nullable: true })
  allowedOrigins?: string[] | null

  /** Calls a minute that a client key allows each address; null: no limit. */
  @Property({ type: 'integer', nullable: true })
  ratePerMinute?: number | null

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  expiresAt?: Date | null

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  revokedAt?: Date | null
}
