import { createServer } from 'node:net'
import { pino } from 'pino'
import type { Config } from '../config.ts'
import { assertReady, openDatabase } from '../database/connect.ts'
import { StartupError } from '../shared/startup-error.ts'
import { createHttpServer, type HttpServerOptions } from './http-server.ts'
import { migrate } from './migrate.ts'
import { Platform } from './platform.ts'

export interface App {
  /** Address of the GraphQL endpoint. */
  url: string
  platform: Platform
  /** Finishes what was taken in, closes the sockets, stops the embedded database. */
  stop(): Promise<void>
}

/** Starts everything that the settings ask for. @throws StartupError in one line for whatever keeps it from starting */
export async function startApp(config: Config, options: Omit<HttpServerOptions, 'trustProxy'> = {}): Promise<App> {
  const log = pino({ level: config.logLevel })
  await assertPortIsFree(config)
  const database = await openDatabase(config, 'serve')
  try {
    if (database.isEmbedded) await migrate(database.owner)
    await assertReady(database.app)
    const { poolSize, retentionDays } = config
    const platform = await Platform.open({ connection: database.app, log, poolSize, retentionDays })
    const server = await createHttpServer(platform, { ...options, trustProxy: config.trustProxy })
    const address = await server.listen({ host: config.host, port: config.port })
    const stop = async () => {
      await server.close()
      await platform.close()
      await database.close()
    }
    return { url: `${address}/graphql`, platform, stop }
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
