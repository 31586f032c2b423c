import DataLoader from 'dataloader'
import { eachAlone } from '../../shared/each-alone.ts'
import { onceEach } from '../../shared/once-each.ts'
import type { ReadExperiment } from '../experiments/definition-cache.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { ExperimentResults } from './experiment-results.types.ts'
import type { DimensionRequest, ResultsReadModel } from './results.read-model.ts'
import type { SlicedResults } from './sliced-results.ts'

interface SlicedRequest {
  experiment: ReadExperiment
  /** Its key. */
  dimension: string
}

/** The results that one operation asks for, all in one go. */
export class ResultsLoader {
  readonly #viewer: Viewer
  readonly #byId: DataLoader<number, ExperimentResults | null>
  readonly #byExperiment: DataLoader<ReadExperiment, ExperimentResults | null>
  readonly #byDimension: DataLoader<SlicedRequest, SlicedResults | null>

  constructor(results: ResultsReadModel, viewer: Viewer) {
    this.#viewer = viewer
    const { organizationId } = viewer
    // Results change while a subscription lives.
    const options = { cache: false }
    const load = (ids: readonly number[]) =>
      onceEach(ids, String, (distinct) =>
        eachAlone(distinct, async (some) =>
          (await results.of(organizationId, some)).map((each) => (each ? ExperimentResults.from(each) : null)),
        ),
      )
    this.#byId = new DataLoader(load, options)
    this.#byExperiment = new DataLoader(async (experiments) => {
      await results.catchUpWith(organizationId, experiments)
      return load(experiments.map(({ id }) => id))
    }, options)
    this.#byDimension = new DataLoader(async (requests) => {
      await results.catchUpWith(
        organizationId,
        requests.map(({ experiment }) => experiment),
      )
      return onceEach<DimensionRequest, SlicedResults | Error | null>(
        requests.map(({ experiment, dimension }) => ({ experimentId: experiment.id, dimension })),
        ({ experimentId, dimension }) => `${experimentId}:${dimension}`,
        (distinct) => eachAlone(distinct, (some) => results.byDimension(organizationId, some)),
      )
    }, options)
  }

  of(experiment: ReadExperiment): Promise<ExperimentResults | null> {
    this.#viewer.assertCan('result:read')
    return this.#byExperiment.load(experiment)
  }

  /** For who has not read the experiment. */
  byId(experimentId: number): Promise<ExperimentResults | null> {
    this.#viewer.assertCan('result:read')
    return this.#byId.load(experimentId)
  }

  byDimension(experiment: ReadExperiment, dimension: string): Promise<SlicedResults | null> {
    this.#viewer.assertCan('result:read')
    return this.#byDimension.load({ experiment, dimension })
  }
}
