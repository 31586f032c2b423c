import type { ArmEstimate } from './sample-summary.ts'

/** Cohen's h of two rates: 2 asin √p_t − 2 asin √p_c. @see Cohen (1988), Statistical Power Analysis, ch. 6 */
export function cohensH(control: { mean: number }, treatment: { mean: number }): number {
  return 2 * Math.asin(Math.sqrt(treatment.mean)) - 2 * Math.asin(Math.sqrt(control.mean))
}

/** Cohen's d with the pooled standard deviation; null where it is 0. @see Cohen (1988), Statistical Power Analysis, ch. 2 */
export function cohensD(control: ArmEstimate, treatment: ArmEstimate): number | null {
  const degrees = control.units + treatment.units - 2
  const pooled = ((control.units - 1) * control.unitVariance + (treatment.units - 1) * treatment.unitVariance) / degrees
  return pooled > 0 ? (treatment.mean - control.mean) / Math.sqrt(pooled) : null
}
