import type { Ref } from '@mikro-orm/core'
import { Entity, Index, ManyToOne, Property } from '@mikro-orm/decorators/legacy'
import { ScopedEntity } from '../../shared/scoped.entity.ts'
import { WebhookEndpoint } from './webhook-endpoint.entity.ts'

/** A secret that messages to an endpoint are signed with: the present one, or one before while it overlaps. */
@Entity()
@Index({ properties: ['organizationId', 'endpoint'] })
export class WebhookSecret extends ScopedEntity {
  @ManyToOne({ entity: () => WebhookEndpoint, createForeignKeyConstraint: false, ref: true })
  endpoint!: Ref<WebhookEndpoint>

  @Property({ type: 'blob' })
  sealed!: Uint8Array

  /** Until when messages are signed with it; null for the present one. */
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  validUntil?: Date | null
}
