import { assertAlpha, assertFinite, assertPositive } from '../domain-checks.ts'

export interface AnytimeValidT {
  /** ln of the e-value against a coefficient of 0. */
  logEValue: number
  /** min(1, 1/e): valid at every look. */
  pValue: number
  /** Half-width of the interval in standard errors; Infinity while the sample is too small for any. */
  criticalValue: number
}

/**
 * Always-valid form of a t statistic, exact for normal errors at any sample size, also of a regression coefficient.
 * @param statistic - t at this look
 * @param degreesOfFreedom - of t
 * @param units - n at this look
 * @param precision - g of the mixing normal, above 0, fixed beforehand; the interval is narrowest near n ≈ 8·g
 * @see Lindon, Ham, Tingley, Bojinov (2022), Anytime-valid linear models (arXiv 2210.08589)
 * @throws RangeError if a parameter is out of range
 */
export function anytimeValidT(
  statistic: number,
  degreesOfFreedom: number,
  units: number,
  precision: number,
  alpha: number,
): AnytimeValidT {
  assertAlpha(alpha)
  assertFinite(statistic, 'statistic')
  for (const [name, value] of Object.entries({ degreesOfFreedom, units, precision })) assertPositive(value, name)
  const shrinkage = precision / (precision + units)
  const square = (statistic * statistic) / degreesOfFreedom
  const logEValue =
    Math.log(shrinkage) / 2 + ((degreesOfFreedom + 1) / 2) * (Math.log1p(square) - Math.log1p(shrinkage * square))
  const root = Math.exp(Math.log(shrinkage * alpha * alpha) / (degreesOfFreedom + 1))
  return {
    logEValue,
    pValue: Math.exp(Math.min(0, -logEValue)),
    criticalValue: root > shrinkage ? Math.sqrt((degreesOfFreedom * (1 - root)) / (root - shrinkage)) : Infinity,
  }
}
