import type { Ref } from '@mikro-orm/core'
import { Entity, ManyToOne, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { ScopedEntity } from '../../shared/scoped.entity.ts'
import { WebhookDelivery } from './webhook-delivery.entity.ts'

@Entity()
@Unique({ properties: ['organizationId', 'delivery', 'number'] })
@ObjectType({ description: 'One attempt to deliver a message, and what came of it.' })
export class WebhookAttempt extends ScopedEntity {
  @ManyToOne({ entity: () => WebhookDelivery, createForeignKeyConstraint: false, ref: true })
  delivery!: Ref<WebhookDelivery>

  @Field(() => Int, { description: '1 for the first.' })
  @Property({ type: 'integer' })
  number!: number

  @Field(() => DateTimeScalar, { description: 'When it began.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  at!: Date

  @Field(() => Int, { description: 'How long it took, in milliseconds.' })
  @Property({ type: 'integer' })
  durationMs!: number

  @Field(() => Int, { nullable: true, description: 'Status of the answer; null when there was none.' })
  @Property({ type: 'integer', nullable: true })
  statusCode?: number | null

  @Field(() => String, { nullable: true, description: 'Why there was no answer; null when there was one.' })
  @Property({ type: 'text', nullable: true })
  error?: string | null

  @Field(() => String, { nullable: true, description: 'The first 1,000 characters of the answer.' })
  @Property({ type: 'text', nullable: true })
  response?: string | null
}
