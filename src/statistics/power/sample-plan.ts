import { normalCdf, normalCriticalValue, normalQuantile } from '../distributions.ts'
import { assertFinite, assertFraction, assertNonNegative, assertPositive } from '../domain-checks.ts'
import { isComputable, NotComputable } from '../not-computable.ts'
import type { AlphaSpending } from '../sequential/alpha-spending.ts'
import { confidenceSequenceOf } from '../sequential/confidence-sequence.ts'
import {
  crossingProbabilities,
  type GroupSequentialBoundaries,
  spendingBoundaries,
} from '../sequential/group-sequential-boundaries.ts'
import { expectedFraction } from '../sequential/group-sequential-power.ts'
import { assertPower } from './proportion-power.ts'

/** How the comparison will decide. */
export type DecisionDesign =
  /** Exactly one look. */
  | { kind: 'FIXED_HORIZON' }
  /** Spends alpha over looks at these information fractions of a committed maximum sample. */
  | { kind: 'GROUP_SEQUENTIAL'; spending: AlphaSpending; fractions: readonly number[] }
  /** Confidence sequence, tuned to N*; without it to the sample itself. */
  | { kind: 'ALWAYS_VALID'; tuningUnits?: number }

/** A comparison of a treatment with the control, at unequal allocation and with unequal variances. */
export interface PlannedComparison {
  /** Share of all units, above 0; shares need not sum to 1. */
  controlShare: number
  treatmentShare: number
  /** Variance of one unit: p(1 − p) for a rate. */
  controlVariance: number
  treatmentVariance: number
  /**
   * Variance of one unit under the hypothesis of no difference, above 0, where the test divides by that: of the pooled rate. Left out
   * where it divides by the variances of the variants.
   */
  nullVariance?: number
  /** Share of the variance that CUPED is expected to take away, ρ²; 0 without it. */
  varianceReduction?: number
  design: DecisionDesign
  /** Two-sided, after any correction for several comparisons. */
  alpha: number
}

/**
 * Units of all variants together, a fraction, that give a power at a difference; for a group-sequential design the maximum sample.
 * @param effect - absolute difference to detect, in the metric's unit
 * @see Jennison, Turnbull (2000), Group Sequential Methods with Applications to Clinical Trials, ch. 3 and 7; with a pooled
 *   variance Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, ch. 4
 * @returns NotComputable: NO_EFFECT, ZERO_VARIANCE; Infinity where the effect is too small for a double
 * @throws RangeError if a number is out of range
 */
export function requiredUnits(comparison: PlannedComparison, effect: number, power: number): number | NotComputable {
  assertPower(power, comparison.alpha)
  assertFinite(effect, 'effect')
  const { own, ratio } = errorsOf(comparison)
  if (effect === 0) return new NotComputable('NO_EFFECT')
  if (own === 0) return new NotComputable('ZERO_VARIANCE')
  const drift = (criticalValue: number) => normalQuantile(power) + ratio * criticalValue
  const unitsAt = (criticalValue: number) => ((drift(criticalValue) * own) / effect) ** 2
  const { design } = comparison
  if (design.kind === 'GROUP_SEQUENTIAL') {
    return unitsAt(singleLookValue(comparison, design, (value) => ({ drift: drift(value), ratio })))
  }
  if (design.kind === 'FIXED_HORIZON' || design.tuningUnits === undefined)
    return unitsAt(criticalValueAt(comparison, 1))
  let low = unitsAt(normalCriticalValue(comparison.alpha))
  let high = low * 2
  const isEnough = (units: number) => units >= unitsAt(criticalValueAt(comparison, units))
  while (!isEnough(high)) high *= 2
  for (let step = 0; step < 200 && high - low > 1e-13 * high; step++) {
    const middle = (low + high) / 2
    if (isEnough(middle)) high = middle
    else low = middle
  }
  return (low + high) / 2
}

/**
 * Smallest absolute difference that a sample has a power for: the inverse of requiredUnits.
 * @param comparison - or, where its variances change with the difference, the comparison at each; the power is then a half or more
 * @param units - of all variants together
 * @param widest - largest difference that there can be
 * @returns above 0; or NotComputable: NO_UNITS, ZERO_VARIANCE, NOT_DETECTABLE when the widest has not that power
 * @throws RangeError if a number is out of range
 */
