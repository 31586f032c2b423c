import { stepUp } from './step-up.ts'

/** Family-wise error held for independent or positively dependent tests. @see Hochberg (1988), Biometrika 75, 800–802 */
export function hochberg(pValues: readonly number[]): number[] {
  return stepUp(pValues, (rank) => pValues.length - rank + 1)
}
