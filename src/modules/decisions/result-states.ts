import type { EntityManager } from '@mikro-orm/postgresql'
import DataLoader from 'dataloader'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Experiment } from '../experiments/experiment.entity.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { ExperimentResults } from '../results/experiment-results.types.ts'
import type { Results } from '../results/results.ts'
import { fromExactJson } from './exact-json.ts'
import { STATES_AT } from './result-state.sql.ts'

interface StateKey {
  experimentId: number
  time: Date
}

/** Results as they were stored, for the organization of the viewer. */
export class ResultStates {
  readonly #em: EntityManager
  readonly #viewer: Viewer
  readonly #texts: DataLoader<StateKey, string | null>

  constructor(em: EntityManager, viewer: Viewer) {
    this.#em = em
    this.#viewer = viewer
    this.#texts = new DataLoader((keys) => this.#loadTexts(keys), { cache: false })
  }

  /** The newest stored results at or before a time, which say themselves when they were computed; null if there are none. */
  async at(experiment: Experiment, time: Date): Promise<ExperimentResults | null> {
    this.#viewer.assertCan('result:read')
    const text = await this.#texts.load({ experimentId: experiment.id, time })
    if (text === null) return null
    const variants = await experiment.variants.loadItems()
    const used = await experiment.metrics.loadItems()
    const metrics = await Promise.all(used.map(({ metric }) => metric.loadOrFail()))
    const entities = {
      variant: new Map<number, object>(variants.map((variant) => [variant.id, variant])),
      metric: new Map<number, object>(metrics.map((metric) => [metric.id, metric])),
    }
    return ExperimentResults.from(relinked(fromExactJson<Results>(text), entities) as Results)
  }

  async #loadTexts(keys: readonly StateKey[]): Promise<Array<string | null>> {
    const texts = new Map<StateKey, string>()
    for (const alike of Map.groupBy(keys, ({ time }) => time.getTime()).values()) {
      const ids = alike.map(({ experimentId }) => experimentId)
      const rows = await this.#em.transactional((em) =>
        runInTransaction<{ experiment_id: number; results: string }>(em as EntityManager, STATES_AT, [
          this.#viewer.organizationId,
          ids,
          alike[0]!.time,
        ]),
      )
      const byExperiment = new Map(rows.map((row) => [row.experiment_id, row.results]))
      for (const key of alike) {
        const text = byExperiment.get(key.experimentId)
        if (text !== undefined) texts.set(key, text)
      }
    }
    return keys.map((key) => texts.get(key) ?? null)
  }
}

type Entities = Record<'variant' | 'metric', ReadonlyMap<number, object>>

const LINKS: Record<string, keyof Entities> = { variant: 'variant', winner: 'variant', metric: 'metric' }

/** The same with the variants and metrics that it names by their id, so that the graph can go on from them. */
function relinked(value: unknown, entities: Entities): unknown {
  if (Array.isArray(value)) return value.map((item) => relinked(item, entities))
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const link = LINKS[key]
      if (!link || typeof part !== 'object' || part === null) return [key, relinked(part, entities)]
      return [key, entities[link].get((part as { id: number }).id)]
    }),
  )
}