export function detectableEffect(
  comparison: PlannedComparison | ((effect: number) => PlannedComparison),
  units: number,
  power: number,
  widest = Number.MAX_VALUE,
): number | NotComputable {
  const comparisonAt = typeof comparison === 'function' ? comparison : () => comparison
  const unaffected = comparisonAt(0)
  assertPower(power, unaffected.alpha)
  assertNonNegative(units, 'units')
  if (units === 0) return new NotComputable('NO_UNITS')
  if (errorsOf(unaffected).own === 0) return new NotComputable('ZERO_VARIANCE')
  const zPower = normalQuantile(power)
  const needed = (criticalValue: number, effect: number) => {
    const { own, ratio } = errorsOf(comparisonAt(effect))
    return ((zPower + ratio * criticalValue) * own) / Math.sqrt(units)
  }
  // Standard errors are roots of concave functions of the effect, so that what is needed meets the effect once, if at all.
  const effectAt = (criticalValue: number) =>
    typeof comparison === 'function'
      ? fixedPoint((effect) => needed(criticalValue, effect), widest)
      : needed(criticalValue, 0)
  const { design } = unaffected
  const criticalValue =
    design.kind === 'GROUP_SEQUENTIAL'
      ? singleLookValue(unaffected, design, (value) => {
          const effect = effectAt(value)
          const { own, ratio } = errorsOf(comparisonAt(effect))
          return { drift: driftOf(effect, own, units), ratio }
        })
      : criticalValueAt(unaffected, units)
  const effect = effectAt(criticalValue)
  return effect < widest ? effect : new NotComputable('NOT_DETECTABLE')
}

/**
 * Chance of a significant difference in its own direction within a sample; always-valid designs are reckoned at the last look
 * alone, so that theirs is a lower bound.
 * @returns NotComputable: NO_UNITS, ZERO_VARIANCE
 * @throws RangeError if a number is out of range
 */
export function plannedPower(comparison: PlannedComparison, units: number, effect: number): number | NotComputable {
  assertNonNegative(units, 'units')
  assertFinite(effect, 'effect')
  if (units === 0) return new NotComputable('NO_UNITS')
  const { own, ratio } = errorsOf(comparison)
  if (own === 0) return new NotComputable('ZERO_VARIANCE')
  const drift = driftOf(effect, own, units)
  const { design, alpha } = comparison
  if (design.kind === 'GROUP_SEQUENTIAL') return crossedUp(boundariesOf(design, alpha, ratio), drift)
  return normalCdf(drift - ratio * criticalValueAt(comparison, units))
}

/**
 * Units that a group-sequential design takes on average, when there is this effect.
 * @param maximumUnits - committed, of all variants together
 * @returns NotComputable ZERO_VARIANCE
 * @throws RangeError if a number is out of range
 */
export function expectedUnits(
  comparison: PlannedComparison,
  maximumUnits: number,
  effect: number,
): number | NotComputable {
  const { design, alpha } = comparison
  assertPositive(maximumUnits, 'maximumUnits')
  assertFinite(effect, 'effect')
  const { own, ratio } = errorsOf(comparison)
  if (own === 0) return new NotComputable('ZERO_VARIANCE')
  if (design.kind !== 'GROUP_SEQUENTIAL') return maximumUnits
  return maximumUnits * expectedFraction(boundariesOf(design, alpha, ratio), driftOf(effect, own, maximumUnits))
}

/**
 * Whole days until a sample is reached.
 * @param unitsPerDay - new units per day, of all variants together
 * @returns NotComputable NO_UNITS without traffic; Infinity where it is too little for a double
 * @throws RangeError if a number is out of range
 */
export function runTimeDays(units: number, unitsPerDay: number): number | NotComputable {
  assertNonNegative(units, 'units')
  assertNonNegative(unitsPerDay, 'unitsPerDay')
  return unitsPerDay === 0 ? new NotComputable('NO_UNITS') : Math.ceil(units / unitsPerDay)
}

