import type { EntityManager } from '@mikro-orm/postgresql'
import DataLoader from 'dataloader'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import { integerKey, parseGlobalId, toGlobalId } from '../../shared/global-id.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { ExperimentResults } from '../results/experiment-results.types.ts'
import { STATES_AT, STATES_OF } from './result-state.sql.ts'
import { storedResults } from './stored-results.ts'

interface StateKey {
  experimentId: number
  time: Date
}

interface StateRow {
  experiment_id: number
  results: string
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
    return text === null ? null : stored(experiment, text)
  }

  /** By the ids that stored results have, of which others are left out. */
  async byNodeIds(ids: readonly string[]): Promise<ExperimentResults[]> {
    this.#viewer.assertCan('result:read')
    const asked = ids.flatMap((id) => stateNamedBy(id) ?? [])
    if (asked.length === 0) return []
    const experimentIds = asked.map(({ experimentId }) => experimentId)
    const experiments = await this.#em.find(Experiment, { id: { $in: experimentIds }, deletedAt: null })
    const byId = new Map(experiments.map((experiment) => [experiment.id, experiment]))
    const versions = asked.map(({ version }) => version)
    const rows = await this.#em.transactional((em) =>
      runInTransaction<StateRow>(em as EntityManager, STATES_OF, [
        this.#viewer.organizationId,
        experimentIds,
        versions,
      ]),
    )
    const found = rows.map(({ experiment_id, results }) => {
      const experiment = byId.get(experiment_id)
      return experiment ? stored(experiment, results) : null
    })
    return (await Promise.all(found)).filter((results) => results !== null)
  }

  async #loadTexts(keys: readonly StateKey[]): Promise<Array<string | null>> {
    const texts = new Map<StateKey, string>()
    for (const alike of Map.groupBy(keys, ({ time }) => time.getTime()).values()) {
      const ids = alike.map(({ experimentId }) => experimentId)
      const rows = await this.#em.transactional((em) =>
        runInTransaction<StateRow>(em as EntityManager, STATES_AT, [this.#viewer.organizationId, ids, alike[0]!.time]),
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

async function stored(experiment: Experiment, text: string): Promise<ExperimentResults> {
  const results = await storedResults(experiment, text)
  return Object.assign(results, { pastKey: `stored-${experiment.id}-${results.version}` })
}

/** Of which experiment an id names stored results, and which. */
function stateNamedBy(id: string): { experimentId: number; version: number } | null {
  const [, key, version] = parseGlobalId(id)?.key.match(/^stored-(\d+)-(\d{1,15})$/) ?? []
  const experimentId = key === undefined ? null : integerKey(toGlobalId('Experiment', key), 'Experiment')
  return experimentId === null ? null : { experimentId, version: Number(version) }
}
