import { welchDegreesOfFreedom } from '../comparison.ts'
import { NotComputable } from '../not-computable.ts'
import type { ArmEstimate } from '../sample-summary.ts'

/**
 * Welch's degrees of freedom of two rates, for those who test a rate by Student's t.
 * @see Welch (1947), Biometrika 34, 28–35
 * @returns NotComputable ZERO_VARIANCE where all or none converted in an arm: Student's t knows nothing of its spread
 */
export function welchLiftDegrees(control: ArmEstimate, treatment: ArmEstimate): number | NotComputable {
  if (control.unitVariance === 0 || treatment.unitVariance === 0) return new NotComputable('ZERO_VARIANCE')
  return welchDegreesOfFreedom(
    control.unitVariance / control.units,
    control.units,
    treatment.unitVariance / treatment.units,
    treatment.units,
  )
}
