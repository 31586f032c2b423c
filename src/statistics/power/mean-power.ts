import { normalCriticalValue, normalQuantile, normalUpper, studentCriticalValue } from '../distributions.ts'
import { assertAlpha, assertFinite, assertNonNegative, assertPositive } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { noncentralTUpper } from '../special-functions/noncentral.ts'
import { assertPower } from './proportion-power.ts'

/** STUDENT is exact for normal values with equal variances; NORMAL is its limit for many units. */
export type MeanMethod = 'STUDENT' | 'NORMAL'

export interface MeanDesign {
  /** Treatment − control, in the metric's unit. */
  difference: number
  /** Of one unit, in the metric's unit. */
  standardDeviation: number
  alpha: number
  sides: 1 | 2
  method: MeanMethod
}

/** Standard deviations beyond which an effect is certain to be found, whatever the sample. */
const MOST_EFFECT = 1e150
/** Units beyond which the t distribution is the normal one to all digits that matter. */
const MOST_UNITS = 1e15

/**
 * Chance of a significant difference of two means; both tails for a two-sided test.
 * @param controlUnits - may be a fraction, with at least 2 units in all
 * @see Cohen (1988), Statistical Power Analysis, ch. 2
 * @returns NotComputable: NO_UNITS, INSUFFICIENT_UNITS, ZERO_VARIANCE
 * @throws RangeError if a number is out of range
 */
export function meanPower(design: MeanDesign, controlUnits: number, treatmentUnits: number): number | NotComputable {
  const { difference, standardDeviation, alpha, sides, method } = design
  assertAlpha(alpha)
  assertFinite(difference, 'difference')
  assertNonNegative(standardDeviation, 'standardDeviation')
  assertNonNegative(controlUnits, 'controlUnits')
  assertNonNegative(treatmentUnits, 'treatmentUnits')
  if (controlUnits === 0 || treatmentUnits === 0) return new NotComputable('NO_UNITS')
  if (standardDeviation === 0) return new NotComputable('ZERO_VARIANCE')
  const shift =
    Math.min(Math.abs(difference) / standardDeviation, MOST_EFFECT) / Math.sqrt(1 / controlUnits + 1 / treatmentUnits)
  const level = (2 * alpha) / sides
  const degreesOfFreedom = method === 'NORMAL' ? Infinity : controlUnits + treatmentUnits - 2
  if (!(degreesOfFreedom > 0)) return new NotComputable('INSUFFICIENT_UNITS')
  const critical = method === 'NORMAL' ? normalCriticalValue(level) : studentCriticalValue(level, degreesOfFreedom)
  const upper = (noncentrality: number) =>
    method === 'NORMAL'
      ? normalUpper(critical - noncentrality)
      : noncentralTUpper(critical, degreesOfFreedom, noncentrality)
  return sides === 1 ? upper(shift) : Math.min(1, upper(shift) + upper(-shift))
}

/**
 * Units of the control, a fraction, that give a power; the treatment gets `ratio` times as many.
 * @param ratio - treatment units per control unit, above 0
 * @returns NotComputable: NO_EFFECT, ZERO_VARIANCE
 * @throws RangeError if a number is out of range
 */
export function meanSampleSize(design: MeanDesign, power: number, ratio = 1): number | NotComputable {
  assertPower(power, design.alpha)
  assertPositive(ratio, 'ratio')
  assertFinite(design.difference, 'difference')
  assertNonNegative(design.standardDeviation, 'standardDeviation')
  if (design.difference === 0) return new NotComputable('NO_EFFECT')
  if (design.standardDeviation === 0) return new NotComputable('ZERO_VARIANCE')
  const drift = normalCriticalValue((2 * design.alpha) / design.sides) + normalQuantile(power)
  const normal = ((drift * design.standardDeviation) ** 2 * (1 + 1 / ratio)) / design.difference ** 2
  if (design.method === 'NORMAL') return normal
  const reached = (units: number) => {
    const at = meanPower(design, units, units * ratio)
    return at instanceof NotComputable ? 0 : at
  }
  // The t test needs a little more than the normal one; fewer than 2 degrees of freedom tell nothing.
  const least = 2.000001 / (1 + ratio)
  let low = Math.max(least, normal * 0.5)
  let high = Math.max(normal, least) + 2
  while (reached(low) > power && low > least) low = Math.max(least, low / 2)
  while (reached(high) < power && high < MOST_UNITS) high *= 2
  for (let step = 0; step < 200 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2
    if (reached(middle) < power) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** An arm as it is planned. */
interface PlannedArm {
  /** Of one unit, in the metric's unit; not below 0. */
  standardDeviation: number
  /** Above 0. */
  units: number
}

/**
 * Smallest difference of two means that has a power in one look: (z_{1−alpha/2} + z_power)·se.
 * @returns NotComputable ZERO_VARIANCE
 * @throws RangeError if a number is out of range
 */
export function meanEffect(
  control: PlannedArm,
  treatment: PlannedArm,
  alpha: number,
  power: number,
  sides: 1 | 2 = 2,
): number | NotComputable {
  assertPower(power, alpha)
  const [a, b] = [control, treatment].map(({ standardDeviation, units }) => {
    assertNonNegative(standardDeviation, 'standardDeviation')
    assertPositive(units, 'units')
    return standardDeviation / Math.sqrt(units)
  })
  const standardError = Math.hypot(a!, b!)
  if (standardError === 0) return new NotComputable('ZERO_VARIANCE')
  return (normalCriticalValue((2 * alpha) / sides) + normalQuantile(power)) * standardError
}
