import { stepUp } from './step-up.ts'

/** False discovery rate whatever the dependence. @see Benjamini, Yekutieli (2001), Annals of Statistics 29, 1165–1188 */
export function benjaminiYekutieli(pValues: readonly number[]): number[] {
  const harmonic = pValues.reduce((sum, _, index) => sum + 1 / (index + 1), 0)
  return stepUp(pValues, (rank) => (pValues.length / rank) * harmonic)
}
