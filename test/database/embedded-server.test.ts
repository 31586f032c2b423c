import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { embeddedPaths } from '../../src/database/embedded-paths.ts'
import { databaseUser } from '../../src/database/embedded-user.ts'
import { DataFolders, postmasterOf } from '../support/data-folders.ts'
import { ServerProcess } from '../support/server-process.ts'

const run = promisify(execFile)
const folders = new DataFolders()
const servers: ServerProcess[] = []
afterAll(async () => {
  for (const server of servers) await server.end('SIGTERM')
  await folders.removeAll()
})

async function serverOn(dataDir: string): Promise<ServerProcess> {
  const server = await ServerProcess.on({ ASSAY_DATA_DIR: dataDir })
  servers.push(server)
  return server
}

async function bootstrap(dataDir: string, organization: string): Promise<{ adminKey: string }> {
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', 'src/cli/bootstrap.ts', '--organization', organization, '--json'],
    { env: { ...process.env, ASSAY_DATA_DIR: dataDir } },
  )
  return JSON.parse(stdout)
}

async function experimentsOf(server: ServerProcess, adminKey: string): Promise<string[]> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
    body: JSON.stringify({ query: '{ experiments(first: 10) { edges { node { key } } } }' }),
  })
  const { data } = (await response.json()) as {
    data: { experiments: { edges: Array<{ node: { key: string } }> } }
  }
  return data.experiments.edges.map(({ node }) => node.key)
}

async function createExperiment(server: ServerProcess, adminKey: string, key: string): Promise<void> {
  const query = `mutation { createExperiment(input: { key: "${key}", name: "${key}" }) { __typename } }`
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
    body: JSON.stringify({ query }),
  })
  expect(await response.json()).toEqual({ data: { createExperiment: { __typename: 'CreateExperimentSuccess' } } })
}

describe('npm start on its own database', () => {
  describe('kept in a folder', () => {
    const folder = folders.make()
    let data: string
    let adminKey: string
    let first: ServerProcess
    let second: ServerProcess
    beforeAll(async () => {
      data = (await embeddedPaths(folder, databaseUser())).data
      adminKey = (await bootstrap(folder, 'before')).adminKey
      expect(existsSync(join(data, 'postmaster.pid'))).toBe(false)
      first = await serverOn(folder)
      second = await serverOn(folder)
    })

    test('serves while a bootstrap runs beside it, and refuses a second server in one line', async () => {
      await first.start()
      const beside = await bootstrap(folder, 'beside')
      await createExperiment(first, adminKey, 'one')
      expect(await experimentsOf(first, beside.adminKey)).toEqual([])
      expect(await second.startRefused()).toEqual({
        code: 1,
        output: `assay: Another Assay server runs on the data folder ${folder}; stop it, or set ASSAY_DATA_DIR to another folder.\n`,
      })
    })

    test('keeps data across SIGKILL', async () => {
      const postmaster = postmasterOf(data)
      expect(await first.end('SIGKILL')).toBe('SIGKILL')
      // PostgreSQL outlives the server that was killed; the next one takes it over as it runs.
      await second.start()
      expect(postmasterOf(data)).toBe(postmaster)
      expect(await experimentsOf(second, adminKey)).toEqual(['one'])
    })

    test('keeps data across a clean stop', async () => {
      await createExperiment(second, adminKey, 'two')
      const code = await second.end('SIGTERM')
      expect({ code, output: second.output }).toEqual({ code: 0, output: '' })
      expect(existsSync(join(data, 'postmaster.pid'))).toBe(false)
      await first.start()
      expect(await experimentsOf(first, adminKey)).toEqual(['two', 'one'])
      expect(await first.end('SIGTERM')).toBe(0)
    })
  })

  test('refuses a port in use before it touches the database', async () => {
    const folder = folders.make()
    const server = await serverOn(folder)
    await server.start()
    const { port } = new URL(server.url)
    const other = await ServerProcess.on({ ASSAY_DATA_DIR: folders.make(), PORT: port })
    expect(await other.startRefused()).toEqual({
      code: 1,
      output: `assay: Cannot listen on 127.0.0.1: the port ${port} is in use; set PORT or HOST to another.\n`,
    })
    expect(await server.end('SIGTERM')).toBe(0)
  })

  test('names a folder that cannot be made, in one line', async () => {
    const server = await ServerProcess.on({ ASSAY_DATA_DIR: '/dev/null/data' })
    expect(await server.startRefused()).toEqual({
      code: 1,
      output: 'assay: The embedded database needs the folder /dev/null/data, which cannot be made: ENOTDIR.\n',
    })
  })

  test('does not start in production without a database or a folder', async () => {
    const server = await ServerProcess.on({ NODE_ENV: 'production' })
    expect(await server.startRefused()).toEqual({
      code: 1,
      output: 'assay: In production set DATABASE_URL, or ASSAY_DATA_DIR for the embedded database.\n',
    })
  })
})
