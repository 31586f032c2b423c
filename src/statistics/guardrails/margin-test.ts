import { isComputable, NotComputable } from '../not-computable.ts'
import { confidenceSequenceAbove } from '../sequential/confidence-sequence.ts'
import type { MarginDistance } from './margin-distance.ts'
import { nonInferiorityTest } from './non-inferiority.ts'

/** What is known of the distance inside a margin. Only one of both claims can be false, so that together they err in alpha at most. */
export interface MarginTest {
  /** Bounds of the distance, each one-sided at alpha. */
  lower: number
  upper: number
  /** One-sided, against lying on the margin or beyond. */
  pValue: number
  /** One-sided, against lying on the margin or inside. */
  pValueBeyond: number
  /** Shown to be not worse than the margin. */
  isInside: boolean
  /** Shown to be worse than the margin. */
  isBeyond: boolean
}

/**
 * Non-inferiority and its opposite by Student's t or z: right at exactly one look, planned beforehand.
 * @param alpha - of each side, 0 < alpha < 1/2
 * @returns NotComputable CONTROL_MEAN_NOT_SEPARATED_FROM_ZERO where a relative margin could have either sign
 * @throws RangeError if alpha is out of range
 */
export function fixedMarginTest(distance: MarginDistance, alpha: number): MarginTest | NotComputable {
  const { base } = distance
  if (base && base.standardError > 0 && !(nonInferiorityTest(magnitudeOf(base), 0, 'INCREASE', alpha).bound > 0)) {
    return new NotComputable('CONTROL_MEAN_NOT_SEPARATED_FROM_ZERO')
  }
  const inside = nonInferiorityTest(distance, 0, 'INCREASE', alpha)
  const beyond = nonInferiorityTest(distance, 0, 'DECREASE', alpha)
  return {
    lower: inside.bound,
    upper: beyond.bound,
    pValue: inside.pValue,
    pValueBeyond: beyond.pValue,
    isInside: inside.isNonInferior,
    isBeyond: beyond.isNonInferior,
  }
}

/**
 * The same at every look, however many, by one-sided confidence sequences: right past the burn-in that the sequence of the
 * difference needs.
 * @param alpha - of each side, 0 < alpha < 1/2
 * @param tuningUnits - N*, units of both arms at which the bounds are closest
 * @see Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2024), arXiv 2103.06476, section 2.5
 * @returns NotComputable: NO_UNITS, CONTROL_MEAN_NOT_SEPARATED_FROM_ZERO where a relative margin could have either sign
 * @throws RangeError if a parameter is out of range
 */
export function alwaysValidMarginTest(
  { units, estimate, standardError, base }: MarginDistance,
  alpha: number,
  tuningUnits?: number,
): MarginTest | NotComputable {
  if (base && base.standardError > 0) {
    const known = confidenceSequenceAbove({ units, ...magnitudeOf(base) }, alpha, tuningUnits)
    if (!isComputable(known)) return known
    if (!(known.lowerLimit > 0)) return new NotComputable('CONTROL_MEAN_NOT_SEPARATED_FROM_ZERO')
  }
  const inside = confidenceSequenceAbove({ units, estimate, standardError }, alpha, tuningUnits)
  const beyond = confidenceSequenceAbove({ units, estimate: -estimate, standardError }, alpha, tuningUnits)
  if (!isComputable(inside)) return inside
  if (!isComputable(beyond)) return beyond
  return {
    lower: inside.lowerLimit,
    upper: -beyond.lowerLimit,
    pValue: inside.pValue,
    pValueBeyond: beyond.pValue,
    isInside: inside.lowerLimit > 0,
    isBeyond: beyond.lowerLimit > 0,
  }
}

function magnitudeOf<T extends { estimate: number }>(base: T): T {
  return { ...base, estimate: Math.abs(base.estimate) }
}
