import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { Problem } from '../../shared/domain-error.ts'
import { checkItems, type Outcome, receiptOf } from '../ingestion/batch.ts'
import { BatchWriter, exposureName } from '../ingestion/batch-writer.ts'
import type { ExposureRow } from '../ingestion/exposure-rows.ts'
import type { Receipt } from '../ingestion/ingestion.types.ts'
import { correctedTime, notAhead, timeProblem } from '../ingestion/item-rules.ts'
import { unitIdProblem } from '../ingestion/unit-id.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { decideRollout } from './decide-rollout.ts'
import type { RecordRolloutExposuresInput, ReportRolloutHealthInput, RolloutExposureInput } from './health.inputs.ts'
import type { HealthStore } from './health.store.ts'
import type { RolloutArm } from './health-check.ts'
import { ARM_ID } from './health-data.ts'
import { checkHealthSample, type HealthSampleRow } from './health-sample.ts'
import type { OrganizationRollouts, RolloutCache } from './rollout-cache.ts'
import type { RolloutEngine } from './rollout-engine.ts'

/** How old an exposure may be, in days. */
const MOST_AGE_DAYS = 2

export type OnRolloutsChanged = (organizationId: string, rolloutIds: readonly number[]) => void

export interface HealthServiceOptions {
  pool: Pool
  cache: RolloutCache
  store: HealthStore
  engine: RolloutEngine
  clock: Clock
  log: Logger
  onChanged: OnRolloutsChanged
}

/** An exposure as it is stored; null where no check reads a metric, so that there is nothing to store. */
interface CheckedExposure {
  row: ExposureRow | null
}

/** Takes in what health checks look at. One per process. */
export class RolloutHealthService {
  readonly #options: HealthServiceOptions
  readonly #writer: BatchWriter

  constructor(options: HealthServiceOptions) {
    this.#options = options
    this.#writer = new BatchWriter(options.pool)
  }

  /** Answered means committed; a rollout whose check now fails has been rolled back or paused by then. */
  async report(viewer: Viewer, { samples, sentAt }: ReportRolloutHealthInput): Promise<Receipt> {
    viewer.assertCan('rollout:report')
    const { cache, store, clock } = this.#options
    const { organizationId } = viewer
    const { byKey } = await cache.of(organizationId)
    const receivedAt = clock()
    const checked = checkItems(
      samples,
      (sample) => checkHealthSample(sample, byKey.get(sample.rolloutKey)?.id, { sentAt, receivedAt }),
      isProblem<HealthSampleRow>,
    )
    const rows = checked.rows.map(({ row }) => row)
    const nameOf = ({ rolloutId, key }: HealthSampleRow) => `${rolloutId}:${key}`
    const first = new Map(rows.map((row) => [nameOf(row), row] as const).reverse())
    const distinct = [...first.values()]
    const recorded = distinct.length > 0 ? await store.record(organizationId, distinct) : []
    const isNew = new Map(distinct.map((row, place) => [row, recorded[place]!]))
    const receipt = receiptOf(
      checked,
      rows.map((row): Outcome => {
        const news = isNew.get(first.get(nameOf(row))!)
        if (news === null) return OUTSIDE
        return news && first.get(nameOf(row)) === row ? 'ACCEPTED' : 'DUPLICATE'
      }),
    )
    await this.#react(
      organizationId,
      distinct.filter((row) => isNew.get(row)).map(({ rolloutId }) => rolloutId),
    )
    return receipt
  }

  /** Decides each unit as rolloutDecision does, and counts it in its arm for the checks that read metrics. */
  async recordExposures(viewer: Viewer, { exposures, sentAt }: RecordRolloutExposuresInput): Promise<Receipt> {
    viewer.assertCan('exposure:record')
    const { cache, store, clock, onChanged } = this.#options
    const { organizationId } = viewer
    const rollouts = await cache.of(organizationId)
    const receivedAt = clock()
    const checked = checkItems(
      exposures,
      (exposure) => checkExposure(exposure, rollouts, sentAt, receivedAt),
      isProblem<CheckedExposure>,
    )
    const rows = checked.rows.flatMap(({ row }) => row.row ?? [])
    const { changed } =
      rows.length > 0 ? await this.#writer.writeExposures(organizationId, rows) : { changed: new Set<string>() }
    const newest = newestOf(rows, receivedAt)
    await store.noteExposures(organizationId, newest)
    // How fresh a check is may change without a unit that is new.
    onChanged(
      organizationId,
      [...newest.keys()].flatMap((id) => rollouts.byAttribution.get(id) ?? []),
    )
    return receiptOf(
      checked,
      checked.rows.map(({ row: { row } }) => (row && changed.delete(exposureName(row)) ? 'ACCEPTED' : 'DUPLICATE')),
    )
  }

  async #react(organizationId: string, rolloutIds: readonly number[]): Promise<void> {
    const { engine, clock, log, onChanged } = this.#options
    const distinct = [...new Set(rolloutIds)]
    onChanged(organizationId, distinct)
    for (const rolloutId of distinct) {
      try {
        await engine.advance(organizationId, rolloutId, clock())
      } catch (error) {
        // What was reported is committed; the next look comes within seconds.
        log.error({ err: error }, 'A rollout could not be looked at.')
      }
    }
  }
}

const OUTSIDE: Problem = {
  code: 'SAMPLE_OUTSIDE_STAGES',
  message: 'The sample does not lie inside a time in which the rollout ran with one share.',
}

function checkExposure(
  { rolloutKey, unitId, attributes, occurredAt }: RolloutExposureInput,
  { byKey }: OrganizationRollouts,
  sentAt: Date | null | undefined,
  receivedAt: Date,
): CheckedExposure | Problem {
  const rollout = byKey.get(rolloutKey)
  if (!rollout) return { code: 'ROLLOUT_NOT_FOUND', message: `No rollout has the key ${JSON.stringify(rolloutKey)}.` }
  const at = correctedTime(occurredAt, sentAt, receivedAt)
  const problem = unitIdProblem(unitId) ?? timeProblem(at, receivedAt, MOST_AGE_DAYS)
  if (problem) return problem
  if (!rollout.window || at < rollout.window.startedAt) return OUTSIDE
  const { isOnNewVersion, reason } = decideRollout(rollout, { unitId, attributes: attributes ?? {} })
  const { attributionId } = rollout.window
  // Who cannot get the new version is no control for those who can.
  if (attributionId === null || reason === 'TARGETING') return { row: null }
  return {
    row: {
      unitType: rollout.unitType,
      unitId,
      experimentId: attributionId,
      variantId: ARM_ID[isOnNewVersion ? 'TREATMENT' : 'CONTROL'],
      occurredAt: at,
      context: null,
      slices: null,
    },
  }
}

/** By attribution id, the newest exposure of each arm; none is newer than its receipt. */
function newestOf(rows: readonly ExposureRow[], receivedAt: Date): Map<number, Partial<Record<RolloutArm, Date>>> {
  const newest = new Map<number, Partial<Record<RolloutArm, Date>>>()
  for (const { experimentId, variantId, occurredAt } of rows) {
    const arm = variantId === ARM_ID.TREATMENT ? 'TREATMENT' : 'CONTROL'
    const times = newest.get(experimentId) ?? {}
    newest.set(experimentId, times)
    const at = notAhead(occurredAt, receivedAt)
    if (!times[arm] || times[arm] < at) times[arm] = at
  }
  return newest
}

function isProblem<Row extends object>(checked: Row | Problem): checked is Problem {
  return 'code' in checked
}
