import type { EntityManager } from '@mikro-orm/postgresql'
import { AllocationEpoch } from './allocation-epoch.entity.ts'
import type { Experiment } from './experiment.entity.ts'

/** Begins the next epoch with the weights, traffic and targeting that the experiment has now. */
export async function openEpoch(em: EntityManager, experiment: Experiment, startedAt: Date): Promise<void> {
  const epochs = await experiment.epochs.loadItems()
  em.create(AllocationEpoch, {
    organizationId: experiment.organizationId,
    experiment,
    number: epochs.length + 1,
    startedAt,
    weights: Object.fromEntries(
      experiment.variants.getItems().map((variant) => [variant.id, variant.weightBasisPoints]),
    ),
    trafficBasisPoints: experiment.trafficBasisPoints,
    targeting: experiment.targeting,
  })
}
