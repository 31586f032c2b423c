import type { EntityManager } from '@mikro-orm/postgresql'
import type { JobQueue } from '../../database/job-queue.ts'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Clock } from '../../shared/clock.ts'
import type { DomainEvent } from '../../shared/domain-events.ts'
import { attemptJobFor } from './deliver-webhook.job.ts'
import { eventTypeOf, messageOf } from './message-of.ts'
import { newMessageId } from './sign-message.ts'

/** `$1` organization, `$2` type: whether anybody wants to be told. */
const IS_WANTED = `
select exists (
  select from webhook_endpoint
  where organization_id = $1 and deleted_at is null and disabled_at is null and $2 = any (event_types)) as wanted`

/**
 * A delivery for each endpoint that wants the message, numbered in the order of commits: the number of a subject stays locked
 * until the transaction ends.
 * `$1` organization, `$2` type, `$3` subject, `$4` message id, `$5` data, `$6` now.
 */
const WRITE = `
with wanted as (
  select id from webhook_endpoint
  where organization_id = $1 and deleted_at is null and disabled_at is null and $2 = any (event_types)
  order by id),
numbered as (
  insert into webhook_sequence as s (organization_id, endpoint_id, subject, last)
  select $1, id, $3, 1 from wanted order by id
  on conflict (organization_id, endpoint_id, subject) do update set last = s.last + 1
  returning endpoint_id, last)
insert into webhook_delivery
  (organization_id, endpoint_id, message_id, event_type, subject, sequence, data, created_at, status, next_attempt_at)
select $1, endpoint_id, $4, $2, $3, last, $5::jsonb, $6, 'PENDING', $6 from numbered
returning id, (select failing_since from webhook_endpoint e where (e.organization_id, e.id) = ($1, endpoint_id)) as "failingSince"`

/** Writes messages in the transaction of what they tell of; each is sent once that has committed, or never. */
export class Outbox {
  readonly #jobs: JobQueue
  readonly #clock: Clock

  constructor(jobs: JobQueue, clock: Clock) {
    this.#jobs = jobs
    this.#clock = clock
  }

  async write(em: EntityManager, event: DomainEvent, actor: string, reason: string | null): Promise<void> {
    const type = eventTypeOf(event)
    if (!type) return
    const { organizationId } = event
    const [found] = await runInTransaction<{ wanted: boolean }>(em, IS_WANTED, [organizationId, type])
    if (!found?.wanted) return
    const { subject, data } = await messageOf(em, event)
    const rows = await runInTransaction<{ id: number; failingSince: Date | null }>(em, WRITE, [
      organizationId,
      type,
      subject,
      newMessageId(),
      JSON.stringify({ ...data, actor, reason }),
      this.#clock(),
    ])
    for (const { id, failingSince } of rows) {
      await this.#jobs.add(attemptJobFor({ failingSince }), organizationId, { deliveryId: id, attempt: 1 }, { em })
    }
  }
}
