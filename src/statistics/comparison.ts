import { NotComputable } from './not-computable.ts'
import type { ArmEstimate } from './sample-summary.ts'

/** A difference of two means with what its tests and intervals need, on the metric's own scale. */
export interface Difference {
  /** Units of both arms; of several strata, as many as would tell as much at the split of the first: they grow as 1/variance does. */
  units: number
  /** Treatment − control. */
  estimate: number
  control: { mean: number; variance: number }
  treatment: { mean: number; variance: number }
  /** Variances of the two means under the hypothesis of no difference; equal to the above unless pooled. */
  nullVariance: { control: number; treatment: number }
  /** Welch–Satterthwaite; Infinity where the normal distribution applies. */
  degreesOfFreedom: number
  /** What a lift is relative to, where that is not the control's mean above. */
  base?: LiftBase
}

/** What of a difference its lift depends on. */
export interface LiftParts extends Pick<Difference, 'estimate' | 'nullVariance' | 'base'> {
  control: { mean: number }
  treatment: { mean: number }
}

/** The mean that a lift divides by. */
export interface LiftBase {
  mean: number
  variance: number
  /** Of the difference with this mean. */
  covariance: number
}

/** Standard error of a difference. */
export function standardErrorOf({ control, treatment }: Difference): number {
  return Math.sqrt(control.variance + treatment.variance)
}

/** Standard error under the hypothesis of no difference: what the test divides by. */
export function nullStandardErrorOf({ nullVariance }: Pick<Difference, 'nullVariance'>): number {
  return Math.sqrt(nullVariance.control + nullVariance.treatment)
}

/** What a lift is relative to: the control's mean, which the difference contains, unless a method names another. */
export function liftBaseOf({ control, base }: Difference): LiftBase {
  return base ?? { mean: control.mean, variance: control.variance, covariance: -control.variance }
}

/** Two rates; under the null both arms have the pooled rate. */
export function proportionDifference(control: ArmEstimate, treatment: ArmEstimate): Difference {
  const shared = parts(control, treatment)
  const share = control.units / shared.units
  // p(1 − p) of the pooled rate as the variance within the arms and between them: 1 − p itself loses its digits near 1.
  const unitVariance =
    share * control.unitVariance +
    (1 - share) * treatment.unitVariance +
    share * (1 - share) * shared.estimate * shared.estimate
  return {
    ...shared,
    nullVariance: { control: unitVariance / control.units, treatment: unitVariance / treatment.units },
    degreesOfFreedom: Number.POSITIVE_INFINITY,
  }
}

/** Two rates, each with its own variance (Wald), tested by the normal distribution. */
export function unpooledProportionDifference(control: ArmEstimate, treatment: ArmEstimate): Difference {
  return { ...meanDifference(control, treatment), degreesOfFreedom: Number.POSITIVE_INFINITY }
}

/**
 * Two means or ratios, whose variances may differ.
 * @see Welch (1947), Biometrika 34, 28–35; degrees of freedom: Satterthwaite (1946), Biometrics Bulletin 2, 110–114
 */
export function meanDifference(control: ArmEstimate, treatment: ArmEstimate): Difference {
  const both = parts(control, treatment)
  const a = both.control.variance
  const b = both.treatment.variance
  return {
    ...both,
    nullVariance: { control: a, treatment: b },
    degreesOfFreedom: welchDegreesOfFreedom(a, control.units, b, treatment.units),
  }
}

/**
 * Degrees of freedom of a difference of means with unequal variances; Infinity where neither varies.
 * @param control - variance of the control's mean
 * @param treatment - variance of the treatment's mean
 */
export function welchDegreesOfFreedom(
  control: number,
  controlUnits: number,
  treatment: number,
  treatmentUnits: number,
): number {
  const total = control + treatment
  if (!(total > 0)) return Number.POSITIVE_INFINITY
  // Shares of the total instead of squares of variances, which could underflow; an arm that does not vary adds nothing.
  const part = (variance: number, units: number) => (variance > 0 ? (variance / total) ** 2 / (units - 1) : 0)
  return 1 / (part(control, controlUnits) + part(treatment, treatmentUnits))
}

function parts(control: ArmEstimate, treatment: ArmEstimate) {
  return {
    units: control.units + treatment.units,
    estimate: treatment.mean - control.mean,
    control: { mean: control.mean, variance: control.unitVariance / control.units },
    treatment: { mean: treatment.mean, variance: treatment.unitVariance / treatment.units },
  }
}

/**
 * Units that the difference of two arms is known as well as from, were there as many in either arm: half their harmonic mean.
 * As weights of strata (Mantel–Haenszel) they leave little to a stratum in which one arm is small, whose spread is hardly known.
 * @see Cochran (1954), Biometrics 10, 417–451
 */
export function effectiveUnits(control: number, treatment: number): number {
  return (control * treatment) / (control + treatment)
}

/**
 * Differences of several strata (such as allocation epochs) as one: an average, so that a shift of the variants' weights between
 * strata cannot turn into an effect (Simpson's paradox), as pooling would let it.
 * @param strata - at least one
 * @param weights - of each, positive, on any scale: its units, or its {@link effectiveUnits}
 */
export function combineStrata(strata: readonly Difference[], weights: readonly number[]): Difference | NotComputable {
  const [only] = strata
  if (!only) return new NotComputable('NO_UNITS')
  if (strata.length === 1) return only
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const average = <Part>(parts: readonly Part[], pick: (part: Part) => number, power: 1 | 2) =>
    parts.reduce((sum, part, index) => sum + (weights[index]! / total) ** power * pick(part), 0)
  const weighted = (pick: (stratum: Difference) => number, power: 1 | 2) => average(strata, pick, power)
  const bases = strata.map(liftBaseOf)
  const base = (pick: (base: LiftBase) => number, power: 1 | 2) => average(bases, pick, power)
  const variance = weighted((stratum) => stratum.control.variance + stratum.treatment.variance, 2)
  const spread = strata.reduce((sum, stratum, index) => {
    const part = (weights[index]! / total) ** 2 * (stratum.control.variance + stratum.treatment.variance)
    return sum + part ** 2 / stratum.degreesOfFreedom
  }, 0)
  return {
    units: (total / weights[0]!) * only.units,
    estimate: weighted((stratum) => stratum.estimate, 1),
    control: {
      mean: weighted((stratum) => stratum.control.mean, 1),
      variance: weighted((stratum) => stratum.control.variance, 2),
    },
    treatment: {
      mean: weighted((stratum) => stratum.treatment.mean, 1),
      variance: weighted((stratum) => stratum.treatment.variance, 2),
    },
    nullVariance: {
      control: weighted((stratum) => stratum.nullVariance.control, 2),
      treatment: weighted((stratum) => stratum.nullVariance.treatment, 2),
    },
    degreesOfFreedom: spread > 0 ? variance ** 2 / spread : Number.POSITIVE_INFINITY,
    ...(strata.some((stratum) => stratum.base) && {
      base: {
        mean: base((part) => part.mean, 1),
        variance: base((part) => part.variance, 2),
        covariance: base((part) => part.covariance, 2),
      },
    }),
  }
}
