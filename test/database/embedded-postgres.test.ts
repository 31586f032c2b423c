import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type EmbeddedDatabase, type EmbeddedOptions, openEmbedded } from '../../src/database/embedded-postgres.ts'
import { StartupError } from '../../src/shared/startup-error.ts'
import { DataFolders, postmasterOf } from '../support/data-folders.ts'

const folders = new DataFolders()
const open: EmbeddedDatabase[] = []
afterEach(async () => {
  for (const database of open.splice(0).reverse()) await database.close()
})
afterAll(() => folders.removeAll())

async function start(dataDir: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedDatabase> {
  const database = await openEmbedded({ dataDir, mode: 'serve', isVolatile: true, ...options })
  open.push(database)
  return database
}

async function stop(database: EmbeddedDatabase): Promise<void> {
  open.splice(open.indexOf(database), 1)
  await database.close()
}

async function query({ connection }: EmbeddedDatabase, sql: string) {
  const client = new Client(connection)
  await client.connect()
  return client.query(sql).then(
    async ({ rows }) => {
      await client.end()
      return rows
    },
    async (error) => {
      await client.end()
      throw error
    },
  )
}

const mode = (path: string) => statSync(path).mode & 0o777

describe('the embedded database', () => {
  test('starts in a new folder: PostgreSQL 18, over a private socket alone', async () => {
    const database = await start(folders.make())
    const [settings] = await query(
      database,
      `select current_setting('server_version_num')::int / 10000 as version, current_setting('listen_addresses') as tcp,
         current_setting('unix_socket_permissions') as socket_mode, current_setting('server_encoding') as encoding, current_database() as name`,
    )
    expect(settings).toEqual({ version: 18, tcp: '', socket_mode: '0700', encoding: 'UTF8', name: 'assay' })
    const socket = database.connection.host!
    expect([mode(socket), mode(database.dataDir), mode(dirname(database.dataDir))]).toEqual([0o700, 0o700, 0o700])
    expect(statSync(socket).uid).toBe(statSync(database.dataDir).uid)
    expect(mode(join(socket, '.s.PGSQL.5432'))).toBe(0o700)
  })

  test('keeps its data when it is stopped and started again', async () => {
    const folder = folders.make()
    const first = await start(folder)
    await query(first, 'create table kept as select 42 as answer')
    await stop(first)
    expect(existsSync(join(first.dataDir, 'postmaster.pid'))).toBe(false)
    const second = await start(folder)
    expect(second.dataDir).toBe(first.dataDir)
    expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }])
  })

  test('works in a folder that only its owner may enter, even for root', async () => {
    const folder = folders.make({ isPrivate: true })
    const first = await start(folder)
    await query(first, 'create table kept as select 1 as one')
    await stop(first)
    expect(await query(await start(folder), 'select one from kept')).toEqual([{ one: 1 }])
  })

  test('takes a folder whose path is too long for a socket', async () => {
    const database = await start(folders.make({ name: 'd'.repeat(100) }))
    expect(Buffer.byteLength(join(database.connection.host!, '.s.PGSQL.5432'))).toBeLessThan(104)
    expect(mode(database.connection.host!)).toBe(0o700)
    expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('is served by one server; a second one is refused, a tool may use it beside', async () => {
    const folder = folders.make()
    const database = await start(folder)
    await expect(openEmbedded({ dataDir: folder, mode: 'serve' })).rejects.toThrow(
      new StartupError(
        `Another Assay server runs on the data folder ${folder}; stop it, or set ASSAY_DATA_DIR to another folder.`,
      ),
    )
    const tool = await start(folder, { mode: 'borrow' })
    expect(await query(tool, 'select 1 as one')).toEqual([{ one: 1 }])
    await stop(tool)
    expect(await query(database, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('runs for a tool alone for as long as that needs it, and a server waits for the tool', async () => {
    const folder = folders.make()
    const tool = await start(folder, { mode: 'borrow' })
    const postmaster = postmasterOf(tool.dataDir)
    const server = start(folder)
    await query(tool, 'create table made as select 1 as one')
    await stop(tool)
    expect(await query(await server, 'select one from made')).toEqual([{ one: 1 }])
    expect(postmasterOf(tool.dataDir)).not.toBe(postmaster)
  })

  test('is started once by two servers at the same moment', async () => {
    const folder = folders.make()
    const results = await Promise.allSettled([start(folder), start(folder)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const [refused] = results.filter((result) => result.status === 'rejected')
    expect(refused!.reason).toBeInstanceOf(StartupError)
  })

  test('recovers when PostgreSQL itself was killed', async () => {
    const folder = folders.make()
    const first = await start(folder, { isVolatile: false })
    await query(first, 'create table kept as select 7 as seven')
    process.kill(postmasterOf(first.dataDir), 'SIGKILL')
    await expect.poll(() => query(first, 'select 1').catch(() => 'gone')).toBe('gone')
    await stop(first)
    expect(await query(await start(folder), 'select seven from kept')).toEqual([{ seven: 7 }])
  })

  test('refuses data of another major version, and a file in its place, in one line', async () => {
    const older = folders.make()
    const database = await start(older)
    await stop(database)
    writeFileSync(join(database.dataDir, 'PG_VERSION'), '17\n')
    await expect(openEmbedded({ dataDir: older, mode: 'serve' })).rejects.toThrow(
      `The data in ${database.dataDir} is of PostgreSQL 17; this version runs PostgreSQL 18.`,
    )
    const file = folders.make()
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '')
    await expect(openEmbedded({ dataDir: file, mode: 'serve' })).rejects.toThrow(StartupError)
  })
})
