import {
  allocationWithFloor,
  type BetaArm,
  betaProbabilityOfBeingBest,
  probabilityOfBeingBest,
} from '../../statistics/bandit/probability-of-being-best.ts'
import { NotComputable } from '../../statistics/not-computable.ts'
import type { Kind } from './kind.ts'

interface Options {
  minimise?: boolean
  min_weight?: number
}

export const banditKinds: Record<string, Kind> = {
  beta_arms: ({ arms, ...options }: Options & { arms: BetaArm[] }) =>
    fieldsOf(betaProbabilityOfBeingBest(arms, options.minimise), options),
  normal_arms: ({ arms, ...options }: Options & { arms: { mean: number; sd: number }[] }) =>
    fieldsOf(
      probabilityOfBeingBest(
        arms.map(({ mean, sd }) => ({ mean, standardDeviation: sd })),
        options.minimise,
      ),
      options,
    ),
}

function fieldsOf(best: number[], { min_weight: floor }: Options) {
  if (best.length === 0) return { prob_best: new NotComputable('NO_ARMS'), allocation: new NotComputable('NO_ARMS') }
  return { prob_best: best, allocation: floor === undefined ? undefined : allocationWithFloor(best, floor) }
}
