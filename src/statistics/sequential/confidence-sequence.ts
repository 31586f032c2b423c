import { type Difference, nullStandardErrorOf } from '../comparison.ts'
import { assertAlpha, assertFinite, assertNonNegative, assertPositive } from '../domain-checks.ts'
import { around, type Interval } from '../interval.ts'
import { NotComputable } from '../not-computable.ts'

export interface ConfidenceSequence {
  /** Always-valid, two-sided, in [0, 1]. */
  pValue: number
  log10PValue: number
  /** ln of the e-value against no difference. */
  logEValue: number
  /** Of the difference, in the metric's unit; covers the truth at all looks together with probability 1 − alpha. */
  interval: Interval
  /** What the interval multiplies the standard error with, at this number of units. */
  criticalValue: number
}

/** N* where no sample size is planned. */
export const DEFAULT_TUNING_UNITS = 10_000

/** An estimate after a number of units, such as a difference of means. */
export interface SequentialEstimate {
  units: number
  estimate: number
  standardError: number
}

/**
 * Asymptotic confidence sequence of a normal mixture, on the absolute difference with the variance of the test (pooled for
 * rates): right at every look, however many, once past a burn-in of 25 conversions and 25 non-conversions per arm (means:
 * 100 units). On a delta-method lift, looks at the very first units break the guarantee.
 * @param tuningUnits - N*, units of both arms at which the sequence is narrowest; chosen before the data
 * @see Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), arXiv 2103.06476
 * @returns NotComputable ZERO_VARIANCE when both arms are constant
 */
export function confidenceSequence(
  difference: Difference,
  alpha: number,
  tuningUnits = DEFAULT_TUNING_UNITS,
): ConfidenceSequence | NotComputable {
  const { units, estimate } = difference
  return confidenceSequenceOf({ units, estimate, standardError: nullStandardErrorOf(difference) }, alpha, tuningUnits)
}

/**
 * The same of any asymptotically normal estimate:
 * half-width = se · √(2 (nρ² + 1) / (nρ²) · ln(√(nρ² + 1) / alpha)); ln E = nρ² z² / (2 (nρ² + 1)) − ln(nρ² + 1) / 2.
 */
export function confidenceSequenceOf(
  { units, estimate, standardError }: SequentialEstimate,
  alpha: number,
  tuningUnits = DEFAULT_TUNING_UNITS,
): ConfidenceSequence | NotComputable {
  assertFinite(estimate, 'estimate')
  assertNonNegative(standardError, 'standardError')
  const information = informationAt(units, alpha, tuningUnits)
  if (units === 0) return new NotComputable('NO_UNITS')
  if (standardError === 0) return new NotComputable('ZERO_VARIANCE')
  const z = estimate / standardError
  const evidence = Math.min(((information / (information + 1)) * z * z) / 2, Number.MAX_VALUE)
  const logEValue = evidence - Math.log1p(information) / 2
  const criticalValue = Math.sqrt(2 * (1 + 1 / information) * (Math.log1p(information) / 2 - Math.log(alpha)))
  const logP = Math.min(0, -logEValue)
  return {
    pValue: Math.exp(logP),
    log10PValue: logP * Math.LOG10E || 0,
    logEValue,
    interval: around(estimate, criticalValue * standardError, alpha),
    criticalValue,
  }
}

/** What a one-sided sequence says of the true difference, at all looks together. */
export interface ConfidenceSequenceAbove {
  /** Below the truth with probability 1 − alpha. */
  lowerLimit: number
  /** Against being 0 or less: the least level at which the limit lies above 0, at most 1. */
  pValue: number
}

/**
 * The one-sided sequence, tuned as the two-sided one at 2·alpha:
 * limit √(2 (nρ² + 1) / (nρ²) · ln(1 + √(nρ² + 1) / (2·alpha))) standard errors below;
 * p = √(nρ² + 1) / (2 (exp(nρ² z² / (2 (nρ² + 1))) − 1)).
 * @param alpha - one-sided level of the whole sequence, 0 < alpha < 1/2
 * @see Waudby-Smith et al. (2024), arXiv 2103.06476, section 2.5
 * @returns NotComputable: NO_UNITS, ZERO_VARIANCE
 */
export function confidenceSequenceAbove(
  { units, estimate, standardError }: SequentialEstimate,
  alpha: number,
  tuningUnits = DEFAULT_TUNING_UNITS,
): ConfidenceSequenceAbove | NotComputable {
  const information = informationAt(units, 2 * alpha, tuningUnits)
  if (units === 0) return new NotComputable('NO_UNITS')
  if (standardError === 0) return new NotComputable('ZERO_VARIANCE')
  const logTerm = Math.log1p(Math.sqrt(information + 1) / (2 * alpha))
  return {
    lowerLimit: estimate - Math.sqrt(2 * (1 + 1 / information) * logTerm) * standardError,
    pValue: pValueAbove(estimate / standardError, information),
  }
}

function pValueAbove(z: number, information: number): number {
  if (!(z > 0)) return 1
  const evidence = ((information / (information + 1)) * z * z) / 2
  // Beyond 40 the 1 that is taken away is below the last digit of the rest, which could overflow.
  const logGrowth = evidence > 40 ? evidence : Math.log(Math.expm1(evidence))
  return Math.min(1, Math.exp(Math.log1p(information) / 2 - Math.LN2 - logGrowth))
}

/** ρ² at which the sequence is narrowest at N* units: (L + ln(L + 1)) / N*, L = −2 ln alpha. */
export function mixtureVariance(alpha: number, tuningUnits: number): number {
  assertAlpha(alpha)
  assertPositive(tuningUnits, 'tuningUnits')
  const l = -2 * Math.log(alpha)
  return (l + Math.log1p(l)) / tuningUnits
}

function informationAt(units: number, alpha: number, tuningUnits: number): number {
  if (!(units >= 0 && units < Infinity)) throw new RangeError(`units is ${units}; it must be finite and not negative.`)
  const information = units * mixtureVariance(alpha, tuningUnits)
  // Far less than one unit, or far more than there are.
  if (units > 0 && !(information > 1e-100 && information < 1e100)) {
    throw new RangeError(`${units} units are none beside a tuning of ${tuningUnits}, or the other way round.`)
  }
  return information
}
