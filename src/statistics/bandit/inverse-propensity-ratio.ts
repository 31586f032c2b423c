import { assertCount, assertFinite, assertNonNegative } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import type { ArmEstimate } from '../sample-summary.ts'
import { centringNoise } from '../special-functions/centred-products.ts'

/** Sums over the units of an arm, each weighted by 1/π, or by 1/π² where it says squared. */
export interface PropensitySummary {
  units: number
  /** Σ x/π */
  weightedNumerator: number
  /** Σ y/π; with y = 1 the ratio is the mean. */
  weightedDenominator: number
  /** Σ x²/π² */
  squaredNumerator: number
  /** Σ y²/π² */
  squaredDenominator: number
  /** Σ xy/π² */
  crossProduct: number
}

/**
 * Mean or ratio of an arm whose units got it with known, changing probabilities π: R = Σ(x/π) / Σ(y/π), with the variance
 * Σ((x − R y)/π)² / (Σ y/π)².
 * @see Hájek (1971), in: Foundations of Statistical Inference; Hadad, Hirshberg, Zhan, Wager, Athey (2021), PNAS 118 (15),
 *   for its use with adaptive allocation
 * @returns NotComputable: NO_UNITS, INSUFFICIENT_UNITS below 2 units, DENOMINATOR_ZERO, PRECISION_LOST where the sum of squares drowns
 *   in rounding or overflows
 * @throws RangeError if a number is out of range
 */
export function inversePropensityRatio(summary: PropensitySummary): ArmEstimate | NotComputable {
  const { units, weightedNumerator, weightedDenominator, squaredNumerator, squaredDenominator, crossProduct } = summary
  assertCount(units, 'units')
  for (const sum of [weightedNumerator, weightedDenominator, crossProduct]) assertFinite(sum, 'A weighted sum')
  for (const sum of [squaredNumerator, squaredDenominator]) assertNonNegative(sum, 'A sum of squares')
  if (units < 2) return new NotComputable(units === 0 ? 'NO_UNITS' : 'INSUFFICIENT_UNITS')
  if (weightedDenominator === 0) return new NotComputable('DENOMINATOR_ZERO')
  const ratio = weightedNumerator / weightedDenominator
  const squares = squaredNumerator - 2 * ratio * crossProduct + ratio * ratio * squaredDenominator
  const variance = (units * squares) / weightedDenominator ** 2
  const noise = centringNoise(units, squaredNumerator + ratio * ratio * squaredDenominator)
  // Units that are all 0 or all 1 leave exactly nothing.
  if ((squares !== 0 && !(squares > noise)) || !Number.isFinite(ratio) || !Number.isFinite(variance)) {
    return new NotComputable('PRECISION_LOST')
  }
  return { units, mean: ratio, unitVariance: variance }
}
