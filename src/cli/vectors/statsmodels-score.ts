import { normalUpper } from '../../statistics/distributions.ts'
import type { ProportionInput } from './kind.ts'

/** What is wrong below. */
export const STATSMODELS_SLIPS =
  'statsmodels 0.13.5 has conversions where Miettinen and Nurminen (1985) have units, and scales the variance by n/(n - 1)'

/**
 * The score test of a difference of rates as statsmodels 0.13.5 computes it, with its two slips: to tell that a reference
 * which differs from ours was taken from there. Nothing else may use it.
 * @param difference - treatment − control under the hypothesis
 * @see Miettinen, Nurminen (1985), Statistics in Medicine 4, 213–226, appendix I
 */
export function statsmodelsScore(control: ProportionInput, treatment: ProportionInput, difference: number): number {
  const units = control.n + treatment.n
  const conversions = control.conversions + treatment.conversions
  const controlRate =
    difference === 0 ? conversions / units : restrictedRate(control, treatment, difference, units, conversions)
  const treatmentRate = controlRate + difference
  const variance = (controlRate * (1 - controlRate)) / control.n + (treatmentRate * (1 - treatmentRate)) / treatment.n
  const distance = treatment.conversions / treatment.n - control.conversions / control.n - difference
  return distance / Math.sqrt((variance * units) / (units - 1))
}

/** One-sided p-value of a statistic that is positive inside the margin. */
export function scoreFields(statistic: number) {
  return { z: statistic, p_value: normalUpper(statistic) }
}

/** The root of the cubic l3 x³ + l2 x² + l1 x + l0, of which l1 has the slip. */
function restrictedRate(
  control: ProportionInput,
  treatment: ProportionInput,
  difference: number,
  units: number,
  conversions: number,
): number {
  const l3 = units
  const l2 = (treatment.n + 2 * control.n) * difference - units - conversions
  const l1 = (control.conversions * difference - units - 2 * control.conversions) * difference + conversions
  const l0 = control.conversions * difference * (1 - difference)
  const third = l2 / (3 * l3)
  const q = third ** 3 - (l1 * l2) / (6 * l3 ** 2) + l0 / (2 * l3)
  const p = Math.sign(q) * Math.sqrt(third ** 2 - l1 / (3 * l3))
  return 2 * p * Math.cos((Math.PI + Math.acos(q / p ** 3)) / 3) - third
}
