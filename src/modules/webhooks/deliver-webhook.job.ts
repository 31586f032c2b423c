import type { JobKind } from '../../database/job-queue.ts'

/** One attempt to deliver one message. */
export const DELIVER_WEBHOOK: JobKind<{ deliveryId: number; attempt: number }> = {
  name: 'deliver-webhook',
  isKeyed: false,
}
