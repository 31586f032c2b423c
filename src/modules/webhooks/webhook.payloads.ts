import { Field, ID, ObjectType } from 'type-graphql'
import { resultUnion } from '../../shared/errors.graphql.ts'
import { WebhookDelivery } from './webhook-delivery.entity.ts'
import { WebhookEndpoint } from './webhook-endpoint.entity.ts'

@ObjectType({ description: 'The endpoint is told from now on.' })
export class CreateWebhookEndpointSuccess {
  @Field(() => WebhookEndpoint, { description: 'The new endpoint.' })
  webhookEndpoint!: WebhookEndpoint

  @Field(() => String, {
    nullable: true,
    description: 'Signing secret, `whsec_…`; shown now and never again. Null where signatures are not taken.',
  })
  secret!: string | null
}
export const CreateWebhookEndpointResult = resultUnion('CreateWebhookEndpoint', CreateWebhookEndpointSuccess)

@ObjectType({ description: 'The endpoint was changed.' })
export class UpdateWebhookEndpointSuccess {
  @Field(() => WebhookEndpoint, { description: 'The endpoint after the change.' })
  webhookEndpoint!: WebhookEndpoint
}
export const UpdateWebhookEndpointResult = resultUnion('UpdateWebhookEndpoint', UpdateWebhookEndpointSuccess)

@ObjectType({ description: 'The endpoint is removed; nothing is sent to it any more.' })
export class DeleteWebhookEndpointSuccess {
  @Field(() => ID, { description: 'Id that it had.' })
  deletedId!: string
}
export const DeleteWebhookEndpointResult = resultUnion('DeleteWebhookEndpoint', DeleteWebhookEndpointSuccess)

@ObjectType({ description: 'Messages are signed with the new secret, and for a while with the one before as well.' })
export class RotateWebhookSecretSuccess {
  @Field(() => WebhookEndpoint, { description: 'The endpoint after the change.' })
  webhookEndpoint!: WebhookEndpoint

  @Field(() => String, { description: 'New signing secret, `whsec_…`; shown now and never again.' })
  secret!: string
}
export const RotateWebhookSecretResult = resultUnion('RotateWebhookSecret', RotateWebhookSecretSuccess)

@ObjectType({ description: 'The message is sent again, with its id.' })
export class RedeliverWebhookSuccess {
  @Field(() => WebhookDelivery, { description: 'The delivery, pending again.' })
  webhookDelivery!: WebhookDelivery
}
export const RedeliverWebhookResult = resultUnion('RedeliverWebhook', RedeliverWebhookSuccess)
