import { isComputable, NotComputable } from '../not-computable.ts'
import { addRatios, estimateRatio, type RatioSummary, ratioOf } from '../ratio-summary.ts'
import type { NormalArm } from './probability-of-being-best.ts'

/** Units that an arm needs before its variance is believed. */
const LEAST_UNITS = 10

/**
 * What is believed of the ratio of each arm, or of its mean where every denominator is 1: normal around it, without a prior.
 * Units that are all alike, such as those of an arm where nobody has bought, do not show how far off their mean may be. An arm
 * of such units has the variance of the units of all arms together, which it would have if the arms did not differ; that one is
 * not too small either where the arms do differ. In the same way an arm whose denominators are all 0 has the ratio of all arms.
 * @returns NotComputable: NO_ARMS, INSUFFICIENT_UNITS while an arm has fewer than 10 units, and where an arm has no spread of its own:
 *   ZERO_VARIANCE where the units of all arms are alike, DENOMINATOR_ZERO, PRECISION_LOST
 * @throws RangeError if no set of units has one of the summaries
 */
export function normalArms(arms: readonly RatioSummary[]): NormalArm[] | NotComputable {
  if (arms.length === 0) return new NotComputable('NO_ARMS')
  const estimates = arms.map(estimateRatio)
  if (arms.some(({ count }) => count < LEAST_UNITS)) return new NotComputable('INSUFFICIENT_UNITS')
  const own = estimates.filter(isComputable).filter(({ unitVariance }) => unitVariance > 0)
  if (own.length === arms.length) return own.map((estimate) => armOf(estimate.mean, estimate))
  const all = estimateRatio(arms.reduce(addRatios))
  if (all instanceof NotComputable) return all
  if (all.unitVariance === 0) return new NotComputable('ZERO_VARIANCE')
  return estimates.map((estimate, index) => {
    if (isComputable(estimate) && estimate.unitVariance > 0) return armOf(estimate.mean, estimate)
    const mean = ratioOf(arms[index]!)
    return armOf(isComputable(mean) ? mean : all.mean, { ...all, units: arms[index]!.count })
  })
}

function armOf(mean: number, { unitVariance, units }: { unitVariance: number; units: number }): NormalArm {
  return { mean, standardDeviation: Math.sqrt(unitVariance) / Math.sqrt(units) }
}
