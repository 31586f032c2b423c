import type { EntityManager } from '@mikro-orm/postgresql'
import DataLoader from 'dataloader'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { integerKey, parseGlobalId, toGlobalId } from '../../shared/global-id.ts'
import { PageLoader } from '../../shared/page-loader.ts'
import { storedResults } from '../decisions/stored-results.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { ExperimentResults } from '../results/experiment-results.types.ts'
import { RESULTS_OF } from './recomputation.sql.ts'
import { ResultsRecomputation } from './results-recomputation.entity.ts'

/** Recomputations as screens see them; those of deleted experiments do not exist. */
export class RecomputationReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer
  readonly #ofExperiments: PageLoader<ResultsRecomputation>
  readonly #texts: DataLoader<number, string | null>

  constructor(em: EntityManager, viewer: Viewer) {
    this.#em = em
    this.#viewer = viewer
    this.#ofExperiments = new PageLoader(em, { entity: ResultsRecomputation, parent: 'experiment' })
    this.#texts = new DataLoader((ids) => this.#findTexts(ids), { cache: false })
  }

  async byId(id: string): Promise<ResultsRecomputation | null> {
    const key = integerKey(id, 'ResultsRecomputation')
    return (await this.byIds(key === null ? [] : [key]))[0] ?? null
  }

  byIds(ids: readonly number[]): Promise<ResultsRecomputation[]> {
    this.#viewer.assertCan('result:read')
    return this.#em.find(ResultsRecomputation, { id: { $in: [...ids] }, experiment: { deletedAt: null } })
  }

  /** Newest first. */
  list(experimentId: number, request: PageRequest): Promise<Page<ResultsRecomputation>> {
    this.#viewer.assertCan('result:read')
    return this.#ofExperiments.load(experimentId, request)
  }

  /** Null until it has succeeded. */
  async results(recomputation: ResultsRecomputation): Promise<ExperimentResults | null> {
    this.#viewer.assertCan('result:read')
    const text = recomputation.status === 'SUCCEEDED' ? await this.#texts.load(recomputation.id) : null
    if (text === null) return null
    const results = await storedResults(await recomputation.experiment.loadOrFail(), text)
    return Object.assign(results, { pastKey: `recomputation-${recomputation.id}` })
  }

  /** By the ids that results which were recomputed have, of which others are left out. */
  async resultsByNodeIds(ids: readonly string[]): Promise<ExperimentResults[]> {
    const keys = ids.flatMap((id) => {
      const key = parseGlobalId(id)?.key.match(/^recomputation-(\d+)$/)?.[1]
      return key === undefined
        ? []
        : (integerKey(toGlobalId('ResultsRecomputation', key), 'ResultsRecomputation') ?? [])
    })
    const found = await Promise.all((await this.byIds(keys)).map((recomputation) => this.results(recomputation)))
    return found.filter((results) => results !== null)
  }

  async #findTexts(ids: readonly number[]): Promise<Array<string | null>> {
    const rows = await this.#em.transactional((em) =>
      runInTransaction<{ id: number; results: string }>(em as EntityManager, RESULTS_OF, [
        this.#viewer.organizationId,
        ids,
      ]),
    )
    const texts = new Map(rows.map(({ id, results }) => [id, results]))
    return ids.map((id) => texts.get(id) ?? null)
  }
}
