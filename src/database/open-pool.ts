import { Pool, type PoolConfig } from 'pg'
import type { Logger } from 'pino'

/** Connections for SQL alone, opened when they are needed. @param max - how many at once at the most */
export function openPool(connection: PoolConfig, max: number, log: Logger): Pool {
  const pool = new Pool({ ...connection, max })
  // A connection that breaks is replaced by the pool, and a statement under way on it fails; without listeners, on the
  // pool for idle ones and on each for those in use, it would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'An idle database connection broke.'))
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ err: error }, 'A database connection broke.'))
  })
  return pool
}
