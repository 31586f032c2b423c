import { stepDown } from './step-up.ts'

/** Family-wise error held whatever the dependence, never less powerful than Bonferroni. @see Holm (1979), Scandinavian Journal of Statistics 6, 65–70 */
export function holm(pValues: readonly number[]): number[] {
  return stepDown(pValues, (rank) => pValues.length - rank + 1)
}
