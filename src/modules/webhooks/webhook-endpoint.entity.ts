import { Collection, type Opt } from '@mikro-orm/core'
import { Entity, OneToMany, Property } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import {
  type WebhookDestination,
  WebhookDestinationEnum,
  type WebhookDisabledReason,
  WebhookDisabledReasonEnum,
  type WebhookEventType,
  WebhookEventTypeEnum,
} from './webhook.enums.ts'
import { WebhookSecret } from './webhook-secret.entity.ts'

/** Where an organization wants to be told of what happens. */
@Entity()
@ObjectType({ implements: Node, description: 'Where the organization wants to be told of what happens.' })
export class WebhookEndpoint extends TrackedEntity implements Node {
  @Field(() => String, { description: 'Address that messages are sent to.' })
  @Property({ type: 'text' })
  url!: string

  @Field(() => WebhookDestinationEnum, { description: 'What stands there.' })
  @Property({ type: 'text' })
  destination!: WebhookDestination

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  @Property({ type: 'text', nullable: true })
  description?: string | null

  @Field(() => [WebhookEventTypeEnum], { description: 'What it is told of.' })
  @Property({ type: 'text[]' })
  eventTypes!: WebhookEventType[]

  /** The newest first; none for a destination that takes no signature. */
  @OneToMany(
    () => WebhookSecret,
    (secret: WebhookSecret) => secret.endpoint,
    { orderBy: { id: 'desc' } },
  )
  secrets = new Collection<WebhookSecret>(this)

  @Field(() => DateTimeScalar, { nullable: true, description: 'Since when it is switched off; null while it is on.' })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  disabledAt?: Date | null

  @Field(() => WebhookDisabledReasonEnum, { nullable: true, description: 'Why it is switched off.' })
  @Property({ type: 'text', nullable: true })
  disabledReason?: WebhookDisabledReason | null

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'Since when no attempt has succeeded; null when the last one has. After five days it is switched off.',
  })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  failingSince?: Date | null

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  deletedAt?: Date | null

  @Field(() => Int, { description: 'Rises with every change; give it back as expectedVersion.' })
  @Property({ type: 'integer' })
  version: Opt<number> = 1

  get nodeId(): Opt<string> {
    return toGlobalId('WebhookEndpoint', this.id)
  }
}
