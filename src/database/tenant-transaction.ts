import type { Pool, PoolClient } from 'pg'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Runs `work` in a transaction of one organization: what the row-level security policies read is set for it alone, and
 * is forgotten when the connection goes back to the pool.
 */
export async function tenantTransaction<T>(
  pool: Pool,
  organizationId: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const scope = scopeOf(organizationId)
  const client = await pool.connect()
  try {
    await client.query(`begin; ${scope}`)
    const result = await work(client)
    await client.query('commit')
    client.release()
    return result
  } catch (error) {
    // A connection that cannot even roll back is broken and leaves the pool.
    const broken = await client.query('rollback').then(
      () => false,
      () => true,
    )
    client.release(broken)
    throw error
  }
}

/** Sets the organization for the rest of the transaction. @throws RangeError for anything but the id of one */
export function scopeOf(organizationId: string): string {
  if (!UUID.test(organizationId)) throw new RangeError(`${organizationId} is not the id of an organization.`)
  return `set local assay.organization_id = '${organizationId}'`
}
