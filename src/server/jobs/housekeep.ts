import { clearOrphans } from '../../modules/alerts/clear-orphans.ts'
import { forgetRecomputations } from '../../modules/recomputations/recomputation-retention.ts'
import { forgetDeliveries } from '../../modules/webhooks/delivery-retention.ts'
import { UnitOfWork } from '../../shared/unit-of-work.ts'
import type { Platform } from '../platform.ts'

/** Removes what an organization no longer needs: of the log what nothing can count, of the history what is too fine. */
export async function housekeep(platform: Platform, organizationId: string, signal?: AbortSignal): Promise<void> {
  const purged = await platform.retention.purge(organizationId, () => signal?.aborted ?? false)
  const points = await platform.evaluator.thinHistory(platform.scopedTo(organizationId))
  const deliveries = await forgetDeliveries(platform.scopedTo(organizationId), platform.clock())
  const recomputations = await forgetRecomputations(platform.scopedTo(organizationId), platform.clock())
  const { events, webhooks, clock } = platform
  const work = new UnitOfWork(platform.scopedTo(organizationId), events)
  await clearOrphans(work, webhooks.tools.desk, organizationId, clock())
  const removed = { ...purged, points, deliveries, recomputations }
  if (Object.values(removed).some((count) => count > 0)) {
    platform.log.info({ organizationId, ...removed }, 'What was no longer needed was removed.')
  }
}
