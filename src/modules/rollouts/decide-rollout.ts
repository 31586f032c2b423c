import { bucketOf } from '../experiments/bucketing.ts'
import { ALL_BASIS_POINTS } from '../experiments/variant-weights.ts'
import { meetsCondition } from '../targeting/targeting.ts'
import type { RolloutStatus } from './rollout-status.ts'

/** Why a unit is on the new version, or not; the first that applies, in this order. */
export type RolloutReason = 'NOT_STARTED' | 'ROLLED_BACK' | 'TARGETING' | 'COMPLETED' | 'IN_SHARE' | 'NOT_YET'

export interface RolloutRule {
  status: RolloutStatus
  /** Salt of the hash, the rollout's own: two rollouts do not pick the same units. */
  salt: string
  shareBasisPoints: number
  targeting: Record<string, unknown> | null
}

export interface UnitDecision {
  isOnNewVersion: boolean
  reason: RolloutReason
}

/**
 * Whether a unit is on the new version. The share takes the units from the start of the line, so that a larger one keeps all who were
 * in a smaller one.
 */
export function decideRollout(
  { status, salt, shareBasisPoints, targeting }: RolloutRule,
  unit: { unitId: string; attributes: Record<string, unknown> },
): UnitDecision {
  if (status === 'DRAFT') return { isOnNewVersion: false, reason: 'NOT_STARTED' }
  if (status === 'ROLLED_BACK') return { isOnNewVersion: false, reason: 'ROLLED_BACK' }
  if (targeting && !meetsCondition(unit.attributes, targeting)) return { isOnNewVersion: false, reason: 'TARGETING' }
  if (status === 'COMPLETED') return { isOnNewVersion: true, reason: 'COMPLETED' }
  // The bucket is a multiple of 1/10,000; rounding takes away what the division left behind.
  const bucket = Math.round(bucketOf(salt, unit.unitId) * ALL_BASIS_POINTS)
  return bucket < shareBasisPoints
    ? { isOnNewVersion: true, reason: 'IN_SHARE' }
    : { isOnNewVersion: false, reason: 'NOT_YET' }
}
