import {
  type BetaBelief,
  betaBelief,
  compareBetaBeliefs,
  UNIFORM_PRIOR,
} from '../../statistics/bayesian/beta-binomial.ts'
import { betaEffectSpread } from '../../statistics/bayesian/beta-effect-spread.ts'
import { normalEffect, priorOnScale } from '../../statistics/bayesian/normal-effect.ts'
import { type Difference, liftBaseOf, nullStandardErrorOf, standardErrorOf } from '../../statistics/comparison.ts'
import { normalCriticalValue } from '../../statistics/distributions.ts'
import { around, type Interval } from '../../statistics/interval.ts'
import type { AnalysisPlan } from '../experiments/analysis-plan.ts'
import { isRate, type MetricDefinition } from '../metrics/metric-definition.ts'
import { addUp } from './arm-sums.ts'
import type { ArmByEpoch, Arms } from './difference.ts'

export interface BayesianComparison {
  /** That the treatment is better, in the direction of the metric. */
  chanceToBeatControl: number
  /** Of shipping the treatment, should it be the worse one, in the metric's unit. */
  expectedLoss: number
  /** Of the difference. It excludes 0 exactly when the chance lies beyond its level. */
  interval: Interval
  /** Mean of the difference, in the metric's unit. */
  expected: number
}

/**
 * Two rates in one epoch by their Beta beliefs, exactly; everything else, and what a prior on the lift is given for, by the normal
 * belief about the difference.
 */
export function bayesianComparison(
  definition: MetricDefinition,
  plan: AnalysisPlan,
  difference: Difference,
  arms: Arms,
  { alpha, isAdaptive }: { alpha: number; isAdaptive: boolean },
): BayesianComparison {
  const isDecreaseWanted = definition.direction === 'DECREASE'
  if (isExact(definition, plan, arms, isAdaptive)) return exact(arms, isDecreaseWanted, alpha)
  const { estimate, prior } = dataAndPrior(plan, difference)
  const { chanceToWin, expectedLossTreatment, interval, expected } = normalEffect(
    estimate,
    prior,
    alpha,
    isDecreaseWanted,
  )
  return { chanceToBeatControl: chanceToWin, expectedLoss: expectedLossTreatment, interval, expected }
}

/** Whether what is believed of the variants are Beta distributions. */
export function isExact(
  { kind }: MetricDefinition,
  { prior }: AnalysisPlan,
  { strata, isOneEpoch }: Arms,
  isAdaptive: boolean,
): boolean {
  return isRate(kind) && !prior && !isAdaptive && isOneEpoch && strata.length === 0
}

export function betaBeliefOf(arm: ArmByEpoch): BetaBelief {
  const { units, x } = addUp(arm.values())
  return betaBelief(UNIFORM_PRIOR, { units, conversions: x })
}

/** What is believed of a difference as a normal distribution, and the variance that the data alone give it, the control's part included. */
export function normalBelief(
  plan: AnalysisPlan,
  difference: Difference,
): { expected: number; variance: number; dataVariance: number; controlVariance: number } {
  const { estimate, prior, controlVariance } = dataAndPrior(plan, difference)
  const { expected, standardDeviation } = normalEffect(estimate, prior, plan.alpha)
  return { expected, variance: standardDeviation ** 2, dataVariance: estimate.standardError ** 2, controlVariance }
}

function dataAndPrior({ prior }: AnalysisPlan, difference: Difference) {
  const base = liftBaseOf(difference).mean
  // Of a control without any there is no lift, and nothing is believed of it.
  const scaled =
    prior && base !== 0
      ? priorOnScale({ mean: prior.mean, variance: prior.standardDeviation ** 2 }, 'RELATIVE', 'ABSOLUTE', base)
      : null
  const standardError = standardErrorOf(difference)
  // Where all units of either arm are alike, as among the very first ones, the pooled variance stands in: a belief is never certain.
  return {
    prior: scaled && scaled.variance > 0 ? scaled : null,
    estimate: { estimate: difference.estimate, standardError: standardError || nullStandardErrorOf(difference) },
    controlVariance: standardError > 0 ? difference.control.variance : difference.nullVariance.control,
  }
}

function exact({ control, treatment }: Arms, isDecreaseWanted: boolean, alpha: number): BayesianComparison {
  const [c, t] = [betaBeliefOf(control), betaBeliefOf(treatment)]
  const beliefs = compareBetaBeliefs(c, t)
  const expected = beliefs.expectedDifference
  const interval = around(expected, normalCriticalValue(alpha) * betaEffectSpread(c, t, beliefs), alpha)
  return isDecreaseWanted
    ? {
        chanceToBeatControl: beliefs.chanceControlBetter,
        expectedLoss: beliefs.expectedLossControl,
        interval,
        expected,
      }
    : {
        chanceToBeatControl: beliefs.chanceToBeatControl,
        expectedLoss: beliefs.expectedLossTreatment,
        interval,
        expected,
      }
}
