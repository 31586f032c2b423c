import { banditKinds } from './bandit-kinds.ts'
import { bayesianKinds } from './bayesian-kinds.ts'
import { chiSquareKinds } from './chi-square-kinds.ts'
import { cupedKinds } from './cuped-kinds.ts'
import type { Kind } from './kind.ts'
import { meanKinds } from './mean-kinds.ts'
import { multiplicityKinds } from './multiplicity-kinds.ts'
import { powerKinds } from './power-kinds.ts'
import { proportionKinds } from './proportion-kinds.ts'
import { quantileKinds } from './quantile-kinds.ts'
import { sequentialKinds } from './sequential-kinds.ts'
import { specialFunctionKinds } from './special-function-kinds.ts'

/** Every kind of the reference format, answered by the code that the product uses. */
export const KINDS: Record<string, Kind> = {
  ...proportionKinds,
  ...meanKinds,
  ...chiSquareKinds,
  ...sequentialKinds,
  ...specialFunctionKinds,
  ...banditKinds,
  ...bayesianKinds,
  ...cupedKinds,
  ...multiplicityKinds,
  ...powerKinds,
  ...quantileKinds,
}
