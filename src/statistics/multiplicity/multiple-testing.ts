import { assertAlpha, assertFraction } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { benjaminiHochberg } from './benjamini-hochberg.ts'
import { benjaminiYekutieli } from './benjamini-yekutieli.ts'
import { bonferroni } from './bonferroni.ts'
import { hochberg } from './hochberg.ts'
import { holm } from './holm.ts'

/** How many tests at once are corrected for. */
export type Correction = 'NONE' | 'BONFERRONI' | 'HOLM' | 'HOCHBERG' | 'BENJAMINI_HOCHBERG' | 'BENJAMINI_YEKUTIELI'

const METHODS: Record<Correction, (pValues: readonly number[]) => number[]> = {
  NONE: (pValues) => [...pValues],
  BONFERRONI: bonferroni,
  HOLM: holm,
  HOCHBERG: hochberg,
  BENJAMINI_HOCHBERG: benjaminiHochberg,
  BENJAMINI_YEKUTIELI: benjaminiYekutieli,
}

export interface AdjustedPValue {
  /** Compare with alpha as a single p-value would be. */
  adjusted: number | NotComputable
  isRejected: boolean
}

/**
 * p-values adjusted for their number, in input order. A missing p-value is not counted, and stays missing.
 * @param pValues - in [0, 1]; null where a test could not be computed
 * @param alpha - family-wise error or false discovery rate, 0 < alpha < 1
 * @throws RangeError if a p-value or alpha is out of range
 */
export function adjustPValues(
  pValues: readonly (number | null)[],
  correction: Correction,
  alpha: number,
): AdjustedPValue[] {
  assertAlpha(alpha)
  const present = pValues.filter((pValue) => pValue !== null)
  for (const pValue of present) assertFraction(pValue, 'pValue')
  const adjusted = METHODS[correction](present)
  let next = 0
  return pValues.map((pValue) => {
    if (pValue === null) return { adjusted: new NotComputable('P_VALUE_MISSING'), isRejected: false }
    const value = adjusted[next++]!
    return { adjusted: value, isRejected: value <= alpha }
  })
}
