import type { Pool } from 'pg'
import type { Clock } from '../../shared/clock.ts'
import { DomainError, type Problem } from '../../shared/domain-error.ts'
import { CallGatherer } from '../../shared/gatherer.ts'
import type { DefinitionCache } from '../experiments/definition-cache.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { type Checked, checkItems, MOST_ITEMS, type Outcome, receiptOf } from './batch.ts'
import { BatchWriter, exposureName } from './batch-writer.ts'
import { checkEvent, type EventRow } from './event-rows.ts'
import { checkExposure, type ExposureRow } from './exposure-rows.ts'
import type { ExposureInput, Receipt, RecordExposuresInput, TrackEventsInput } from './ingestion.types.ts'
import { writeIsolated } from './isolate.ts'

/** Items waiting to be stored at which further calls are turned away. */
const MOST_WAITING = 200_000

export type OnAggregatesChanged = (organizationId: string, experimentIds: readonly number[]) => void

/** Takes in exposures and events. One per process: it gathers the calls of many requests into few transactions. */
export class Ingestion {
  /** How long before its receipt an item may have happened. */
  readonly retentionDays: number
  readonly #definitions: DefinitionCache
  readonly #clock: Clock
  readonly #exposures: CallGatherer<readonly ExposureRow[], Outcome[]>
  readonly #events: CallGatherer<readonly EventRow[], Outcome[]>

  constructor(
    pool: Pool,
    definitions: DefinitionCache,
    clock: Clock,
    retentionDays: number,
    onChanged: OnAggregatesChanged,
  ) {
    this.#definitions = definitions
    this.#clock = clock
    this.retentionDays = retentionDays
    const writer = new BatchWriter(pool)
    this.#exposures = gatherer((organizationId, rows) =>
      writeIsolated(rows, async (some) => {
        const { changed, experiments } = await writer.writeExposures(organizationId, some)
        onChanged(organizationId, experiments)
        // Of several exposures of one unit in a batch the first is the one that told something new.
        return some.map((row) => (changed.delete(exposureName(row)) ? 'ACCEPTED' : 'DUPLICATE'))
      }),
    )
    this.#events = gatherer((organizationId, rows) =>
      writeIsolated(rows, async (some) => {
        const first = new Map(some.map((row) => [row.key, row] as const).reverse())
        const { known, experiments } = await writer.writeEvents(organizationId, [...first.values()], clock())
        onChanged(organizationId, experiments)
        return some.map((row) => (first.get(row.key) === row && !known.has(row.key) ? 'ACCEPTED' : 'DUPLICATE'))
      }),
    )
  }

  /** Items that wait or are being stored. */
  get load(): number {
    return this.#exposures.load + this.#events.load
  }

  async recordExposures(viewer: Viewer, { exposures, sentAt }: RecordExposuresInput): Promise<Receipt> {
    viewer.assertCan('exposure:record')
    const definitions = await this.#definitions.of(viewer.organizationId)
    const receiving = this.#receiving(sentAt)
    const checked = checkItems(
      exposures,
      (exposure) => checkExposure(exposure, definitions.byKey.get(exposure.experimentKey), receiving, !viewer.isClient),
      isProblem<ExposureRow>,
    )
    return this.#store(this.#exposures, viewer, checked)
  }

  async trackEvents(viewer: Viewer, { events, sentAt }: TrackEventsInput): Promise<Receipt> {
    viewer.assertCan('event:track')
    const receiving = this.#receiving(sentAt)
    return this.#store(
      this.#events,
      viewer,
      checkItems(events, (event) => checkEvent(event, receiving), isProblem<EventRow>),
    )
  }

  /** One exposure, now. @throws DomainError with the rule that it breaks */
  async recordExposure(viewer: Viewer, exposure: ExposureInput): Promise<void> {
    const { rejected } = await this.recordExposures(viewer, { exposures: [exposure] })
    if (rejected[0]) throw new DomainError(rejected[0].code, rejected[0].message)
  }

  #receiving(sentAt: Date | null | undefined) {
    return { sentAt, receivedAt: this.#clock(), retentionDays: this.retentionDays }
  }

  async #store<Row>(
    to: CallGatherer<readonly Row[], Outcome[]>,
    viewer: Viewer,
    checked: Checked<Row>,
  ): Promise<Receipt> {
    if (this.load > MOST_WAITING) {
      throw new DomainError('SERVER_BUSY', `${this.load} items wait to be stored; send the batch again later.`)
    }
    const rows = checked.rows.map(({ row }) => row)
    return receiptOf(checked, rows.length > 0 ? await to.call(viewer.organizationId, rows) : [])
  }
}

/** Gathers the rows of several calls into one batch and gives each call the outcomes of its own. */
function gatherer<Row>(write: (organizationId: string, rows: readonly Row[]) => Promise<Outcome[]>) {
  return new CallGatherer<readonly Row[], Outcome[]>(
    async (organizationId, calls) => {
      const outcomes = await write(organizationId, calls.flat())
      let end = 0
      return calls.map((rows) => {
        end += rows.length
        return outcomes.slice(end - rows.length, end)
      })
    },
    MOST_ITEMS,
    (rows) => rows.length,
  )
}

function isProblem<Row extends object>(checked: Row | Problem): checked is Problem {
  return 'code' in checked
}
