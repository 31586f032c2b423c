import 'reflect-metadata'

import { createOrganization, type NewOrganization } from '../../src/modules/organizations/organization.service.ts'
import { createHttpServer, type HttpServerOptions } from '../../src/server/http-server.ts'
import { Platform, type PlatformOptions } from '../../src/server/platform.ts'
import { openLog } from '../../src/shared/open-log.ts'
import { cloneTemplate, type TestDatabase } from './test-database.ts'

// biome-ignore lint/suspicious/noExplicitAny: the answers of the graph are of any shape.
type Data = any

export interface Answer {
  data: Data
  errors?: Array<{ message: string; path?: string[]; extensions: { code: string } }>
}

export interface TestServer {
  url: string
  platform: Platform
  database: TestDatabase
  /** Sends an operation; fails the test when the answer has errors. */
  graphql(key: string, query: string, variables?: Record<string, unknown>): Promise<Data>
  /** Sends an operation and gives the whole answer. */
  send(key: string | null, query: string, variables?: Record<string, unknown>): Promise<Answer>
  /** A new organization with its keys. */
  organization(): Promise<NewOrganization>
  stop(): Promise<void>
}

export interface TestServerOptions extends Partial<PlatformOptions>, HttpServerOptions {
  /** Another server's, to stand beside it. */
  database?: TestDatabase
}

let organizations = 0

/** A real server on a free port, on a database of its own. */
export async function startTestServer({
  database: shared,
  trustProxy,
  ...options
}: TestServerOptions = {}): Promise<TestServer> {
  const database = shared ?? (await cloneTemplate())
  const log = openLog(process.env.TEST_LOG_LEVEL ?? 'silent')
  const platform = await Platform.open({ connection: database.app, log, ...options })
  const server = await createHttpServer(platform, { trustProxy })
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`
  const send = async (key: string | null, query: string, variables: Record<string, unknown> = {}): Promise<Answer> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as Answer
  }
  return {
    url,
    platform,
    database,
    send,
    graphql: async (key, query, variables) => {
      const { data, errors } = await send(key, query, variables)
      if (errors) throw new Error(`${errors.map((error) => `${error.extensions.code}: ${error.message}`).join('; ')}`)
      return data
    },
    organization: () =>
      createOrganization((id) => platform.scopedTo(id), platform.clock, {
        key: `test-${process.pid}-${organizations++}`,
      }),
    stop: async () => {
      await server.close()
      await platform.close()
      if (!shared) await database.drop()
    },
  }
}
