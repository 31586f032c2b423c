import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Client, type ClientConfig } from 'pg'
import type { Logger } from 'pino'

/** What changed: aggregates of experiments, definitions of experiments, rollouts, or who may do what in an organization. */
export type ChangeTopic = 'aggregates' | 'definition' | 'rollout' | 'rolloutHealth' | 'alert' | 'access'

export interface Change {
  topic: ChangeTopic
  organizationId: string
  /** Experiments or rollouts, or nothing for access. */
  ids: readonly number[]
}

const CHANNEL = 'assay_change'
/** Least time between two notifications of one process, in milliseconds: four a second at the most. */
const PACE_MS = 250
/** PostgreSQL takes less than 8,000 bytes. */
const MOST_BYTES = 7_900
const RECONNECT_MS = 500

type Listener = (change: Change) => void

/** Ids by organization, by topic. */
type Gathered = Partial<Record<ChangeTopic, Record<string, number[]>>>

/**
 * Tells every server process on the database what changed: this process at once, the others through NOTIFY, at most four
 * times a second and never inside the transaction that changed it. After a gap in the connection, and where a
 * notification would be too long, it says only that anything may have changed.
 */
export class ChangeFeed {
  readonly #connection: ClientConfig
  readonly #log: Logger
  readonly #process = randomUUID()
  readonly #listeners: Listener[] = []
  readonly #gapListeners: Array<() => void> = []
  #gathered = new Map<string, { topic: ChangeTopic; organizationId: string; ids: Set<number> }>()
  #client: Client | null = null
  #timer: NodeJS.Timeout | null = null
  #sentAt = Number.NEGATIVE_INFINITY
  #sending = Promise.resolve()
  #isClosed = false

  constructor(connection: ClientConfig, log: Logger) {
    this.#connection = connection
    this.#log = log
  }

  async open(): Promise<void> {
    this.#client = await this.#connect()
  }

  onChange(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /** For when notifications may have been missed. */
  onGap(listener: () => void): void {
    this.#gapListeners.push(listener)
  }

  publish(change: Change): void {
    if (change.topic !== 'access' && change.ids.length === 0) return
    this.#tell(change)
    const name = `${change.topic}:${change.organizationId}`
    const known = this.#gathered.get(name)
    if (known) for (const id of change.ids) known.ids.add(id)
    else this.#gathered.set(name, { ...change, ids: new Set(change.ids) })
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer) clearTimeout(this.#timer)
    if (this.#gathered.size > 0) this.#send()
    await this.#sending
    await this.#client?.end().catch(() => undefined)
  }

  #schedule(): void {
    if (this.#timer || this.#isClosed) return
    this.#timer = setTimeout(
      () => {
        this.#timer = null
        this.#send()
      },
      Math.max(0, this.#sentAt + PACE_MS - performance.now()),
    )
  }

  #send(): void {
    const gathered: Gathered = {}
    for (const { topic, organizationId, ids } of this.#gathered.values()) {
      gathered[topic] = { ...gathered[topic], [organizationId]: [...ids] }
    }
    this.#gathered = new Map()
    this.#sentAt = performance.now()
    const full = JSON.stringify({ process: this.#process, gathered })
    const payload = Buffer.byteLength(full) <= MOST_BYTES ? full : JSON.stringify({ process: this.#process })
    // A notification that is lost with the connection is made good by the gap that the others and this one then see.
    this.#sending = this.#sending.then(async () => {
      await this.#client?.query('select pg_notify($1, $2)', [CHANNEL, payload]).catch((error: unknown) => {
        this.#log.warn({ err: error }, 'A change could not be told to the other servers.')
      })
    })
  }

  async #connect(): Promise<Client> {
    const client = new Client(this.#connection)
    client.on('error', () => undefined)
    client.on('end', () => {
      if (this.#client === client) void this.#reconnect()
    })
    client.on('notification', ({ payload }) => this.#receive(payload ?? ''))
    await client.connect()
    await client.query(`listen ${CHANNEL}`)
    return client
  }

  async #reconnect(): Promise<void> {
    this.#client = null
    while (!this.#isClosed) {
      try {
        this.#client = await this.#connect()
        for (const listener of this.#gapListeners) listener()
        return
      } catch (error) {
        this.#log.warn({ err: error }, 'The connection that hears of changes broke; trying again.')
        await pause(RECONNECT_MS)
      }
    }
  }

  #receive(payload: string): void {
    const { process, gathered } = JSON.parse(payload) as { process: string; gathered?: Gathered }
    if (process === this.#process) return
    if (!gathered) {
      for (const listener of this.#gapListeners) listener()
      return
    }
    for (const [topic, byOrganization] of Object.entries(gathered)) {
      for (const [organizationId, ids] of Object.entries(byOrganization)) {
        this.#tell({ topic: topic as ChangeTopic, organizationId, ids })
      }
    }
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change)
  }
}
