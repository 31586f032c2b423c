import 'reflect-metadata'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client, type ClientConfig } from 'pg'
import { parse } from 'pg-connection-string'
import type { TestProject } from 'vitest/node'
import { openEmbedded } from '../../src/database/embedded-postgres.ts'
import { migrate } from '../../src/server/migrate.ts'

export type Connection = ClientConfig & { database: string }

declare module 'vitest' {
  interface ProvidedContext {
    owner: Connection
  }
}

export const TEMPLATE = 'assay_template'

/** One cluster for all tests, embedded unless TEST_DATABASE_URL names one, with a migrated template in it. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const { connection, close } = process.env.TEST_DATABASE_URL ? served(process.env.TEST_DATABASE_URL) : await embedded()
  const client = new Client(connection)
  await client.connect()
  await client.query(`drop database if exists ${TEMPLATE}`)
  await client.query(`create database ${TEMPLATE}`)
  await client.end()
  await migrate({ ...connection, database: TEMPLATE })
  provide('owner', connection)
  return close
}

async function embedded() {
  const folder = mkdtempSync(join(tmpdir(), 'assay-test-'))
  const { connection, dataDir, close } = await openEmbedded({ dataDir: folder, mode: 'serve', isVolatile: true })
  return {
    connection,
    close: async () => {
      await close()
      // For root the data stands elsewhere, where PostgreSQL's user can reach it.
      for (const used of [folder, dirname(dataDir)]) rmSync(used, { recursive: true, force: true })
    },
  }
}

function served(url: string) {
  const { host, port, user, password, database } = parse(url)
  const connection = {
    host: host ?? 'localhost',
    port: Number(port ?? 5432),
    user,
    password,
    database: database ?? 'postgres',
  }
  return { connection: connection as Connection, close: async () => undefined }
}
