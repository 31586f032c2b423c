import { hash } from 'node:crypto'
import type { Problem } from '../shared/domain-error.ts'
import type { ApiClient } from './api-client.ts'
import type { ImportTarget } from './import-experiment.ts'
import type { ImportOptions } from './import-options.ts'
import { type ImportedRow, told } from './import-rows.ts'

const EXPOSE = `mutation RecordExposures($exposures: [ExposureInput!]!) {
  recordExposures(input: { exposures: $exposures }) { accepted duplicates rejected { index code message } }
}`

const TRACK = `mutation TrackEvents($events: [EventInput!]!) {
  trackEvents(input: { events: $events }) { accepted duplicates rejected { index code message } }
}`

interface Receipt {
  accepted: number
  duplicates: number
  rejected: Array<Problem & { index: number }>
}

export interface Tally {
  accepted: number
  duplicates: number
}

/** An item that the server did not take, with the line of the file that it came from. */
export type OnRejected = (line: number, problem: string) => void

interface Item {
  line: number
  body: Record<string, unknown>
}

/** Sends rows in batches: first the exposures, then the events of those units whose exposure was taken. */
export class ImportSender {
  readonly exposures: Tally = { accepted: 0, duplicates: 0 }
  readonly events: Tally = { accepted: 0, duplicates: 0 }
  readonly #api: ApiClient
  readonly #options: ImportOptions
  readonly #target: ImportTarget
  readonly #onRejected: OnRejected

  constructor(api: ApiClient, options: ImportOptions, target: ImportTarget, onRejected: OnRejected) {
    this.#api = api
    this.#options = options
    this.#target = target
    this.#onRejected = onRejected
  }

  async send(rows: readonly ImportedRow[]): Promise<void> {
    const exposures = rows.map((row) => ({ line: row.line, body: this.#exposure(row) }))
    const refused = await this.#deliver(exposures, EXPOSE, 'exposures', this.exposures)
    const events = rows.flatMap((row) => (refused.has(row.line) ? [] : this.#events(row)))
    await this.#deliver(events, TRACK, 'events', this.events)
  }

  #exposure(row: ImportedRow): Record<string, unknown> {
    const { experiment: experimentKey } = this.#options
    return {
      experimentKey,
      variantKey: row.variantKey,
      unitId: row.unitId,
      occurredAt: row.time ?? this.#target.startedAt,
    }
  }

  /** The key of an event stands for unit and metric, so that a second run repeats keys and counts nothing twice. */
  #events(row: ImportedRow): Item[] {
    const occurredAt = row.time ?? this.#target.startedAt
    return this.#options.metrics.flatMap(({ column, kind }, index) => {
      const amount = row.amounts[index] ?? 0
      if (amount === 0) return []
      const key = keyOf(this.#options.experiment, column, row.unitId)
      const event = { unitId: row.unitId, name: this.#target.eventNames.get(column), occurredAt }
      if (kind !== 'COUNT') return [{ line: row.line, body: { ...event, idempotencyKey: key, value: amount } }]
      return Array.from({ length: amount }, (_, n) => ({
        line: row.line,
        body: { ...event, idempotencyKey: `${key}:${n}`, value: 1 },
      }))
    })
  }

  /** @returns the lines of what was refused */
  async #deliver(
    items: Item[],
    mutation: string,
    name: 'exposures' | 'events',
    tally: Tally,
  ): Promise<ReadonlySet<number>> {
    const refused = new Set<number>()
    for (let start = 0; start < items.length; start += this.#options.batchSize) {
      const batch = items.slice(start, start + this.#options.batchSize)
      const answer = await this.#api.call<Record<string, Receipt>>(mutation, { [name]: batch.map((item) => item.body) })
      const receipt = Object.values(answer)[0]!
      tally.accepted += receipt.accepted
      tally.duplicates += receipt.duplicates
      for (const { index, ...problem } of receipt.rejected) {
        const { line } = batch[index]!
        refused.add(line)
        this.#onRejected(line, told(problem))
      }
    }
    return refused
  }
}

/** Of one length, however long the unit id. */
function keyOf(...parts: string[]): string {
  return `import:${hash('sha256', JSON.stringify(parts), 'base64url')}`
}
