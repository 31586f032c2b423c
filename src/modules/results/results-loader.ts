import DataLoader from 'dataloader'
import { eachAlone } from '../../shared/each-alone.ts'
import { onceEach } from '../../shared/once-each.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { ExperimentResults } from './experiment-results.types.ts'
import type { DimensionRequest, ResultsReadModel } from './results.read-model.ts'
import type { SlicedResults } from './sliced-results.ts'

/** The results that one operation asks for, all in one go. */
export class ResultsLoader {
  readonly #viewer: Viewer
  readonly #loader: DataLoader<number, ExperimentResults | null>
  readonly #byDimension: DataLoader<DimensionRequest, SlicedResults | null>

  constructor(results: ResultsReadModel, viewer: Viewer) {
    this.#viewer = viewer
    const { organizationId } = viewer
    this.#loader = new DataLoader(
      (ids) =>
        onceEach(ids, String, (distinct) =>
          eachAlone(distinct, async (some) =>
            (await results.of(organizationId, some)).map((each) => (each ? ExperimentResults.from(each) : null)),
          ),
        ),
      // They change while a subscription lives.
      { cache: false },
    )
    this.#byDimension = new DataLoader<DimensionRequest, SlicedResults | null>(
      (requests) =>
        onceEach<DimensionRequest, SlicedResults | Error | null>(
          requests,
          ({ experimentId, dimension }) => `${experimentId}:${dimension}`,
          (distinct) => eachAlone(distinct, (some) => results.byDimension(organizationId, some)),
        ),
      { cache: false },
    )
  }

  of(experimentId: number): Promise<ExperimentResults | null> {
    this.#viewer.assertCan('result:read')
    return this.#loader.load(experimentId)
  }

  byDimension(experimentId: number, dimension: string): Promise<SlicedResults | null> {
    this.#viewer.assertCan('result:read')
    return this.#byDimension.load({ experimentId, dimension })
  }
}
