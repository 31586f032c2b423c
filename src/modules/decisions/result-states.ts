import type { EntityManager } from '@mikro-orm/postgresql'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Experiment } from '../experiments/experiment.entity.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { ExperimentResults } from '../results/experiment-results.types.ts'
import type { Results } from '../results/results.ts'
import { fromExactJson } from './exact-json.ts'
import { STATE_AT } from './result-state.sql.ts'

/** Results as they were stored, for the organization of the viewer. */
export class ResultStates {
  readonly #em: EntityManager
  readonly #viewer: Viewer

  constructor(em: EntityManager, viewer: Viewer) {
    this.#em = em
    this.#viewer = viewer
  }

  /** The newest stored results at or before a time, which say themselves when they were computed; null if there are none. */
  async at(experiment: Experiment, time: Date): Promise<ExperimentResults | null> {
    this.#viewer.assertCan('result:read')
    const [row] = await this.#em.transactional((em) =>
      runInTransaction<{ results: string }>(em as EntityManager, STATE_AT, [
        this.#viewer.organizationId,
        experiment.id,
        time,
      ]),
    )
    if (!row) return null
    const variants = await experiment.variants.loadItems()
    const used = await experiment.metrics.loadItems({ populate: ['metric'] })
    const entities = {
      variant: new Map<number, object>(variants.map((variant) => [variant.id, variant])),
      metric: new Map<number, object>(used.map(({ metric }) => [metric.id, metric.unwrap()])),
    }
    return ExperimentResults.from(relinked(fromExactJson<Results>(row.results), entities) as Results)
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
