import type { ArmEstimate } from './sample-summary.ts'

/** Cohen's h of two rates: 2 asin √p_t − 2 asin √p_c. @see Cohen (1988), Statistical Power Analysis, ch. 6 */
export function cohensH(control: { mean: number }, treatment: { mean: number }): number {
  const difference = treatment.mean - control.mean
  if (difference === 0) return 0
  // Tangent of half the angle: rates that are close to each other lose no digits.
  const [c, t] = [control.mean, treatment.mean]
  const sine = difference / (Math.sqrt(t * (1 - c)) + Math.sqrt(c * (1 - t)))
  return 2 * Math.atan2(sine, Math.sqrt((1 - t) * (1 - c)) + Math.sqrt(t * c))
}

/** Cohen's d with the pooled standard deviation; null where it is 0. @see Cohen (1988), Statistical Power Analysis, ch. 2 */
export function cohensD(control: ArmEstimate, treatment: ArmEstimate): number | null {
  const degrees = control.units + treatment.units - 2
  const pooled = ((control.units - 1) * control.unitVariance + (treatment.units - 1) * treatment.unitVariance) / degrees
  return pooled > 0 ? (treatment.mean - control.mean) / Math.sqrt(pooled) : null
}
