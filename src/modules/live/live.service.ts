import { DomainError } from '../../shared/domain-error.ts'
import type { Experiment } from '../experiments/experiment.entity.ts'
import type { ExperimentReadModel } from '../experiments/experiment.read-model.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { ExperimentResults } from '../results/experiment-results.types.ts'
import type { LiveExperiments } from './live-experiments.ts'
import type { LiveResults } from './live-results.ts'

/** What lives as long as the process. */
export interface LiveHubs {
  results: LiveResults
  experiments: LiveExperiments
}

/** The subscriptions of one viewer. They end with the session: its signal's reason is the error that subscribers get. */
export class LiveService {
  readonly #hubs: LiveHubs
  readonly #reads: ExperimentReadModel
  readonly #viewer: Viewer
  readonly #session: AbortSignal | undefined

  constructor(hubs: LiveHubs, reads: ExperimentReadModel, viewer: Viewer, session: AbortSignal | undefined) {
    this.#hubs = hubs
    this.#reads = reads
    this.#viewer = viewer
    this.#session = session
  }

  /** @throws DomainError EXPERIMENT_NOT_FOUND, EXPERIMENT_NOT_STARTED */
  async results(experimentKey: string): Promise<AsyncIterable<ExperimentResults>> {
    this.#viewer.assertCan('result:read')
    const experiment = await this.#find(experimentKey)
    if (!experiment.startedAt) {
      throw new DomainError(
        'EXPERIMENT_NOT_STARTED',
        `The experiment ${experimentKey} has not started; it has no results.`,
      )
    }
    const results = await this.#hubs.results.subscribe(this.#viewer.organizationId, experiment)
    return results.endWith(this.#session)
  }

  /** Ids, for `experiment` to look up. @throws DomainError EXPERIMENT_NOT_FOUND */
  async experiments(experimentKey: string): Promise<AsyncIterable<number>> {
    this.#viewer.assertCan('experiment:read')
    const experiment = await this.#find(experimentKey)
    return this.#hubs.experiments.subscribe(this.#viewer.organizationId, experiment.id).endWith(this.#session)
  }

  /** The experiment as it is now. @throws DomainError EXPERIMENT_DELETED */
  async experiment(experimentId: number): Promise<Experiment> {
    const [experiment] = await this.#reads.byIds([experimentId])
    if (!experiment) throw new DomainError('EXPERIMENT_DELETED', 'The experiment was deleted.')
    return experiment
  }

  async #find(key: string): Promise<Experiment> {
    const experiment = await this.#reads.byKey(key)
    if (!experiment) throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the key ${key}.`)
    return experiment
  }
}
