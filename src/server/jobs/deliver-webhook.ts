import type { Job } from '../../database/job-queue.ts'
import type { AttemptJob } from '../../modules/webhooks/deliver-webhook.job.ts'
import { settleDisabled } from '../../modules/webhooks/disabled-alerts.ts'
import { UnitOfWork } from '../../shared/unit-of-work.ts'
import type { Platform } from '../platform.ts'

type Delivery = Pick<Job<{ deliveryId: number; attempt: number }>, 'organizationId' | 'payload'>

/** One attempt to deliver one message. */
export async function deliverWebhook(
  platform: Platform,
  kind: AttemptJob,
  { organizationId, payload }: Delivery,
): Promise<void> {
  const { webhooks, events } = platform
  const em = platform.scopedTo(organizationId, 'system', 'The receiver of a webhook has failed for days, or is gone.')
  const isSwitchedOff = await webhooks.worker.attempt(em, kind, payload.deliveryId, payload.attempt)
  if (isSwitchedOff) await settleDisabled(new UnitOfWork(em, events), webhooks.tools.desk, organizationId)
}
