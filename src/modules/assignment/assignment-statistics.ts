import DataLoader from 'dataloader'
import type { Experiment } from '../experiments/experiment.entity.ts'
import { ALL_BASIS_POINTS } from '../experiments/variant-weights.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { AssignmentCount, AssignmentStore } from './assignment.store.ts'
import type { AssignmentStatistic } from './assignment.types.ts'

/** Actual against target shares, batched over the experiments of one operation. */
export class AssignmentStatistics {
  readonly #viewer: Viewer
  readonly #counts: DataLoader<number, AssignmentCount[]>

  constructor(store: AssignmentStore, viewer: Viewer) {
    this.#viewer = viewer
    this.#counts = new DataLoader(async (experimentIds) => {
      const counts = await store.counts(viewer.organizationId, experimentIds)
      return experimentIds.map((id) => counts.filter((count) => count.experimentId === id))
    })
  }

  async of(experiment: Experiment): Promise<AssignmentStatistic[]> {
    this.#viewer.assertCan('assignment:read')
    const [counts, variants, epochs] = await Promise.all([
      this.#counts.load(experiment.id),
      experiment.variants.loadItems(),
      experiment.epochs.loadItems(),
    ])
    return epochs.flatMap((epoch) => {
      const ofEpoch = counts.filter((count) => count.epoch === epoch.number)
      const all = ofEpoch.reduce((sum, count) => sum + count.assigned, 0)
      return variants.map((variant) => {
        const assigned = ofEpoch.find((count) => count.variantId === variant.id)?.assigned ?? 0
        return {
          epoch: epoch.number,
          variant,
          assigned,
          actualShare: all > 0 ? assigned / all : null,
          targetShare: (epoch.weights[variant.id] ?? 0) / ALL_BASIS_POINTS,
        }
      })
    })
  }
}
