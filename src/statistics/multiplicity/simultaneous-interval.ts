import { studentCriticalValue } from '../distributions.ts'
import { assertAlpha, assertFinite, assertPositive } from '../domain-checks.ts'
import { around, type Interval } from '../interval.ts'

/**
 * Interval of one of several comparisons, all of which hold together with probability 1 − alpha: Bonferroni's, which exists for
 * every estimate, unlike intervals read back from adjusted p-values.
 * @param comparisons - how many hold together, at least 1
 * @param degreesOfFreedom - Infinity for the normal distribution
 * @see Dunn (1961), Journal of the American Statistical Association 56, 52–64
 * @throws RangeError if a number is out of range
 */
export function simultaneousInterval(
  { estimate, standardError, degreesOfFreedom }: { estimate: number; standardError: number; degreesOfFreedom: number },
  comparisons: number,
  alpha: number,
): { criticalValue: number; interval: Interval } {
  assertAlpha(alpha)
  assertFinite(estimate, 'estimate')
  assertPositive(standardError, 'standardError')
  if (!(Number.isSafeInteger(comparisons) && comparisons >= 1)) {
    throw new RangeError(`comparisons is ${comparisons}; it must be a whole number from 1.`)
  }
  const criticalValue = studentCriticalValue(alpha / comparisons, degreesOfFreedom)
  return { criticalValue, interval: around(estimate, criticalValue * standardError, alpha) }
}
