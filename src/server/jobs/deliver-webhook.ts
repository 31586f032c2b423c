import type { Job } from '../../database/job-queue.ts'
import type { AttemptJob } from '../../modules/webhooks/deliver-webhook.job.ts'
import { UnitOfWork } from '../../shared/unit-of-work.ts'
import type { Platform } from '../platform.ts'

/** One attempt to deliver one message. */
export async function deliverWebhook(
  platform: Platform,
  kind: AttemptJob,
  { organizationId, payload, signal }: Job<{ deliveryId: number; attempt: number }>,
): Promise<void> {
  const em = platform.scopedTo(organizationId, 'system', 'The receiver of a webhook has failed for days, or is gone.')
  const work = new UnitOfWork(em, platform.events)
  await platform.webhooks.worker.attempt(work, kind, payload.deliveryId, payload.attempt, signal)
}
