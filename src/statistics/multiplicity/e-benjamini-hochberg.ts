import { assertAlpha } from '../domain-checks.ts'

/**
 * False discovery rate from e-values, whatever their dependence and at every look: rejects the k largest, where k is the greatest
 * with e_(k) ≥ m/(alpha·k). For always-valid evidence, where plain Benjamini–Hochberg does not hold.
 * @param logEValues - ln of each e-value; null where a test could not be computed, which is not counted
 * @param alpha - false discovery rate, 0 < alpha < 1
 * @see Wang, Ramdas (2022), Journal of the Royal Statistical Society B 84, 822–852
 * @returns whether each is rejected, in input order
 * @throws RangeError if alpha is out of range or a value is NaN
 */
export function eBenjaminiHochberg(logEValues: readonly (number | null)[], alpha: number): boolean[] {
  assertAlpha(alpha)
  const descending = logEValues.filter((value) => value !== null).sort((a, b) => b - a)
  if (descending.some(Number.isNaN)) throw new RangeError('An e-value is NaN.')
  const threshold = (rank: number) => Math.log(descending.length / alpha / rank)
  const last = descending.findLastIndex((value, index) => value >= threshold(index + 1))
  return logEValues.map((value) => last >= 0 && value !== null && value >= descending[last]!)
}
