import type { EntityManager } from '@mikro-orm/postgresql'
import type { RecordEvent } from '../../shared/unit-of-work.ts'
import type { AlertDesk } from '../alerts/alert-desk.ts'
import type { AlertCause } from '../alerts/experiment-causes.ts'
import { WebhookEndpoint } from './webhook-endpoint.entity.ts'

/** An alert for each endpoint that the server has switched off, until somebody has seen to it; in a transaction that has the lock of the desk. */
export async function settleDisabled(
  em: EntityManager,
  record: RecordEvent,
  desk: AlertDesk,
  organizationId: string,
): Promise<void> {
  await em.flush()
  const disabled = await em.find(
    WebhookEndpoint,
    { deletedAt: null, disabledReason: { $in: ['FAILING', 'GONE'] } },
    { orderBy: { id: 'asc' } },
  )
  const causes = disabled.map(({ id, url, disabledReason }): AlertCause => {
    const host = new URL(url).host
    const why = disabledReason === 'GONE' ? 'it answered 410' : 'nothing could be delivered for five days'
    return { kind: 'WEBHOOK_DISABLED', cause: String(id), message: `The webhook at ${host} is switched off: ${why}.` }
  })
  await desk.settleIn(em, record, { organizationId, experimentId: null, kinds: ['WEBHOOK_DISABLED'] }, causes)
}
