import { Collection, type Opt, type Ref } from '@mikro-orm/core'
import { Entity, Index, ManyToOne, OneToMany, Property } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { ScopedEntity } from '../../shared/scoped.entity.ts'
import {
  type WebhookDeliveryStatus,
  WebhookDeliveryStatusEnum,
  type WebhookEventType,
  WebhookEventTypeEnum,
} from './webhook.enums.ts'
import { WebhookAttempt } from './webhook-attempt.entity.ts'
import { WebhookEndpoint } from './webhook-endpoint.entity.ts'

/** A message on its way to an endpoint; written in the transaction of what it tells of. */
@Entity()
@Index({ properties: ['organizationId', 'endpoint'] })
@ObjectType({ implements: Node, description: 'A message for one endpoint, and how it fared.' })
export class WebhookDelivery extends ScopedEntity implements Node {
  @ManyToOne({ entity: () => WebhookEndpoint, createForeignKeyConstraint: false, ref: true })
  endpoint!: Ref<WebhookEndpoint>

  @Field(() => String, { description: 'The header `webhook-id`: the same at every attempt.' })
  @Property({ type: 'text' })
  messageId!: string

  @Field(() => WebhookEventTypeEnum, { description: 'What it tells of.' })
  @Property({ type: 'text' })
  eventType!: WebhookEventType

  @Property({ type: 'text' })
  subject!: string

  @Field(() => Int, {
    description:
      'Counts the messages about one subject to this endpoint, from 1 without gaps, in the order of what happened.',
  })
  @Property({ type: 'integer' })
  sequence!: number

  @Property({ type: 'json' })
  data!: Record<string, unknown>

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  createdAt!: Date

  @Field(() => WebhookDeliveryStatusEnum, { description: 'Where it stands.' })
  @Property({ type: 'text' })
  status!: WebhookDeliveryStatus

  @Field(() => Int, { description: 'How often it was sent.' })
  @Property({ type: 'integer' })
  attemptCount: Opt<number> = 0

  /** Attempts before the pauses began anew, at a redelivery by hand. */
  @Property({ type: 'integer' })
  attemptsBefore: Opt<number> = 0

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it is sent next; null when it is not.' })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  nextAttemptAt?: Date | null

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it was delivered or given up; null while pending.',
  })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  finishedAt?: Date | null

  @OneToMany(
    () => WebhookAttempt,
    (attempt: WebhookAttempt) => attempt.delivery,
    { orderBy: { number: 'asc' } },
  )
  attempts = new Collection<WebhookAttempt>(this)

  get nodeId(): Opt<string> {
    return toGlobalId('WebhookDelivery', this.id)
  }
}
