/**
 * What each arm needs before the normal approximation holds at every look. Looks at the very first conversions would break the
 * always-valid guarantee: with a look every two units, 16.8 % false positives at a nominal 5 % (a lift at a rate of 1 %).
 */

/** Conversions, and units without one, for a rate; values on either side, for a quantile. */
export const BURN_IN_CONVERSIONS = 25
/** Units, for a mean or a ratio. */
export const BURN_IN_UNITS = 100

/** Whether an arm's rate can have a verdict. */
export function isRatePastBurnIn({ units, conversions }: { units: number; conversions: number }): boolean {
  return conversions >= BURN_IN_CONVERSIONS && units - conversions >= BURN_IN_CONVERSIONS
}

/** Whether an arm's mean or ratio can have a verdict. */
export function isMeanPastBurnIn(units: number): boolean {
  return units >= BURN_IN_UNITS
}

/** Whether an arm's quantile can have a verdict. */
export function isQuantilePastBurnIn(count: number, quantile: number): boolean {
  // 250 · (1 − 0.9) falls short of 25 by rounding alone.
  return count * Math.min(quantile, 1 - quantile) >= BURN_IN_CONVERSIONS * (1 - 1e-12)
}
