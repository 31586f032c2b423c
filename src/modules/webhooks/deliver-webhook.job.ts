import type { JobKind } from '../../database/job-queue.ts'
import type { WebhookEndpoint } from './webhook-endpoint.entity.ts'

/** What says which attempt a job makes. */
export type AttemptJob = JobKind<{ deliveryId: number; attempt: number }>

/** One attempt to deliver one message, to an endpoint that took the last one. */
export const DELIVER_WEBHOOK: AttemptJob = { name: 'deliver-webhook', isKeyed: false }

/** The same, to an endpoint that did not: they have places of their own, so that they hold up no other. */
export const DELIVER_TO_FAILING: AttemptJob = { name: 'deliver-to-failing', isKeyed: false }

export function attemptJobFor({ failingSince }: Pick<WebhookEndpoint, 'failingSince'>): AttemptJob {
  return failingSince ? DELIVER_TO_FAILING : DELIVER_WEBHOOK
}
