import { betaBelief, compareBetaBeliefs, UNIFORM_PRIOR } from '../../statistics/bayesian/beta-binomial.ts'
import { normalEffect, priorOnScale } from '../../statistics/bayesian/normal-effect.ts'
import { type Difference, liftBaseOf, nullStandardErrorOf, standardErrorOf } from '../../statistics/comparison.ts'
import type { Interval } from '../../statistics/interval.ts'
import type { AnalysisPlan } from '../experiments/analysis-plan.ts'
import { isRate, type MetricDefinition } from '../metrics/metric-definition.ts'
import { addUp } from './arm-sums.ts'
import type { ArmByEpoch, Arms } from './difference.ts'

export interface BayesianComparison {
  /** That the treatment is better, in the direction of the metric. */
  chanceToBeatControl: number
  /** Of shipping the treatment, should it be the worse one, in the metric's unit. */
  expectedLoss: number
  /** Of the difference. */
  interval: Interval
}

/**
 * Two rates in one epoch by their Beta beliefs, exactly; everything else, and what a prior on the lift is given for, by the normal
 * belief about the difference.
 */
export function bayesianComparison(
  { kind, direction }: MetricDefinition,
  { prior }: AnalysisPlan,
  difference: Difference,
  arms: Arms,
  { alpha, isAdaptive }: { alpha: number; isAdaptive: boolean },
): BayesianComparison {
  const isDecreaseWanted = direction === 'DECREASE'
  const base = liftBaseOf(difference).mean
  // Of a control without any there is no lift, and nothing is believed of it.
  const scaled =
    prior && base !== 0
      ? priorOnScale({ mean: prior.mean, variance: prior.standardDeviation ** 2 }, 'RELATIVE', 'ABSOLUTE', base)
      : null
  // Where all units of either arm are alike, as among the very first ones, the pooled variance stands in: a belief is never certain.
  const standardError = standardErrorOf(difference) || nullStandardErrorOf(difference)
  const estimate = { estimate: difference.estimate, standardError }
  const normal = normalEffect(estimate, scaled && scaled.variance > 0 ? scaled : null, alpha, isDecreaseWanted)
  const plain = { chanceToBeatControl: normal.chanceToWin, expectedLoss: normal.expectedLossTreatment }
  const isWhole = arms.control.size === 1 && arms.treatment.size === 1 && arms.strata.length === 0
  const isExact = isRate(kind) && !prior && !isAdaptive && isWhole
  return { ...(isExact ? exact(arms, isDecreaseWanted) : plain), interval: normal.interval }
}

function exact(arms: Arms, isDecreaseWanted: boolean) {
  const beliefOf = (arm: ArmByEpoch) => {
    const { units, x } = addUp(arm.values())
    return betaBelief(UNIFORM_PRIOR, { units, conversions: x })
  }
  const beliefs = compareBetaBeliefs(beliefOf(arms.control), beliefOf(arms.treatment))
  return isDecreaseWanted
    ? { chanceToBeatControl: beliefs.chanceControlBetter, expectedLoss: beliefs.expectedLossControl }
    : { chanceToBeatControl: beliefs.chanceToBeatControl, expectedLoss: beliefs.expectedLossTreatment }
}
