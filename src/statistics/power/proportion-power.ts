import { normalCdf, normalCriticalValue, normalQuantile } from '../distributions.ts'
import {
  assertAlpha,
  assertFinite,
  assertFraction,
  assertNonNegative,
  assertOpenFraction,
  assertPositive,
} from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { cohensH } from '../proportions/cohens-h.ts'

/**
 * How the test of two rates is approximated: with the pooled variance under the null, as the test itself does; with each rate's
 * own variance; or on the arcsine scale (Cohen's h). For rare events they differ by up to 40 %.
 */
export type ProportionMethod = 'POOLED' | 'UNPOOLED' | 'ARCSINE'

export interface ProportionDesign {
  /** Rate of the control, in (0, 1). */
  controlRate: number
  treatmentRate: number
  alpha: number
  sides: 1 | 2
  method: ProportionMethod
}

/**
 * Chance of a significant difference of two rates; both tails for a two-sided test, so that it is alpha without an effect.
 * @see Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, ch. 4; Cohen (1988), ch. 6
 * @returns NotComputable: NO_UNITS, ZERO_VARIANCE when neither rate can vary
 * @throws RangeError if a number is out of range, or so small that the errors are beyond a double
 */
export function proportionPower(
  design: ProportionDesign,
  controlUnits: number,
  treatmentUnits: number,
): number | NotComputable {
  const { controlRate, treatmentRate, alpha, sides } = design
  assertAlpha(alpha)
  assertFraction(controlRate, 'controlRate')
  assertFraction(treatmentRate, 'treatmentRate')
  assertNonNegative(controlUnits, 'controlUnits')
  assertNonNegative(treatmentUnits, 'treatmentUnits')
  if (controlUnits === 0 || treatmentUnits === 0) return new NotComputable('NO_UNITS')
  const { underNull, underEffect, effect } = errorsOf(design, controlUnits, treatmentUnits)
  if (underEffect === 0) return new NotComputable('ZERO_VARIANCE')
  const z = normalCriticalValue((2 * alpha) / sides)
  const upper = normalCdf((effect - z * underNull) / underEffect)
  const power = sides === 1 ? upper : upper + normalCdf((-effect - z * underNull) / underEffect)
  assertFinite(power, 'power')
  return power
}

/**
 * Units of the control, a fraction, that give a power; the treatment gets `ratio` times as many. The chance of a significant
 * result in the wrong direction is left out.
 * @param ratio - treatment units per control unit, above 0
 * @returns NotComputable NO_EFFECT when both rates are the same
 * @throws RangeError if a number is out of range, or the size beyond a double
 */
export function proportionSampleSize(design: ProportionDesign, power: number, ratio = 1): number | NotComputable {
  assertPower(power, design.alpha)
  assertPositive(ratio, 'ratio')
  assertOpenFraction(design.controlRate, 'controlRate')
  assertOpenFraction(design.treatmentRate, 'treatmentRate')
  if (design.controlRate === design.treatmentRate) return new NotComputable('NO_EFFECT')
  // The errors fall with the root of the units, so that those of one control unit tell all.
  const { underNull, underEffect, effect } = errorsOf(design, 1, ratio)
  const z = normalCriticalValue((2 * design.alpha) / design.sides)
  const units = ((z * underNull + normalQuantile(power) * underEffect) / effect) ** 2
  assertFinite(units, 'sample size')
  return units
}

/**
 * Smallest increase or decrease of the control's rate that has a power: the inverse of proportionSampleSize.
 * @returns the absolute difference, above 0; or NotComputable: NO_UNITS, NOT_DETECTABLE when no rate in (0, 1) reaches the power
 * @throws RangeError if a number is out of range
 */
export function proportionEffect(
  design: Omit<ProportionDesign, 'treatmentRate'>,
  direction: 'INCREASE' | 'DECREASE',
  power: number,
  controlUnits: number,
  treatmentUnits: number,
): number | NotComputable {
  assertPower(power, design.alpha)
  assertOpenFraction(design.controlRate, 'controlRate')
  assertNonNegative(controlUnits, 'controlUnits')
  assertNonNegative(treatmentUnits, 'treatmentUnits')
  if (controlUnits === 0 || treatmentUnits === 0) return new NotComputable('NO_UNITS')
  const sign = direction === 'INCREASE' ? 1 : -1
  const widest = direction === 'INCREASE' ? 1 - design.controlRate : design.controlRate
  const z = normalCriticalValue((2 * design.alpha) / design.sides)
  const zPower = normalQuantile(power)
  const surplus = (difference: number) => {
    const treatmentRate = Math.min(1, Math.max(0, design.controlRate + sign * difference))
    const { underNull, underEffect, effect } = errorsOf({ ...design, treatmentRate }, controlUnits, treatmentUnits)
    return effect - z * underNull - zPower * underEffect
  }
  if (!(surplus(widest) >= 0)) return new NotComputable('NOT_DETECTABLE')
  let low = 0
  let high = widest
  for (let step = 0; step < 200 && high - low > 1e-15 * high; step++) {
    const middle = (low + high) / 2
    if (surplus(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Standard errors of the effect under both hypotheses, on the scale of the method; the effect without its sign. */
function errorsOf(design: ProportionDesign, controlUnits: number, treatmentUnits: number) {
  const { controlRate, treatmentRate, method } = design
  if (method === 'ARCSINE') {
    const error = Math.sqrt(1 / controlUnits + 1 / treatmentUnits)
    const h = cohensH({ mean: controlRate }, { mean: treatmentRate })
    return { underNull: error, underEffect: error, effect: Math.abs(h) }
  }
  const { controlVariance, treatmentVariance, nullVariance } = rateVariances(
    controlRate,
    treatmentRate,
    controlUnits / (controlUnits + treatmentUnits),
  )
  const own = Math.sqrt(controlVariance / controlUnits + treatmentVariance / treatmentUnits)
  return {
    underNull: method === 'POOLED' ? Math.sqrt(nullVariance * (1 / controlUnits + 1 / treatmentUnits)) : own,
    underEffect: own,
    effect: Math.abs(treatmentRate - controlRate),
  }
}

/** Variances of one unit of two rates; under the hypothesis of no difference that of the pooled rate, which the test divides by. */
export interface RateVariances {
  controlVariance: number
  treatmentVariance: number
  nullVariance: number
}

/** @param controlPart - the control's part of the units of both arms, in (0, 1) */
export function rateVariances(controlRate: number, treatmentRate: number, controlPart: number): RateVariances {
  const controlVariance = controlRate * (1 - controlRate)
  const treatmentVariance = treatmentRate * (1 - treatmentRate)
  // Within the arms and between them: 1 − p of the pooled rate itself loses its digits near 1.
  const within = controlPart * controlVariance + (1 - controlPart) * treatmentVariance
  const between = controlPart * (1 - controlPart) * (treatmentRate - controlRate) ** 2
  return { controlVariance, treatmentVariance, nullVariance: within + between }
}

/** @throws RangeError unless alpha < power < 1 */
export function assertPower(power: number, alpha: number): void {
  assertAlpha(alpha)
  if (!(power > alpha && power < 1)) {
    throw new RangeError(`power is ${power}; it must lie between alpha, ${alpha}, and 1.`)
  }
}
