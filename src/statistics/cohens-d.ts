import { NotComputable } from './not-computable.ts'
import type { ArmEstimate } from './sample-summary.ts'

/**
 * Cohen's d: the difference in pooled standard deviations.
 * @see Cohen (1988), Statistical Power Analysis, ch. 2
 * @returns NotComputable ZERO_VARIANCE
 */
export function cohensD(control: ArmEstimate, treatment: ArmEstimate): number | NotComputable {
  const degrees = control.units + treatment.units - 2
  const pooled = ((control.units - 1) * control.unitVariance + (treatment.units - 1) * treatment.unitVariance) / degrees
  return pooled > 0 ? (treatment.mean - control.mean) / Math.sqrt(pooled) : new NotComputable('ZERO_VARIANCE')
}
