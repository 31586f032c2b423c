import type { Logger } from 'pino'
import type { LogRetention } from '../modules/ingestion/log-retention.ts'

const EVERY_MS = 3_600_000

/** Purges the log of every organization at the start of the server and every hour after. */
export class RetentionLoop {
  readonly #retention: LogRetention
  readonly #log: Logger
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(retention: LogRetention, log: Logger) {
    this.#retention = retention
    this.#log = log
  }

  start(): void {
    this.#running = this.#pass()
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#pass())
    }, EVERY_MS).unref()
  }

  /** Lets the transaction under way finish. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer) clearInterval(this.#timer)
    await this.#running
  }

  async #pass(): Promise<void> {
    try {
      for (const organizationId of await this.#retention.organizations()) {
        if (this.#isStopped) return
        const purged = await this.#retention.purge(organizationId, () => this.#isStopped)
        if (purged.events + purged.keys + purged.experiments > 0) {
          this.#log.info({ organizationId, ...purged }, 'The log was purged.')
        }
      }
    } catch (error) {
      this.#log.error({ err: error }, 'The log could not be purged; it is tried again in an hour.')
    }
  }
}
