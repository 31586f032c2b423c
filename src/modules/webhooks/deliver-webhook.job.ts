import type { JobKind } from '../../database/job-queue.ts'
import type { WebhookEndpoint } from './webhook-endpoint.entity.ts'

/** What says which attempt a job makes. */
export type AttemptJob = JobKind<{ deliveryId: number; attempt: number }>

/** One attempt to deliver one message, to an endpoint that took the last one. */
export const DELIVER_WEBHOOK: AttemptJob = { name: 'deliver-webhook', isKeyed: false }

/** The same, to an endpoint that did not, or is slow: they have places of their own, so that they hold up no other. */
export const DELIVER_TO_FAILING: AttemptJob = { name: 'deliver-to-failing', isKeyed: false }

/** The same, to an endpoint that is not answering at present: each attempt takes its place for as long as one may. */
export const DELIVER_TO_HANGING: AttemptJob = { name: 'deliver-to-hanging', isKeyed: false }

/** How long an attempt keeps its place, in milliseconds. */
export const PATIENCE_MS = 250
/** Silence after which an endpoint hangs that took the last message, in milliseconds; one that did not has less time. */
const HANGING_MS = 1_000

/** @param silentMs - how long an attempt has waited for it by now, in milliseconds */
export function attemptJobFor({ failingSince }: Pick<WebhookEndpoint, 'failingSince'>, silentMs = 0): AttemptJob {
  if (silentMs >= (failingSince ? PATIENCE_MS : HANGING_MS)) return DELIVER_TO_HANGING
  return failingSince || silentMs >= PATIENCE_MS ? DELIVER_TO_FAILING : DELIVER_WEBHOOK
}

const FROM_BEST_TO_WORST = [DELIVER_WEBHOOK, DELIVER_TO_FAILING, DELIVER_TO_HANGING]

/** Whether the places of `one` are for worse endpoints than those of `other`. */
export function isForWorse(one: AttemptJob, other: AttemptJob): boolean {
  return FROM_BEST_TO_WORST.indexOf(one) > FROM_BEST_TO_WORST.indexOf(other)
}
