import type { Pool, PoolClient } from 'pg'
import { scopeOf } from './tenant-transaction.ts'

export interface SnapshotLimits {
  /** Longest that one statement may take, in milliseconds; PostgreSQL ends it with the code 57014. */
  statementMs: number
  /** Ends the work at once, with its connection. */
  signal?: AbortSignal
}

/**
 * Runs long reading in one organization: everything that `work` reads is of one moment, nothing waits for it, and nothing goes
 * on in the database when this process has ended.
 */
export async function tenantSnapshot<T>(
  pool: Pool,
  organizationId: string,
  { statementMs, signal }: SnapshotLimits,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const scope = scopeOf(organizationId)
  signal?.throwIfAborted()
  const client = await pool.connect()
  let isReleased = false
  const release = (isBroken: boolean) => {
    if (!isReleased) client.release(isBroken)
    isReleased = true
  }
  const abandon = () => release(true)
  signal?.addEventListener('abort', abandon, { once: true })
  try {
    await client.query(
      `begin isolation level repeatable read, read only; ${scope}; set local statement_timeout = ${statementMs}; set local client_connection_check_interval = '1s'`,
    )
    const result = await work(client)
    await client.query('commit')
    release(false)
    return result
  } catch (error) {
    const isBroken =
      isReleased ||
      (await client.query('rollback').then(
        () => false,
        () => true,
      ))
    release(isBroken)
    throw error
  } finally {
    signal?.removeEventListener('abort', abandon)
  }
}
