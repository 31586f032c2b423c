import { NotComputable } from './not-computable.ts'
import type { ArmEstimate } from './sample-summary.ts'

/** A difference of two means with what its tests and intervals need, on the metric's own scale. */
export interface Difference {
  /** Units of both arms. */
  units: number
  /** Treatment − control. */
  estimate: number
  control: { mean: number; variance: number }
  treatment: { mean: number; variance: number }
  /** Variances of the two means under the hypothesis of no difference; equal to the above unless pooled. */
  nullVariance: { control: number; treatment: number }
  /** Welch–Satterthwaite; Infinity where the normal distribution applies. */
  degreesOfFreedom: number
}

/** Standard error of a difference. */
export function standardErrorOf({ control, treatment }: Difference): number {
  return Math.sqrt(control.variance + treatment.variance)
}

/** Standard error under the hypothesis of no difference: what the test divides by. */
export function nullStandardErrorOf({ nullVariance }: Difference): number {
  return Math.sqrt(nullVariance.control + nullVariance.treatment)
}

/** Two rates; under the null both arms have the pooled rate. */
export function proportionDifference(control: ArmEstimate, treatment: ArmEstimate): Difference {
  const pooled = (control.mean * control.units + treatment.mean * treatment.units) / (control.units + treatment.units)
  const unitVariance = pooled * (1 - pooled)
  return {
    ...parts(control, treatment),
    nullVariance: { control: unitVariance / control.units, treatment: unitVariance / treatment.units },
    degreesOfFreedom: Number.POSITIVE_INFINITY,
  }
}

/**
 * Two means or ratios, whose variances may differ.
 * @see Welch (1947), Biometrika 34, 28–35; degrees of freedom: Satterthwaite (1946), Biometrics Bulletin 2, 110–114
 */
export function meanDifference(control: ArmEstimate, treatment: ArmEstimate): Difference {
  const both = parts(control, treatment)
  const a = both.control.variance
  const b = both.treatment.variance
  const degreesOfFreedom = (a + b) ** 2 / (a ** 2 / (control.units - 1) + b ** 2 / (treatment.units - 1))
  return {
    ...both,
    nullVariance: { control: a, treatment: b },
    degreesOfFreedom: a + b > 0 ? degreesOfFreedom : Number.POSITIVE_INFINITY,
  }
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
 * Differences of several strata (allocation epochs) as one: means weighted by the units of the stratum, so that a shift of
 * the weights between strata cannot turn into an effect (Simpson's paradox), as pooling would let it.
 * @param strata - at least one
 */
export function combineStrata(strata: readonly Difference[]): Difference | NotComputable {
  const [only] = strata
  if (!only) return new NotComputable('NO_UNITS')
  if (strata.length === 1) return only
  const units = strata.reduce((sum, stratum) => sum + stratum.units, 0)
  const weighted = (pick: (stratum: Difference) => number, power: 1 | 2) =>
    strata.reduce((sum, stratum) => sum + (stratum.units / units) ** power * pick(stratum), 0)
  const variance = weighted((stratum) => stratum.control.variance + stratum.treatment.variance, 2)
  const spread = strata.reduce((sum, stratum) => {
    const part = (stratum.units / units) ** 2 * (stratum.control.variance + stratum.treatment.variance)
    return sum + part ** 2 / stratum.degreesOfFreedom
  }, 0)
  return {
    units,
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
  }
}
