import { allocationWithFloor, probabilityOfBeingBest } from '../../statistics/bandit/probability-of-being-best.ts'
import { isComputable } from '../../statistics/not-computable.ts'
import { type ExperimentDefinition, THOMPSON_FLOOR } from '../experiments/experiment-definition.ts'
import type { Aggregates, AggregatesReadModel } from '../ingestion/aggregates.read-model.ts'
import { posteriorArms } from './posterior-arms.ts'

/** How long probabilities are used, in milliseconds: within a second of a conversion they follow it. */
const FRESH_MS = 500

interface Entry {
  probabilities: Promise<ReadonlyMap<number, number>>
  at: number
}

/** The shares of the arms of THOMPSON experiments, from their live aggregates. */
export class ArmProbabilities {
  readonly #aggregates: AggregatesReadModel
  readonly #entries = new Map<number, Entry>()

  constructor(aggregates: AggregatesReadModel) {
    this.#aggregates = aggregates
  }

  /** Probability of each variant by its id, summing to 1. */
  of(organizationId: string, experiment: ExperimentDefinition): Promise<ReadonlyMap<number, number>> {
    const now = performance.now()
    const known = this.#entries.get(experiment.id)
    if (known && now - known.at < FRESH_MS) return known.probabilities
    const probabilities = this.#aggregates
      .of(organizationId, [experiment.id])
      .then(([aggregates]) => armShares(experiment, aggregates!))
    this.#entries.set(experiment.id, { probabilities, at: now })
    // A failure is not remembered.
    probabilities.catch(() => this.#entries.delete(experiment.id))
    return probabilities
  }
}

/** Shares by the primary metric so far; where it says nothing yet, equal ones. */
export function armShares(experiment: ExperimentDefinition, aggregates: Aggregates): ReadonlyMap<number, number> {
  const { primaryMetric } = experiment
  const variantIds = experiment.variants.map(({ id }) => id)
  const arms = primaryMetric && posteriorArms(primaryMetric, aggregates, variantIds)
  const best =
    arms && isComputable(arms)
      ? probabilityOfBeingBest(arms, primaryMetric.direction === 'DECREASE')
      : variantIds.map(() => 1 / variantIds.length)
  const shares = allocationWithFloor(best, THOMPSON_FLOOR)
  return new Map(variantIds.map((id, index) => [id, shares[index]!]))
}
