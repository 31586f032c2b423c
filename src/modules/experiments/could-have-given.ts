import { bucketOf, hashVariant } from './bucketing.ts'
import type { EpochDefinition, ExperimentDefinition } from './experiment-definition.ts'
import { ALL_BASIS_POINTS } from './variant-weights.ts'

/**
 * Whether the experiment could have given a variant to a unit in any of its epochs. A published client key is not
 * trusted to say so: with HASH the variant must be the one that the hash gives, otherwise one that has a weight.
 */
export function couldHaveGiven(experiment: ExperimentDefinition, unitId: string, variantId: number): boolean {
  if (experiment.overrides.has(unitId)) return experiment.overrides.get(unitId) === variantId
  return experiment.epochs.some((epoch) => gaveIn(experiment, epoch, unitId, variantId))
}

function gaveIn(experiment: ExperimentDefinition, epoch: EpochDefinition, unitId: string, variantId: number): boolean {
  const weights = experiment.variants.map((variant) => epoch.weights.get(variant.id) ?? 0)
  if (experiment.algorithm === 'HASH') {
    return (
      experiment.variants[hashVariant(experiment.seed, unitId, weights, epoch.trafficBasisPoints)]?.id === variantId
    )
  }
  if (bucketOf(`${experiment.seed}:traffic`, unitId) >= epoch.trafficBasisPoints / ALL_BASIS_POINTS) return false
  return experiment.algorithm === 'THOMPSON' ? epoch.weights.has(variantId) : (epoch.weights.get(variantId) ?? 0) > 0
}
