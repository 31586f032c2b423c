import type { EntityManager } from '@mikro-orm/postgresql'
import { runInTransaction } from '../../database/run-in-transaction.ts'

const KEPT_MS = 30 * 86_400_000

/** Of the organization of the transaction; the attempts go first, because they refer to their delivery. */
const FORGET = `
with old as (
  select organization_id, id from webhook_delivery
  where organization_id = assay_organization_id() and finished_at < $1),
attempts as (
  delete from webhook_attempt a using old where a.organization_id = old.organization_id and a.delivery_id = old.id),
removed as (
  delete from webhook_delivery d using old where d.organization_id = old.organization_id and d.id = old.id returning 1)
select count(*)::int as removed from removed`

/** Forgets deliveries that were finished 30 days ago. @returns how many */
export async function forgetDeliveries(em: EntityManager, now: Date): Promise<number> {
  const before = new Date(now.getTime() - KEPT_MS)
  return em.fork().transactional(async (own) => {
    const [row] = await runInTransaction<{ removed: number }>(own as EntityManager, FORGET, [before])
    return row!.removed
  })
}
