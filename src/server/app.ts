import { createServer } from 'node:net'

import type { Config } from '../config.ts'
import { assertReady, assertRoom, openDatabase } from '../database/connect.ts'
import { openLog } from '../shared/open-log.ts'
import { StartupError } from '../shared/startup-error.ts'
import { type GraphiqlOptions, serveGraphiql } from './graphiql.ts'
import { createHttpServer, GRAPHQL_PATH } from './http-server.ts'
import { keptKey } from './kept-key.ts'
import { migrate } from './migrate.ts'
import { FURTHER_CONNECTIONS, Platform } from './platform.ts'

/** Connections left to others: a command beside the server, and the one that holds the embedded database. */
const LEFT_CONNECTIONS = 10

export interface App {
  /** Address of the GraphQL endpoint, once it listens. */
  url: string
  platform: Platform
  /** Before it listens: lets browsers use the API by GraphiQL. */
  serveGraphiql(options: GraphiqlOptions): Promise<void>
  listen(): Promise<void>
  /** Finishes what was taken in, closes the sockets, stops the embedded database. */
  stop(): Promise<void>
}

/** Makes everything that the settings ask for; `listen` opens it. @throws StartupError in one line for whatever keeps it from starting */
export async function startApp(config: Config): Promise<App> {
  const log = openLog(config.logLevel)
  await assertPortIsFree(config)
  const database = await openDatabase(config, 'serve')
  try {
    if (database.isEmbedded) await migrate(database.owner)
    await assertReady(database.app)
    const { poolSize, retentionDays, webhookNetworks: allowedNetworks } = config
    await assertRoom(database.app, poolSize, { opened: FURTHER_CONNECTIONS, left: LEFT_CONNECTIONS })
    const webhooks = { secretKey: config.secretKey ?? keptKey(database), allowedNetworks }
    const platform = await Platform.open({
      connection: database.app,
      log,
      poolSize,
      retentionDays,
      runsJobs: true,
      webhooks,
    })
    const server = await createHttpServer(platform, { trustProxy: config.trustProxy })
    const app: App = {
      url: '',
      platform,
      serveGraphiql: (options) => serveGraphiql(server, GRAPHQL_PATH, options),
      listen: async () => {
        app.url = `${await server.listen({ host: config.host, port: config.port })}${GRAPHQL_PATH}`
      },
      stop: async () => {
        await server.close()
        await platform.close()
        await database.close()
      },
    }
    return app
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Asked before the database starts, so that a server that is there already is noticed at once. */
function assertPortIsFree({ host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? `the port ${port} is in use` : error.message
      reject(new StartupError(`Cannot listen on ${host}: ${reason}; set PORT or HOST to another.`))
    })
    probe.listen(port, host, () => probe.close(() => resolve()))
  })
}
