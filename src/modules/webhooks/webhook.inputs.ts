import { Field, ID, InputType, Int } from 'type-graphql'
import {
  type WebhookDeliveryStatus,
  WebhookDeliveryStatusEnum,
  type WebhookDestination,
  WebhookDestinationEnum,
  type WebhookEventType,
  WebhookEventTypeEnum,
} from './webhook.enums.ts'

/** What every change of an endpoint names. */
@InputType()
export abstract class WebhookEndpointIdInput {
  @Field(() => ID, { description: 'Id of the endpoint.' })
  webhookEndpointId!: string

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the caller looked at; the change is refused if it has changed since.',
  })
  expectedVersion?: number | null
}

@InputType({ description: 'A new endpoint.' })
export class CreateWebhookEndpointInput {
  @Field(() => String, {
    description:
      'https:// address that resolves to public addresses, up to 2,000 characters, without a user or fragment.',
  })
  url!: string

  @Field(() => [WebhookEventTypeEnum], { description: 'What it is told of; at least one.' })
  eventTypes!: WebhookEventType[]

  @Field(() => WebhookDestinationEnum, { nullable: true, description: 'What stands there; HTTP unless told.' })
  destination?: WebhookDestination | null

  @Field(() => String, { nullable: true, description: 'What it is for, up to 1,000 characters.' })
  description?: string | null
}

@InputType({ description: 'Changes to an endpoint; what is left out stays as it is.' })
export class UpdateWebhookEndpointInput extends WebhookEndpointIdInput {
  @Field(() => String, { nullable: true, description: 'Where messages go from now on, those that wait included.' })
  url?: string | null

  @Field(() => [WebhookEventTypeEnum], { nullable: true, description: 'What it is told of instead.' })
  eventTypes?: WebhookEventType[] | null

  @Field(() => String, { nullable: true, description: 'What it is for; null clears it.' })
  description?: string | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Switches it on or off; while it is off nothing is written for it, and what waits is cancelled.',
  })
  isEnabled?: boolean | null
}

@InputType({ description: 'Which endpoint to remove.' })
export class DeleteWebhookEndpointInput extends WebhookEndpointIdInput {}

@InputType({ description: 'Which endpoint gets a new secret.' })
export class RotateWebhookSecretInput extends WebhookEndpointIdInput {
  @Field(() => Int, {
    nullable: true,
    description:
      'How long messages are signed with the secret before as well, 0 to 168 hours; 24 unless told. Secrets before that one keep the time that they were given. 0 ends all of them at once, as for a secret that others have seen.',
  })
  overlapHours?: number | null
}

@InputType({ description: 'Which message to send again.' })
export class RedeliverWebhookInput {
  @Field(() => ID, { description: 'Id of the delivery.' })
  webhookDeliveryId!: string
}

@InputType({ description: 'Which deliveries; all conditions must hold, what is left out does not matter.' })
export class WebhookDeliveryFilter {
  @Field(() => [WebhookDeliveryStatusEnum], { nullable: true, description: 'In one of these states.' })
  status?: WebhookDeliveryStatus[] | null

  @Field(() => [WebhookEventTypeEnum], { nullable: true, description: 'That tell of one of these.' })
  eventType?: WebhookEventType[] | null
}
