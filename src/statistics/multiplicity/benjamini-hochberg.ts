import { stepUp } from './step-up.ts'

/** False discovery rate, for independent or positively dependent tests. @see Benjamini, Hochberg (1995), Journal of the Royal Statistical Society B 57, 289–300 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  return stepUp(pValues, (rank) => pValues.length / rank)
}
