import { normalUpper } from '../distributions.ts'
import { assertNonNegative } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import type { ArmEstimate } from '../sample-summary.ts'
import type { PreferredDirection } from './non-inferiority.ts'

/**
 * Non-inferiority of two rates by the score test: the variance is the one that holds if the difference is exactly the margin, so
 * that it exists without any conversion too.
 * @param margin - absolute, at least 0
 * @see Farrington, Manning (1990), Statistics in Medicine 9, 1447–1454
 * @returns z, positive inside the margin, and its one-sided p-value; or NotComputable ZERO_VARIANCE
 * @throws RangeError if the margin is negative
 */
export function scoreNonInferiority(
  control: ArmEstimate,
  treatment: ArmEstimate,
  margin: number,
  direction: PreferredDirection,
): { statistic: number; pValue: number } | NotComputable {
  assertNonNegative(margin, 'margin')
  const sign = direction === 'INCREASE' ? 1 : -1
  const nullDifference = -sign * margin
  const variance = scoreVariance(control, treatment, nullDifference)
  if (!(variance > 0)) return new NotComputable('ZERO_VARIANCE')
  const statistic = (sign * (treatment.mean - control.mean - nullDifference)) / Math.sqrt(variance)
  return { statistic, pValue: normalUpper(statistic) }
}

/** Variance of the difference of two rates that holds if the true difference, treatment − control, is exactly the given one. */
export function scoreVariance(control: ArmEstimate, treatment: ArmEstimate, difference: number): number {
  const controlRate = restrictedRate(control, treatment, difference)
  const treatmentRate = controlRate + difference
  return (controlRate * (1 - controlRate)) / control.units + (treatmentRate * (1 - treatmentRate)) / treatment.units
}

/** The control's likeliest rate if the treatment's is this much higher: where the log-likelihood's slope, which falls, is 0. */
function restrictedRate(control: ArmEstimate, treatment: ArmEstimate, difference: number): number {
  const slopeOf = ({ units, mean }: ArmEstimate, rate: number) =>
    (mean === 0 ? 0 : (units * mean) / rate) - (mean === 1 ? 0 : (units * (1 - mean)) / (1 - rate))
  const slope = (rate: number) => slopeOf(control, rate) + slopeOf(treatment, rate + difference)
  let low = Math.max(0, -difference)
  let high = Math.min(1, 1 - difference)
  for (let step = 0; step < 200 && high - low > 1e-16; step++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (slope(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
