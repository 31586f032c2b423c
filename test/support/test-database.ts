import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { type Connection, TEMPLATE } from './global-setup.ts'

export interface TestDatabase {
  /** Owner of the tables; bypasses row-level security. */
  owner: Connection
  /** What the server connects as. */
  app: Connection
  drop(): Promise<void>
}

/** A fresh database, cloned from the migrated template. */
export async function cloneTemplate(): Promise<TestDatabase> {
  const owner = { ...inject('owner'), database: `assay_${randomBytes(6).toString('hex')}` }
  await asOwner(`create database ${owner.database} template ${TEMPLATE}`)
  return {
    owner,
    app: { ...owner, options: '-c role=assay_app' },
    drop: () => asOwner(`drop database ${owner.database} with (force)`),
  }
}

async function asOwner(statement: string): Promise<void> {
  const client = new Client(inject('owner'))
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