/** Standard error of the difference if there were one unit in all, and that which the test divides by relative to it. */
function errorsOf(comparison: PlannedComparison): { own: number; ratio: number } {
  const { controlShare, treatmentShare, controlVariance, treatmentVariance, varianceReduction = 0 } = comparison
  const { nullVariance } = comparison
  assertPositive(controlShare, 'controlShare')
  assertPositive(treatmentShare, 'treatmentShare')
  assertNonNegative(controlVariance, 'controlVariance')
  assertNonNegative(treatmentVariance, 'treatmentVariance')
  assertFraction(varianceReduction, 'varianceReduction')
  const variance = controlVariance / controlShare + treatmentVariance / treatmentShare
  const own = Math.sqrt((1 - varianceReduction) * variance)
  if (nullVariance === undefined || variance === 0) return { own, ratio: 1 }
  assertPositive(nullVariance, 'nullVariance')
  return { own, ratio: Math.sqrt((nullVariance * (1 / controlShare + 1 / treatmentShare)) / variance) }
}

/** Expected Z at the last look, in standard errors of the difference itself. */
function driftOf(effect: number, own: number, units: number): number {
  return Math.min((Math.abs(effect) / own) * Math.sqrt(units), MOST_DRIFT)
}

/** Beyond this an effect is certain to be found. */
const MOST_DRIFT = 1e150

function criticalValueAt({ design, alpha }: PlannedComparison, units: number): number {
  if (design.kind !== 'ALWAYS_VALID') return normalCriticalValue(alpha)
  const sequence = confidenceSequenceOf({ units, estimate: 0, standardError: 1 }, alpha, design.tuningUnits ?? units)
  return isComputable(sequence) ? sequence.criticalValue : Number.POSITIVE_INFINITY
}

type GroupSequentialDesign = Extract<DecisionDesign, { kind: 'GROUP_SEQUENTIAL' }>

/**
 * The critical value with which a single look had the power of all looks of a group-sequential design. It hardly depends on the
 * drift, so that few steps of the secant settle both.
 * @param place - where a single look with a critical value has the power that is sought
 */
function singleLookValue(
  { alpha }: PlannedComparison,
  design: GroupSequentialDesign,
  place: (criticalValue: number) => { drift: number; ratio: number },
): number {
  const excess = (criticalValue: number) => {
    const { drift, ratio } = place(criticalValue)
    const power = crossedUp(boundariesOf(design, alpha, ratio), drift)
    return (drift - normalQuantile(Math.min(1 - 1e-16, Math.max(1e-300, power)))) / ratio - criticalValue
  }
  let previous = normalCriticalValue(alpha)
  let before = excess(previous)
  let value = previous + before
  for (let step = 0; step < 30; step++) {
    const now = excess(value)
    if (now === before) break
    const next = value - (now * (value - previous)) / (now - before)
    ;[previous, before] = [value, now]
    value = next
    // What a step leaves is about the product of the last two errors.
    if (Math.abs(now) <= 1e-6) break
  }
  return value
}

/** Probability of having crossed on the side of the effect by the last look. */
function crossedUp(boundaries: GroupSequentialBoundaries, drift: number): number {
  return crossingProbabilities(boundaries, drift).at(-1)!.upper
}

/** @param ratio - of the standard error that the statistic is divided by to that which it has: as if the boundaries were so much wider */
function boundariesOf(
  { spending, fractions }: GroupSequentialDesign,
  alpha: number,
  ratio: number,
): GroupSequentialBoundaries {
  const boundaries = spendingBoundaries(spending, fractions, alpha)
  return { ...boundaries, criticalValues: boundaries.criticalValues.map((value) => value * ratio) }
}

/** Where a function that lies above x at 0 meets x for the first time; the widest if it does not up to there. */
function fixedPoint(f: (x: number) => number, widest: number): number {
  if (!(f(widest) < widest)) return widest
  let low = 0
  let high = widest
  for (let middle = high / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (f(middle) > middle) low = middle
    else high = middle
  }
  return high
}
