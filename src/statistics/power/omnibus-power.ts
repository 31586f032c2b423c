import { chiSquareQuantile, fCriticalValue } from '../distributions.ts'
import { assertAlpha, assertNonNegative, assertPositive } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { noncentralChiSquareUpper, noncentralFUpper } from '../special-functions/noncentral.ts'

/**
 * Chance that the chi-square test of k variants is significant.
 * @param effectSize - Cohen's w, √(χ²/N)
 * @param units - of all variants
 * @see Cohen (1988), Statistical Power Analysis, ch. 7
 * @returns NotComputable FEWER_THAN_TWO_ARMS
 * @throws RangeError if a number is out of range
 */
export function chiSquarePower(effectSize: number, units: number, arms: number, alpha: number): number | NotComputable {
  assertAlpha(alpha)
  assertNonNegative(effectSize, 'effectSize')
  assertNonNegative(units, 'units')
  if (!(arms >= 2)) return new NotComputable('FEWER_THAN_TWO_ARMS')
  return noncentralChiSquareUpper(chiSquareQuantile(1 - alpha, arms - 1), arms - 1, units * effectSize * effectSize)
}

/**
 * Chance that the one-way analysis of variance of k equal variants is significant.
 * @param effectSize - Cohen's f, standard deviation of the means over that of the units
 * @see Cohen (1988), Statistical Power Analysis, ch. 8
 * @returns NotComputable FEWER_THAN_TWO_ARMS
 * @throws RangeError if a number is out of range
 */
export function anovaPower(
  effectSize: number,
  unitsPerArm: number,
  arms: number,
  alpha: number,
): number | NotComputable {
  assertAlpha(alpha)
  assertNonNegative(effectSize, 'effectSize')
  if (!(arms >= 2)) return new NotComputable('FEWER_THAN_TWO_ARMS')
  const within = arms * (unitsPerArm - 1)
  assertPositive(within, 'unitsPerArm − 1')
  const noncentrality = effectSize * effectSize * unitsPerArm * arms
  return noncentralFUpper(fCriticalValue(alpha, arms - 1, within), arms - 1, within, noncentrality)
}
