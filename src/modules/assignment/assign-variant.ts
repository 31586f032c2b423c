import { bucketOf, hashVariant } from '../experiments/bucketing.ts'
import type { ExperimentDefinition, VariantDefinition } from '../experiments/experiment-definition.ts'
import { isLive } from '../experiments/experiment-status.ts'
import { ALL_BASIS_POINTS } from '../experiments/variant-weights.ts'
import { meetsCondition } from '../targeting/targeting.ts'

/** The decision order: the first that applies is the reason. Segments, holdouts and layers have their place in it. */
export type AssignmentReason =
  | 'NOT_RUNNING'
  | 'OVERRIDE'
  | 'STICKY'
  | 'TARGETING'
  | 'HOLDOUT'
  | 'LAYER'
  | 'TRAFFIC'
  | 'ASSIGNED'

export interface Unit {
  unitId: string
  attributes: Record<string, unknown>
}

export interface Decision {
  reason: AssignmentReason
  variant: VariantDefinition | null
  /** Probability with which an enrolled unit got this variant; null unless ASSIGNED. */
  propensity: number | null
}

export interface Chance {
  /** Uniform on [0, 1). */
  random: () => number
  /** Probability of each variant by its id, floor applied; only for THOMPSON. */
  armProbabilities: ReadonlyMap<number, number> | null
}

/** Which variant a unit gets, and why. No clock and no database; chance is a parameter. */
export function assignVariant(
  experiment: ExperimentDefinition,
  unit: Unit,
  stored: { variantId: number } | null,
  chance: Chance,
): Decision {
  const given = (reason: AssignmentReason, variantId: number): Decision => ({
    reason,
    variant: experiment.variants.find((variant) => variant.id === variantId) ?? null,
    propensity: null,
  })
  const none = (reason: AssignmentReason): Decision => ({ reason, variant: null, propensity: null })

  if (!isLive(experiment.status)) return none('NOT_RUNNING')
  const override = experiment.overrides.get(unit.unitId)
  if (override !== undefined) return given('OVERRIDE', override)
  if (stored) return given('STICKY', stored.variantId)
  if (experiment.status === 'PAUSED') return none('NOT_RUNNING')
  if (experiment.targeting && !meetsCondition(unit.attributes, experiment.targeting)) return none('TARGETING')
  return draw(experiment, unit.unitId, chance) ?? none('TRAFFIC')
}

function draw(experiment: ExperimentDefinition, unitId: string, { random, armProbabilities }: Chance): Decision | null {
  const { variants, seed, trafficBasisPoints } = experiment
  const weights = variants.map((variant) => variant.weightBasisPoints)
  if (experiment.algorithm === 'HASH') {
    return assigned(variants[hashVariant(seed, unitId, weights, trafficBasisPoints)], weights, variants)
  }
  // Who is enrolled goes by hash, so that a unit left out stays out and raising traffic only adds units.
  if (bucketOf(`${seed}:traffic`, unitId) >= trafficBasisPoints / ALL_BASIS_POINTS) return null
  const shares =
    experiment.algorithm === 'THOMPSON' && armProbabilities
      ? variants.map((variant) => armProbabilities.get(variant.id) ?? 0)
      : weights
  return assigned(variants[weightedIndex(shares, random())], shares, variants)
}

function assigned(
  variant: VariantDefinition | undefined,
  shares: readonly number[],
  variants: readonly VariantDefinition[],
): Decision | null {
  if (!variant) return null
  const sum = shares.reduce((total, share) => total + share, 0)
  return { reason: 'ASSIGNED', variant, propensity: shares[variants.indexOf(variant)]! / sum }
}

/** Index drawn with the given shares, which need not sum to one; a share of zero is never drawn. */
function weightedIndex(shares: readonly number[], uniform: number): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  let left = uniform * sum
  const index = shares.findIndex((share) => {
    left -= share
    return left < 0
  })
  // Rounding may leave the very end uncovered: it belongs to the last variant that has a share.
  return index >= 0 ? index : shares.findLastIndex((share) => share > 0)
}
