import { combineStrata, type Difference, liftBaseOf, meanDifference } from '../comparison.ts'
import { isComputable, NotComputable } from '../not-computable.ts'
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
  return postStratify(strata.map(({ control, treatment }) => meanDifference(control, treatment)))
}

/**
 * The same from the differences within the strata. Their shares of the units are estimated too: that moves the whole by as much as
 * effects differ between strata, and what a lift is relative to by as much as means do.
 * @see Miratrix, Sekhon, Yu (2013), section 5, on units that are a sample of those to come
 * @returns NotComputable NO_UNITS without strata
 */
export function postStratify(strata: readonly Difference[]): Difference | NotComputable {
  const whole = combineStrata(
    strata,
    strata.map((stratum) => stratum.units),
  )
  if (!isComputable(whole) || strata.length === 1) return whole
  const { units, estimate, control, treatment, nullVariance } = whole
  const base = liftBaseOf(whole)
  const effects = strata.map((stratum) => stratum.estimate - estimate)
  const bases = strata.map((stratum) => liftBaseOf(stratum).mean - base.mean)
  const moved = (a: readonly number[], b: readonly number[]) =>
    strata.reduce((sum, stratum, index) => sum + (stratum.units / units) * a[index]! * b[index]!, 0) / units
  const half = moved(effects, effects) / 2
  return {
    ...whole,
    control: { ...control, variance: control.variance + half },
    treatment: { ...treatment, variance: treatment.variance + half },
    nullVariance: { control: nullVariance.control + half, treatment: nullVariance.treatment + half },
    base: {
      mean: base.mean,
      variance: base.variance + moved(bases, bases),
      covariance: base.covariance + moved(effects, bases),
    },
  }
}
