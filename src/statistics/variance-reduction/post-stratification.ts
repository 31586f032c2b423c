import { combineStrata, type Difference, meanDifference } from '../comparison.ts'
import { NotComputable } from '../not-computable.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/** The arms within one declared stratum, such as a platform. */
export interface Stratum {
  control: ArmEstimate
  treatment: ArmEstimate
}

/**
 * Difference of means with each arm weighted to the strata's shares of all units: what the strata explain of the variance goes
 * away, and a chance imbalance between the arms with it. Strata must be declared before the data and known before exposure.
 * @see Miratrix, Sekhon, Yu (2013), Journal of the Royal Statistical Society B 75, 369–396; Xie, Aurisset (2016), KDD
 * @returns NotComputable: NO_UNITS without strata, INSUFFICIENT_UNITS where an arm has fewer than 2 units in a stratum
 */
export function postStratified(strata: readonly Stratum[]): Difference | NotComputable {
  if (strata.some(({ control, treatment }) => Math.min(control.units, treatment.units) < 2)) {
    return new NotComputable('INSUFFICIENT_UNITS')
  }
  return combineStrata(strata.map(({ control, treatment }) => meanDifference(control, treatment)))
}
