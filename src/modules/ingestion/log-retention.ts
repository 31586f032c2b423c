import type { Pool, PoolClient } from 'pg'
import { tenantTransaction } from '../../database/tenant-transaction.ts'
import type { Clock } from '../../shared/clock.ts'
import { AHEAD_MS } from './item-rules.ts'
import { FORGET_ENDED, HAS_ENDED, PURGE_EVENTS, TAKE_TURN } from './log-retention.sql.ts'
import { ALL_STRIPES, LOCK_EXCLUSIVE, lockSpaceOf } from './unit-locks.ts'

const DAY_MS = 86_400_000
/** Rows removed in one transaction. */
const BATCH = 20_000

export interface Purged {
  /** Experiments that are no longer attributed. */
  experiments: number
  events: number
}

/**
 * Removes from the log what nothing can count any more: events received before retention and before the start of every experiment
 * that may still change, which would no longer be accepted either, with their keys. Results stay as they are.
 */
export class LogRetention {
  readonly #pool: Pool
  readonly #clock: Clock
  readonly #retentionDays: number

  constructor(pool: Pool, clock: Clock, retentionDays: number) {
    this.#pool = pool
    this.#clock = clock
    this.#retentionDays = retentionDays
  }

  /** An experiment that ended before this may be off the attribution index, and its log no longer whole. */
  keepsEndedSince(): Date {
    // A day more than events are accepted for: clocks of servers differ.
    return new Date(this.#clock().getTime() - (this.#retentionDays + 1) * DAY_MS)
  }

  /** All organizations, in the order of their ids. */
  async organizations(): Promise<string[]> {
    const { rows } = await this.#pool.query('select organization_id from door_organizations() order by 1')
    return rows.map(({ organization_id }) => organization_id)
  }

  /**
   * In small transactions, which ingestion does not wait for; an organization that another process is at is left to it.
   * @param isStopped - asked between two transactions
   */
  async purge(organizationId: string, isStopped: () => boolean = () => false): Promise<Purged> {
    const since = this.keepsEndedSince()
    const experiments = await this.#forgetEnded(organizationId, since)
    const events = await this.#inBatches(organizationId, isStopped, PURGE_EVENTS, [
      since,
      `${AHEAD_MS} milliseconds`,
      BATCH,
    ])
    return { experiments, events }
  }

  async #forgetEnded(organizationId: string, before: Date): Promise<number> {
    return this.#inTurn(organizationId, async (client) => {
      const { rows } = await client.query(HAS_ENDED, [organizationId, before])
      if (!rows[0].found) return 0
      // A rebuild under way must not lose sight of its experiment.
      await client.query(LOCK_EXCLUSIVE, [lockSpaceOf(organizationId), ALL_STRIPES])
      return (await client.query(FORGET_ENDED, [organizationId, before])).rows[0].removed
    })
  }

  async #inBatches(organizationId: string, isStopped: () => boolean, sql: string, values: unknown[]): Promise<number> {
    let sum = 0
    while (!isStopped()) {
      const removed = await this.#inTurn(organizationId, async (client) => {
        const { rows } = await client.query(sql, [organizationId, ...values])
        return rows[0].removed as number
      })
      sum += removed
      if (removed < BATCH) break
    }
    return sum
  }

  #inTurn(organizationId: string, work: (client: PoolClient) => Promise<number>): Promise<number> {
    return tenantTransaction(this.#pool, organizationId, async (client) => {
      const { rows } = await client.query(TAKE_TURN, [lockSpaceOf(organizationId)])
      return rows[0].taken ? work(client) : 0
    })
  }
}
