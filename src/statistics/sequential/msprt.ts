import { assertAlpha, assertFinite, assertScale } from '../domain-checks.ts'
import { around, type Interval } from '../interval.ts'
import { NotComputable } from '../not-computable.ts'

export interface MixtureTest {
  /** ln Λ, the mixture likelihood ratio against the null value. */
  logLikelihoodRatio: number
  /** min(1, 1/Λ): valid at every look. Its running minimum is valid too. */
  pValue: number
  /** Holds at all looks together with probability at least 1 − alpha. */
  interval: Interval
}

/**
 * Mixture sequential probability ratio test of an asymptotically normal estimate, with a normal mixture over the effects:
 * ln Λ = ln(V/(V + τ²))/2 + τ² (d − θ₀)²/(2 V (V + τ²)), V = se². The same boundary as a confidence sequence with nρ² = τ²/V.
 * @param mixtureVariance - τ² on the scale of the estimate, above 0; chosen before the data, best near the squared effect
 * @param nullValue - θ₀
 * @see Robbins (1970), Annals of Mathematical Statistics 41, 1397–1409; Johari, Pekelis, Walsh (2022), Operations Research 70, 1806–1821
 * @returns NotComputable ZERO_VARIANCE
 * @throws RangeError if a parameter is out of range
 */
export function msprt(
  { estimate, standardError }: { estimate: number; standardError: number },
  mixtureVariance: number,
  alpha: number,
  nullValue = 0,
): MixtureTest | NotComputable {
  assertAlpha(alpha)
  assertScale(mixtureVariance, 'mixtureVariance')
  assertFinite(estimate, 'estimate')
  if (standardError === 0) return new NotComputable('ZERO_VARIANCE')
  assertScale(standardError, 'standardError')
  const variance = standardError * standardError
  // ln(V/(V + τ²))
  const logShrinkage = -Math.log1p(mixtureVariance / variance)
  const weight = mixtureVariance / (variance + mixtureVariance)
  const z = (estimate - nullValue) / standardError
  const logLikelihoodRatio = Math.min((weight * z * z) / 2, Number.MAX_VALUE) + logShrinkage / 2
  // Where Λ would be 1/alpha.
  const halfWidth = standardError * Math.sqrt((-2 * Math.log(alpha) - logShrinkage) / weight)
  return {
    logLikelihoodRatio,
    pValue: Math.exp(Math.min(0, -logLikelihoodRatio)),
    interval: around(estimate, halfWidth, alpha),
  }
}
