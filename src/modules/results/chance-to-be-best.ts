import { betaProbabilityOfBeingBest } from '../../statistics/bandit/probability-of-being-best.ts'
import { chancesToBeBest, type DifferenceBelief } from '../../statistics/bayesian/chance-to-be-best.ts'
import type { Difference } from '../../statistics/comparison.ts'
import { isComputable, type NotComputable } from '../../statistics/not-computable.ts'
import type { AnalysisPlan } from '../experiments/analysis-plan.ts'
import type { MetricDefinition } from '../metrics/metric-definition.ts'
import { type BayesianComparison, betaBeliefOf, isExact, normalBelief } from './bayesian.ts'
import type { Arms, Measured } from './difference.ts'

/** One treatment against the control. */
export interface Contender {
  variantId: number
  hasUnits: boolean
  /** In the epochs in which they are compared. */
  arms: Arms
  measured: Measured | NotComputable
  bayesian: BayesianComparison | null
}

/**
 * Chance of each variant to be the best on a metric, by the same beliefs as the comparisons'. A variant without units does not
 * take part; nobody has a chance until each that does can be compared with the control.
 * @returns by the id of the variant; the chances sum to 1
 */
export function chancesByVariant(
  definition: MetricDefinition,
  plan: AnalysisPlan,
  controlId: number,
  treatments: readonly Contender[],
  isAdaptive: boolean,
): ReadonlyMap<number, number> {
  const contenders = treatments.filter(({ hasUnits }) => hasUnits)
  const beliefs: DifferenceBelief[] = []
  for (const { measured, bayesian } of contenders) {
    if (!bayesian || !isComputable(measured)) return new Map()
    beliefs.push(differenceBelief(plan, measured.difference))
  }
  const [only, another] = contenders
  if (!only) return new Map()
  const ids = [controlId, ...contenders.map(({ variantId }) => variantId)]
  const byId = (chances: readonly number[]) => new Map(ids.map((id, index) => [id, chances[index]!]))
  if (!another) return byId([1 - only.bayesian!.chanceToBeatControl, only.bayesian!.chanceToBeatControl])
  const isDecreaseWanted = definition.direction === 'DECREASE'
  if (!contenders.every(({ arms }) => isExact(definition, plan, arms, isAdaptive))) {
    return byId(chancesToBeBest(beliefs, isDecreaseWanted))
  }
  const arms = [only.arms.control, ...contenders.map(({ arms: { treatment } }) => treatment)]
  return byId(betaProbabilityOfBeingBest(arms.map(betaBeliefOf), isDecreaseWanted))
}

/** A prior shrinks what the control's error does to a difference as it shrinks the difference: by its weight against the data. */
function differenceBelief(plan: AnalysisPlan, difference: Difference): DifferenceBelief {
  const { expected, variance, dataVariance, controlVariance } = normalBelief(plan, difference)
  const weight = variance / dataVariance
  // Not by a rounding more than the whole.
  return { mean: expected, variance, controlVariance: Math.min(variance, weight * weight * controlVariance) }
}
