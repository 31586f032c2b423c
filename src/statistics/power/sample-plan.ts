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
import { driftForPower, expectedFraction } from '../sequential/group-sequential-power.ts'
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
  /** Share of the variance that CUPED is expected to take away, ρ²; 0 without it. */
  varianceReduction?: number
  design: DecisionDesign
  /** Two-sided, after any correction for several comparisons. */
  alpha: number
}

/**
 * Units of all variants together, a fraction, that give a power at a difference; for a group-sequential design the maximum sample.
 * @param effect - absolute difference to detect, in the metric's unit
 * @see Jennison, Turnbull (2000), Group Sequential Methods with Applications to Clinical Trials, ch. 3 and 7
 * @returns NotComputable: NO_EFFECT, ZERO_VARIANCE
 * @throws RangeError if a number is out of range
 */
export function requiredUnits(comparison: PlannedComparison, effect: number, power: number): number | NotComputable {
  assertPower(power, comparison.alpha)
  assertFinite(effect, 'effect')
  const variance = varianceOfOneUnit(comparison)
  if (effect === 0) return new NotComputable('NO_EFFECT')
  if (variance === 0) return new NotComputable('ZERO_VARIANCE')
  // The drift, expected Z at the end, is effect·√(units/variance).
  const unitsAt = (drift: number) => (drift / effect) ** 2 * variance
  if (comparison.design.kind !== 'ALWAYS_VALID') return unitsAt(requiredDrift(comparison, power))
  if (comparison.design.tuningUnits === undefined) return unitsAt(requiredDriftAt(comparison, 1, power))
  let low = unitsAt(requiredDrift({ ...comparison, design: { kind: 'FIXED_HORIZON' } }, power))
  let high = low * 2
  const isEnough = (units: number) => units >= unitsAt(requiredDriftAt(comparison, units, power))
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
 * @param units - of all variants together
 * @returns NotComputable NO_UNITS
 * @throws RangeError if a number is out of range
 */
export function detectableEffect(comparison: PlannedComparison, units: number, power: number): number | NotComputable {
  assertPower(power, comparison.alpha)
  assertNonNegative(units, 'units')
  if (units === 0) return new NotComputable('NO_UNITS')
  return requiredDriftAt(comparison, units, power) * Math.sqrt(varianceOfOneUnit(comparison) / units)
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
  const variance = varianceOfOneUnit(comparison)
  if (variance === 0) return new NotComputable('ZERO_VARIANCE')
  const drift = Math.abs(effect) * Math.sqrt(units / variance)
  const { design, alpha } = comparison
  if (design.kind === 'GROUP_SEQUENTIAL') {
    return crossingProbabilities(boundariesOf(design, alpha), drift).at(-1)?.upper ?? 0
  }
  return normalCdf(drift - criticalValueAt(comparison, units))
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
  const variance = varianceOfOneUnit(comparison)
  if (variance === 0) return new NotComputable('ZERO_VARIANCE')
  if (design.kind !== 'GROUP_SEQUENTIAL') return maximumUnits
  const drift = Math.abs(effect) * Math.sqrt(maximumUnits / variance)
  return maximumUnits * expectedFraction(boundariesOf(design, alpha), drift)
}

/**
 * Whole days until a sample is reached.
 * @param unitsPerDay - new units per day, of all variants together
 * @returns NotComputable NO_UNITS without traffic
 * @throws RangeError if a number is out of range
 */
export function runTimeDays(units: number, unitsPerDay: number): number | NotComputable {
  assertNonNegative(units, 'units')
  assertNonNegative(unitsPerDay, 'unitsPerDay')
  return unitsPerDay === 0 ? new NotComputable('NO_UNITS') : Math.ceil(units / unitsPerDay)
}

/** Variance of the difference if there were one unit in all. */
function varianceOfOneUnit(comparison: PlannedComparison): number {
  const { controlShare, treatmentShare, controlVariance, treatmentVariance, varianceReduction = 0 } = comparison
  assertPositive(controlShare, 'controlShare')
  assertPositive(treatmentShare, 'treatmentShare')
  assertNonNegative(controlVariance, 'controlVariance')
  assertNonNegative(treatmentVariance, 'treatmentVariance')
  assertFraction(varianceReduction, 'varianceReduction')
  return (1 - varianceReduction) * (controlVariance / controlShare + treatmentVariance / treatmentShare)
}

function requiredDriftAt(comparison: PlannedComparison, units: number, power: number): number {
  return comparison.design.kind === 'ALWAYS_VALID'
    ? criticalValueAt(comparison, units) + normalQuantile(power)
    : requiredDrift(comparison, power)
}

function requiredDrift({ design, alpha }: PlannedComparison, power: number): number {
  if (design.kind !== 'GROUP_SEQUENTIAL') return normalCriticalValue(alpha) + normalQuantile(power)
  const name = JSON.stringify([design, alpha, power])
  const known = drifts.get(name)
  if (known !== undefined) return known
  const drift = driftForPower(boundariesOf(design, alpha), power)
  if (drifts.size >= MOST_DRIFTS) drifts.clear()
  drifts.set(name, drift)
  return drift
}

/** Drifts that were found; the treatments of a plan, and a plan and its inverse, ask for the same ones. */
const drifts = new Map<string, number>()
const MOST_DRIFTS = 500

function criticalValueAt({ design, alpha }: PlannedComparison, units: number): number {
  if (design.kind !== 'ALWAYS_VALID') return normalCriticalValue(alpha)
  const sequence = confidenceSequenceOf({ units, estimate: 0, standardError: 1 }, alpha, design.tuningUnits ?? units)
  return isComputable(sequence) ? sequence.criticalValue : Number.POSITIVE_INFINITY
}

function boundariesOf(
  { spending, fractions }: Extract<DecisionDesign, { kind: 'GROUP_SEQUENTIAL' }>,
  alpha: number,
): GroupSequentialBoundaries {
  return spendingBoundaries(spending, fractions, alpha)
}
