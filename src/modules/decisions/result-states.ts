import type { EntityManager } from '@mikro-orm/postgresql'
import DataLoader from 'dataloader'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Experiment } from '../experiments/experiment.entity.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { ExperimentResults } from '../results/experiment-results.types.ts'
import { STATES_AT } from './result-state.sql.ts'
import { storedResults } from './stored-results.ts'

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
    return storedResults(experiment, text)
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
