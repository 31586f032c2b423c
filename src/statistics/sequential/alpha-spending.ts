import { normalCriticalValue, normalTwoSided } from '../distributions.ts'
import { assertAlpha } from '../domain-checks.ts'

/** How the error budget is spent as information arrives. */
export type AlphaSpending =
  /** Almost nothing early, so that the last look is nearly a fixed-horizon test. */
  | { family: 'OBRIEN_FLEMING' }
  /** Nearly evenly, for early stopping at the price of power. */
  | { family: 'POCOCK' }
  /** alpha·t^exponent. */
  | { family: 'POWER'; exponent: number }
  /** alpha·(1 − e^(−γt))/(1 − e^(−γ)). */
  | { family: 'HWANG_SHIH_DECANI'; gamma: number }

/**
 * Share of alpha that may be spent up to an information fraction, over both sides of a two-sided test.
 * @param fraction - t, 0 to 1
 * @param alpha - of the whole test, 0 < alpha < 1
 * @param sides - 1 or 2
 * @see Lan, DeMets (1983), Biometrika 70, 659–663; Kim, DeMets (1987), Biometrika 74, 149–154; Hwang, Shih, De Cani (1990),
 *   Statistics in Medicine 9, 1439–1445
 * @throws RangeError if a parameter is out of range
 */
export function alphaSpent(spending: AlphaSpending, fraction: number, alpha: number, sides: 1 | 2): number {
  assertAlpha(alpha)
  if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`fraction is ${fraction}; it must lie in [0, 1].`)
  if (fraction === 0) return 0
  if (fraction === 1) return alpha
  switch (spending.family) {
    case 'OBRIEN_FLEMING':
      return sides * normalTwoSided(normalCriticalValue(alpha / sides) / Math.sqrt(fraction))
    case 'POCOCK':
      return alpha * Math.log1p((Math.E - 1) * fraction)
    case 'POWER':
      if (!(spending.exponent > 0)) throw new RangeError(`exponent is ${spending.exponent}; it must be positive.`)
      return alpha * fraction ** spending.exponent
    case 'HWANG_SHIH_DECANI': {
      if (!Number.isFinite(spending.gamma)) throw new RangeError(`gamma is ${spending.gamma}; it must be finite.`)
      const { gamma } = spending
      if (gamma === 0) return alpha * fraction
      // Of a negative γ times e^(γ(1 − t)), so that no power can overflow.
      const late = gamma < 0 ? Math.exp(gamma * (1 - fraction)) : 1
      const size = Math.abs(gamma)
      return (alpha * late * Math.expm1(-size * fraction)) / Math.expm1(-size)
    }
  }
}
