import { assertOpenFraction, assertPositive } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { type DecisionDesign, requiredUnits } from './sample-plan.ts'

export interface KVariantPlan {
  /** Units of all variants together, a fraction. */
  totalUnits: number
  /** Whole units of each variant, in input order. */
  unitsPerArm: number[]
  alphaPerComparison: number
}

/**
 * Sample for comparing each treatment with the control, at any allocation: the largest of the samples of its comparisons. The
 * control is best weighted √(k − 1) times a treatment.
 * @param weights - of the variants, the control's first; they need not sum to 1
 * @param relativeEffect - lift to detect in every treatment, a fraction of the control's rate
 * @param correction - whether alpha is divided by the number of comparisons
 * @see Dunnett (1955), Journal of the American Statistical Association 50, 1096–1121
 * @returns NotComputable: FEWER_THAN_TWO_ARMS, NO_EFFECT, NOT_DETECTABLE when the lifted rate leaves (0, 1)
 * @throws RangeError if a number is out of range
 */
export function kVariantSampleSize(
  controlRate: number,
  relativeEffect: number,
  weights: readonly number[],
  alpha: number,
  power: number,
  correction: 'NONE' | 'BONFERRONI' = 'BONFERRONI',
  design: DecisionDesign = { kind: 'FIXED_HORIZON' },
): KVariantPlan | NotComputable {
  assertOpenFraction(controlRate, 'controlRate')
  for (const weight of weights) assertPositive(weight, 'A weight')
  const [controlWeight, ...treatmentWeights] = weights
  if (controlWeight === undefined || treatmentWeights.length === 0) return new NotComputable('FEWER_THAN_TWO_ARMS')
  const treatmentRate = controlRate * (1 + relativeEffect)
  if (!(treatmentRate > 0 && treatmentRate < 1)) return new NotComputable('NOT_DETECTABLE')
  const alphaPerComparison = correction === 'BONFERRONI' ? alpha / treatmentWeights.length : alpha
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let totalUnits = 0
  for (const weight of treatmentWeights) {
    const comparison = {
      controlShare: controlWeight / total,
      treatmentShare: weight / total,
      controlVariance: controlRate * (1 - controlRate),
      treatmentVariance: treatmentRate * (1 - treatmentRate),
      design,
      alpha: alphaPerComparison,
    }
    const units = requiredUnits(comparison, treatmentRate - controlRate, power)
    if (units instanceof NotComputable) return units
    totalUnits = Math.max(totalUnits, units)
  }
  return {
    totalUnits,
    unitsPerArm: weights.map((weight) => Math.ceil((totalUnits * weight) / total)),
    alphaPerComparison,
  }
}
