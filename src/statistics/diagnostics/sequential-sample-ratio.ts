import { assertPositive } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { deviance } from '../special-functions/deviance.ts'
import { stirlingError } from '../special-functions/stirling-error.ts'
import { assertAllocation, sharesOf } from './allocation.ts'

export interface SequentialSampleRatio {
  /** ln of the Bayes factor against the weights. */
  logBayesFactor: number
  /** min(1, 1/Bayes factor): valid at every look. Its running minimum is valid too. */
  pValue: number
}

/** Units whose worth of trust the prior puts into the weights; sensitive to small tilts without being slow on large ones. */
export const DEFAULT_CONCENTRATION = 1000

/**
 * Sample ratio mismatch under continuous watching: Bayes factor of a Dirichlet-multinomial alternative centred on the
 * weights. Alert at p ≤ 0.01 and keep the alert until acknowledged.
 * @param arms - cumulative units and weights; weights need not sum to 1
 * @param concentration - k of the prior Dirichlet(k·weights), above 0
 * @see Lindon, Malek (2022), Anytime-valid inference for multinomial count data, NeurIPS (arXiv 2011.03567)
 * @returns NotComputable: UNEXPECTED_TRAFFIC when an arm without weight has units, FEWER_THAN_TWO_ARMS
 * @throws RangeError if a count or weight is negative or broken
 */
export function sequentialSampleRatio(
  arms: ReadonlyArray<{ units: number; weight: number }>,
  concentration = DEFAULT_CONCENTRATION,
): SequentialSampleRatio | NotComputable {
  assertAllocation(arms)
  assertPositive(concentration, 'concentration')
  if (arms.some((arm) => arm.weight === 0 && arm.units > 0)) return new NotComputable('UNEXPECTED_TRAFFIC')
  const weighted = arms.filter((arm) => arm.weight > 0)
  if (weighted.length < 2) return new NotComputable('FEWER_THAN_TWO_ARMS')
  const shares = sharesOf(weighted)
  const units = weighted.reduce((sum, arm) => sum + arm.units, 0)
  const total = concentration + units
  // Γ(k)/Γ(k + N) · Π Γ(kθ + n)/(Γ(kθ) θ^n), with Stirling's main terms cancelled by hand: a million units lose no digits.
  const logBayesFactor = weighted.reduce(
    (sum, arm, index) => {
      const share = shares[index]!
      const before = concentration * share
      return sum + deviance(before + arm.units, share * total, arm.units - share * units) - shrinkage(before, arm.units)
    },
    shrinkage(concentration, units),
  )
  return { logBayesFactor, pValue: Math.exp(Math.min(0, -logBayesFactor)) }
}

/** ½ ln((a + n)/a) less the change of Stirling's error. */
function shrinkage(a: number, n: number): number {
  return 0.5 * Math.log1p(n / a) - stirlingError(a + n) + stirlingError(a)
}
