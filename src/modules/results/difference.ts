import { combineStrata, type Difference, meanDifference, proportionDifference } from '../../statistics/comparison.ts'
import { isComputable, NotComputable } from '../../statistics/not-computable.ts'
import type { ArmEstimate } from '../../statistics/sample-summary.ts'
import { type CupedSummary, cuped } from '../../statistics/variance-reduction/cuped.ts'
import { isRate, type MetricDefinition } from '../metrics/metric-definition.ts'
import type { ArmSums } from './arm-sums.ts'
import { estimateArm } from './estimate-arm.ts'

/** One treatment and the control, by epoch. */
export interface Arms {
  control: ReadonlyMap<number, ArmSums>
  treatment: ReadonlyMap<number, ArmSums>
}

/** What the covariate from before exposure did, over all epochs. */
export interface CupedEffect {
  /** Regression coefficient of the newest epoch. */
  theta: number
  /** Share of the variance of the difference that it took away; below 0 only by chance. */
  varianceReduction: number
}

export interface Measured {
  difference: Difference
  cuped: CupedEffect | null
}

/** Epoch by epoch, then combined. An epoch in which an arm is too small to compare says nothing and is left out. */
export function measureDifference(
  definition: MetricDefinition,
  { control, treatment }: Arms,
  isAdaptive: boolean,
): Measured | NotComputable {
  const parts: Array<{ difference: Difference; cuped: CupedEffect | null; units: number }> = []
  let reason = new NotComputable('NO_UNITS')
  for (const [epoch, sums] of treatment) {
    const other = control.get(epoch)
    if (!other) continue
    const part = measureEpoch(definition, other, sums, isAdaptive)
    if (isComputable(part)) parts.push({ ...part, units: other.units + sums.units })
    else reason = part
  }
  if (parts.length === 0) return reason
  const difference = combineStrata(parts.map((part) => part.difference))
  return isComputable(difference) ? { difference, cuped: combined(parts) } : difference
}

function measureEpoch(
  definition: MetricDefinition,
  control: ArmSums,
  treatment: ArmSums,
  isAdaptive: boolean,
): Measured | NotComputable {
  if (usesCovariate(definition) && !isAdaptive) {
    const adjusted = cuped(
      cupedSummary(control),
      cupedSummary(treatment),
      isRate(definition.kind) ? 'BERNOULLI' : 'SAMPLE',
    )
    if (!isComputable(adjusted)) return adjusted
    const { theta, varianceReduction, difference, isApplied } = adjusted
    if (isApplied) return { difference, cuped: { theta, varianceReduction } }
  }
  const c = estimateArm(definition, control, isAdaptive)
  if (!isComputable(c)) return c
  const t = estimateArm(definition, treatment, isAdaptive)
  return isComputable(t) ? { difference: plainDifference(definition, c, t, isAdaptive), cuped: null } : t
}

/** Of a ratio, numerator and denominator would each need one. */
function usesCovariate({ kind, covariateWindowHours }: MetricDefinition): boolean {
  return covariateWindowHours != null && kind !== 'RATIO'
}

function cupedSummary({ units, x, xx, c, cc, xc }: ArmSums): CupedSummary {
  return { count: units, sum: x, sumOfSquares: xx, preSum: c, preSumOfSquares: cc, crossProduct: xc }
}

function plainDifference(
  { kind }: MetricDefinition,
  control: ArmEstimate,
  treatment: ArmEstimate,
  isAdaptive: boolean,
): Difference {
  if (isRate(kind) && !isAdaptive) return proportionDifference(control, treatment)
  const difference = meanDifference(control, treatment)
  return kind === 'RATIO' || isAdaptive ? { ...difference, degreesOfFreedom: Number.POSITIVE_INFINITY } : difference
}

function combined(parts: ReadonlyArray<{ cuped: CupedEffect | null; units: number }>): CupedEffect | null {
  const applied = parts.flatMap(({ cuped: effect, units }) => (effect ? [{ ...effect, units }] : []))
  if (applied.length === 0) return null
  const units = parts.reduce((sum, part) => sum + part.units, 0)
  return {
    theta: applied.at(-1)!.theta,
    varianceReduction: applied.reduce((sum, part) => sum + (part.varianceReduction * part.units) / units, 0),
  }
}
