import { betaQuantile } from '../distributions.ts'
import { assertBetaParameter, assertOpenFraction, assertPositive } from '../domain-checks.ts'
import type { Interval } from '../interval.ts'
import { NotComputable } from '../not-computable.ts'
import { estimateProportion } from '../sample-summary.ts'
import { posteriorGrid } from '../special-functions/posterior-grid.ts'
import { betaPosterior } from '../special-functions/posteriors.ts'
import { superiorityOn } from '../special-functions/superiority.ts'

/** A belief about a rate: Beta(alpha, beta). */
export interface BetaBelief {
  alpha: number
  beta: number
}

/** Every rate equally likely. */
export const UNIFORM_PRIOR: BetaBelief = { alpha: 1, beta: 1 }

export interface BetaComparison {
  /** P(treatment's rate > control's). Not valid under repeated looks. */
  chanceToBeatControl: number
  chanceControlBetter: number
  /** E[max(p_c − p_t, 0)]: what shipping the treatment costs if it is the worse one. */
  expectedLossTreatment: number
  /** E[max(p_t − p_c, 0)]: what keeping the control costs if it is the worse one. */
  expectedLossControl: number
  /** E[p_t − p_c]. */
  expectedDifference: number
}

/**
 * Belief about a rate after the data.
 * @see Gelman et al. (2013), Bayesian Data Analysis, section 2.4
 * @throws RangeError if a prior parameter is not positive or more units converted than there are
 */
export function betaBelief(
  prior: BetaBelief,
  { units, conversions }: { units: number; conversions: number },
): BetaBelief {
  assertPositive(prior.alpha, 'alpha')
  assertPositive(prior.beta, 'beta')
  estimateProportion(units, conversions)
  return { alpha: prior.alpha + conversions, beta: prior.beta + units - conversions }
}

/**
 * Chances and expected losses of two independent beliefs, by integration over the log-odds: ∫ F_t (1 − F_c) dp has no
 * cancellation, where the difference of two closed forms would lose half its digits.
 * @throws RangeError unless all parameters lie between 0.01 and 1e15
 */
export function compareBetaBeliefs(control: BetaBelief, treatment: BetaBelief): BetaComparison {
  const grid = posteriorGrid([control, treatment].map(({ alpha, beta }) => betaPosterior(alpha, beta)))
  const [controlBetter, treatmentBetter] = superiorityOn(grid, false) as [number, number]
  const expectedDifference = betaMean(treatment) - betaMean(control)
  // The smaller loss by integration, the larger one from it: they differ by the expected difference.
  const [worse, better] = expectedDifference >= 0 ? [1, 0] : [0, 1]
  let loss = 0
  for (let index = 0; index < grid.x.length; index++) {
    const odds = Math.exp(-Math.abs(grid.x[index]!))
    const density = odds / (1 + odds) ** 2
    loss += grid.weight[index]! * density * grid.lowerTail[worse]![index]! * grid.upperTail[better]![index]!
  }
  const gain = loss + Math.abs(expectedDifference)
  return {
    chanceToBeatControl: treatmentBetter,
    chanceControlBetter: controlBetter,
    expectedLossTreatment: expectedDifference >= 0 ? loss : gain,
    expectedLossControl: expectedDifference >= 0 ? gain : loss,
    expectedDifference,
  }
}

/** @throws RangeError unless both parameters lie between 1e-150 and 1e15 */
export function betaMean({ alpha, beta }: BetaBelief): number {
  assertBetaParameter(alpha, 'alpha')
  assertBetaParameter(beta, 'beta')
  return alpha / (alpha + beta)
}

/**
 * Equal-tailed credible interval of a rate.
 * @throws RangeError unless 0 < level < 1 and both parameters lie between 1e-150 and 1e15
 */
export function betaCredibleInterval({ alpha, beta }: BetaBelief, level: number): Interval {
  assertOpenFraction(level, 'level')
  const tail = (1 - level) / 2
  return { lower: betaQuantile(tail, alpha, beta), upper: betaQuantile(1 - tail, alpha, beta), level }
}

/**
 * E[p_t/p_c] − 1 = E[p_t]·E[1/p_c] − 1.
 * @returns NotComputable MEAN_DOES_NOT_EXIST while the control's alpha is at most 1
 * @throws RangeError unless all parameters lie between 1e-150 and 1e15
 */
export function expectedBetaLift(control: BetaBelief, treatment: BetaBelief): number | NotComputable {
  const mean = betaMean(treatment)
  assertBetaParameter(control.alpha, 'alpha')
  assertBetaParameter(control.beta, 'beta')
  if (!(control.alpha > 1)) return new NotComputable('MEAN_DOES_NOT_EXIST')
  return (mean * (control.alpha + control.beta - 1)) / (control.alpha - 1) - 1
}
