import DataLoader from 'dataloader'
import type { Viewer } from '../organizations/viewer.ts'
import { ExperimentResults } from './experiment-results.types.ts'
import type { ResultsReadModel } from './results.read-model.ts'

/** The results that one operation asks for, all in one go. */
export class ResultsLoader {
  readonly #viewer: Viewer
  readonly #loader: DataLoader<number, ExperimentResults | null>

  constructor(results: ResultsReadModel, viewer: Viewer) {
    this.#viewer = viewer
    this.#loader = new DataLoader(
      async (ids) =>
        (await results.of(viewer.organizationId, ids)).map((each) => (each ? ExperimentResults.from(each) : null)),
      // They change while a subscription lives.
      { cache: false },
    )
  }

  of(experimentId: number): Promise<ExperimentResults | null> {
    this.#viewer.assertCan('result:read')
    return this.#loader.load(experimentId)
  }
}
