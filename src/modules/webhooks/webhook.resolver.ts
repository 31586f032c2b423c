import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import { ConnectionArgs, connectionOf, type Page, pageRequest } from '../../shared/connection.ts'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import { messageBody } from './message-body.ts'
import {
  CreateWebhookEndpointInput,
  DeleteWebhookEndpointInput,
  RedeliverWebhookInput,
  RotateWebhookSecretInput,
  UpdateWebhookEndpointInput,
  WebhookDeliveryFilter,
} from './webhook.inputs.ts'
import {
  CreateWebhookEndpointResult,
  CreateWebhookEndpointSuccess,
  DeleteWebhookEndpointResult,
  DeleteWebhookEndpointSuccess,
  RedeliverWebhookResult,
  RedeliverWebhookSuccess,
  RotateWebhookSecretResult,
  RotateWebhookSecretSuccess,
  UpdateWebhookEndpointResult,
  UpdateWebhookEndpointSuccess,
} from './webhook.payloads.ts'
import type { WebhookReadModel } from './webhook.read-model.ts'
import type { WebhookService } from './webhook.service.ts'
import { WebhookAttempt } from './webhook-attempt.entity.ts'
import { WebhookDelivery } from './webhook-delivery.entity.ts'
import { WebhookEndpoint } from './webhook-endpoint.entity.ts'

const WebhookEndpointConnection = connectionOf(WebhookEndpoint)
const WebhookDeliveryConnection = connectionOf(WebhookDelivery)

/** What these resolvers take from the context of an operation. */
interface Context {
  webhooks: WebhookService
  webhookReads: WebhookReadModel
}

@Resolver(() => WebhookEndpoint)
export class WebhookResolver {
  @Query(() => WebhookEndpointConnection, {
    description: 'Where the organization is told of what happens, newest first. Needs webhook:read.',
  })
  webhookEndpoints(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Ctx() { webhookReads }: Context,
  ): Promise<Page<WebhookEndpoint>> {
    return webhookReads.endpoints(pageRequest(args))
  }

  @Mutation(() => CreateWebhookEndpointResult, {
    description:
      'Adds an endpoint. Messages are signed by the Standard Webhooks specification, sent at least once, and sent again for more than a day until they are taken. Needs webhook:write.',
  })
  async createWebhookEndpoint(
    @Arg('input', () => CreateWebhookEndpointInput, { description: 'Where, and of what it is told.' })
    input: CreateWebhookEndpointInput,
    @Ctx() { webhooks }: Context,
  ) {
    return Object.assign(new CreateWebhookEndpointSuccess(), await webhooks.create(input))
  }

  @Mutation(() => UpdateWebhookEndpointResult, {
    description: 'Changes an endpoint, or switches it on or off. Needs webhook:write.',
  })
  async updateWebhookEndpoint(
    @Arg('input', () => UpdateWebhookEndpointInput, { description: 'What changes.' })
    input: UpdateWebhookEndpointInput,
    @Ctx() { webhooks }: Context,
  ) {
    return Object.assign(new UpdateWebhookEndpointSuccess(), { webhookEndpoint: await webhooks.update(input) })
  }

  @Mutation(() => DeleteWebhookEndpointResult, {
    description: 'Removes an endpoint; what waits for it is cancelled. Needs webhook:write.',
  })
  async deleteWebhookEndpoint(
    @Arg('input', () => DeleteWebhookEndpointInput, { description: 'Which endpoint.' })
    input: DeleteWebhookEndpointInput,
    @Ctx() { webhooks }: Context,
  ) {
    return Object.assign(new DeleteWebhookEndpointSuccess(), await webhooks.delete(input))
  }

  @Mutation(() => RotateWebhookSecretResult, {
    description:
      'Gives an endpoint a new secret; for a while messages are signed with the one before as well, five at the most at a time. Needs webhook:write.',
  })
  async rotateWebhookSecret(
    @Arg('input', () => RotateWebhookSecretInput, { description: 'Which endpoint, and for how long both sign.' })
    input: RotateWebhookSecretInput,
    @Ctx() { webhooks }: Context,
  ) {
    return Object.assign(new RotateWebhookSecretSuccess(), await webhooks.rotateSecret(input))
  }

  @Mutation(() => RedeliverWebhookResult, {
    description: 'Sends a message again, with the same id and number, whatever became of it. Needs webhook:write.',
  })
  async redeliverWebhook(
    @Arg('input', () => RedeliverWebhookInput, { description: 'Which message.' }) input: RedeliverWebhookInput,
    @Ctx() { webhooks }: Context,
  ) {
    return Object.assign(new RedeliverWebhookSuccess(), { webhookDelivery: await webhooks.redeliver(input) })
  }

  @FieldResolver(() => [DateTimeScalar], {
    description:
      'Until when messages are signed with secrets before the present one as well, a time for each; soonest first.',
  })
  previousSecretsUntil(@Root() endpoint: WebhookEndpoint, @Ctx() { webhookReads }: Context): Promise<Date[]> {
    return webhookReads.previousSecretsUntil(endpoint)
  }

  @FieldResolver(() => Boolean, { description: 'Whether it is told of anything.' })
  isEnabled(@Root() { disabledAt }: WebhookEndpoint): boolean {
    return disabledAt == null
  }

  @FieldResolver(() => WebhookDeliveryConnection, {
    description: 'What was sent to it in the last 30 days, and how it fared; newest first. Needs webhook:read.',
  })
  deliveries(
    @Root() { id }: WebhookEndpoint,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg('filter', () => WebhookDeliveryFilter, { nullable: true, description: 'Which ones; all unless told.' })
    filter: WebhookDeliveryFilter | null,
    @Ctx() { webhookReads }: Context,
  ): Promise<Page<WebhookDelivery>> {
    return webhookReads.deliveries(id, pageRequest(args), filter ?? {})
  }
}

@Resolver(() => WebhookDelivery)
export class WebhookDeliveryResolver {
  @FieldResolver(() => JsonObjectScalar, { description: 'What it says: type, timestamp and data.' })
  body(@Root() delivery: WebhookDelivery): Record<string, unknown> {
    return messageBody(delivery)
  }

  @FieldResolver(() => WebhookEndpoint, { description: 'Where it goes.' })
  endpoint(@Root() { endpoint }: WebhookDelivery): Promise<WebhookEndpoint> {
    return endpoint.loadOrFail()
  }

  @FieldResolver(() => [WebhookAttempt], { description: 'Each attempt, in order.' })
  attempts(@Root() { attempts }: WebhookDelivery): Promise<WebhookAttempt[]> {
    return attempts.loadItems()
  }
}
