import { describe, expect, test } from 'vitest'
import { adaptiveRatioTest } from '../../../src/statistics/bandit/adaptive-ratio-test.ts'
import { inversePropensityRatio } from '../../../src/statistics/bandit/inverse-propensity-ratio.ts'
import { normalArms } from '../../../src/statistics/bandit/normal-arms.ts'
import {
  allocationWithFloor,
  betaProbabilityOfBeingBest,
  probabilityOfBeingBest,
} from '../../../src/statistics/bandit/probability-of-being-best.ts'
import {
  betaCredibleInterval,
  betaMean,
  compareBetaBeliefs,
  expectedBetaLift,
} from '../../../src/statistics/bayesian/beta-binomial.ts'
import { betaDifferenceQuantile, betaLiftQuantile } from '../../../src/statistics/bayesian/beta-effect-quantile.ts'
import { chancesToBeBest } from '../../../src/statistics/bayesian/chance-to-be-best.ts'
import { priorOnScale } from '../../../src/statistics/bayesian/normal-effect.ts'
import * as distributions from '../../../src/statistics/distributions.ts'
import type { Interval } from '../../../src/statistics/interval.ts'
import { meanInterval } from '../../../src/statistics/mean-interval.ts'
import { agrestiCaffoInterval } from '../../../src/statistics/proportions/agresti-caffo-interval.ts'
import { agrestiCoullInterval } from '../../../src/statistics/proportions/agresti-coull-interval.ts'
import { clopperPearsonInterval } from '../../../src/statistics/proportions/clopper-pearson-interval.ts'
import { cohensH } from '../../../src/statistics/proportions/cohens-h.ts'
import { jeffreysInterval } from '../../../src/statistics/proportions/jeffreys-interval.ts'
import { katzLiftInterval } from '../../../src/statistics/proportions/katz-lift-interval.ts'
import { newcombeInterval } from '../../../src/statistics/proportions/newcombe-interval.ts'
import { waldInterval } from '../../../src/statistics/proportions/wald-interval.ts'
import { wilsonContinuityInterval } from '../../../src/statistics/proportions/wilson-continuity-interval.ts'
import { wilsonInterval } from '../../../src/statistics/proportions/wilson-interval.ts'
import { quantileBounds } from '../../../src/statistics/quantile/quantile-estimate.ts'
import { bucketBounds, bucketOf, histogramOf, valueBelow } from '../../../src/statistics/quantile/value-histogram.ts'
import { estimateProportion } from '../../../src/statistics/sample-summary.ts'
import { logBeta } from '../../../src/statistics/special-functions/log-beta.ts'
import { logGamma } from '../../../src/statistics/special-functions/stirling-error.ts'
import { computed } from '../../support/computed.ts'
import { isGuarded } from './guarded.ts'

/** Fields that are declared to be infinite now and then: quantiles at 0 and 1, logarithms of a tail that is 0. */
const INFINITE = ['result']
const belief = (alpha?: number, beta?: number) => ({ alpha: alpha!, beta: beta! })

describe('outside its domain a function throws RangeError', () => {
  for (const [name, distribution] of Object.entries<(...args: number[]) => number>({
    ...distributions,
    logGamma,
    logBeta,
  })) {
    test(name, isGuarded(distribution, distribution.length, INFINITE))
  }

  const functions: Record<string, [count: number, method: (...args: number[]) => unknown]> = {
    betaCredibleInterval: [3, (a, b, level) => betaCredibleInterval(belief(a, b), level!)],
    betaMean: [2, (a, b) => betaMean(belief(a, b))],
    expectedBetaLift: [4, (a, b, c, d) => expectedBetaLift(belief(a, b), belief(c, d))],
    probabilityOfBeingBest: [
      4,
      (a, b, c, d) =>
        probabilityOfBeingBest([
          { mean: a!, standardDeviation: b! },
          { mean: c!, standardDeviation: d! },
          { mean: 1, standardDeviation: 1 },
        ]),
    ],
    allocationWithFloor: [3, (p, q, floor) => allocationWithFloor([p!, q!], floor!)],
    chancesToBeBest: [
      3,
      (mean, variance, part) => chancesToBeBest([difference(mean!, variance!, part!), difference(1, 2, 1)]),
    ],
    priorOnScale: [
      3,
      (mean, variance, control) => priorOnScale({ mean: mean!, variance: variance! }, 'RELATIVE', 'ABSOLUTE', control!),
    ],
    inversePropensityRatio: [
      6,
      (units, x, y, xx, yy, xy) =>
        inversePropensityRatio({
          units: units!,
          weightedNumerator: x!,
          weightedDenominator: y!,
          squaredNumerator: xx!,
          squaredDenominator: yy!,
          crossProduct: xy!,
        }),
    ],
    adaptiveRatioTest: [
      4,
      (units, w, ww, least) =>
        adaptiveRatioTest(
          [
            { units: units!, w: w!, ww: ww! },
            { units: 10, w: 20, ww: 40 },
          ],
          least!,
        ),
    ],
    normalArms: [3, (count, sum, squares) => normalArms([ofOnes(count!, sum!, squares!), ofOnes(10, 5, 5)])],
    bucketBounds: [1, (bucket) => bucketBounds(bucket!)],
    bucketOf: [1, (value) => bucketOf(value!)],
    valueBelow: [1, (share) => valueBelow(histogramOf([[1, 2, 3]]).histogram, share!)],
    quantileBounds: [3, (quantile, count, reach) => quantileBounds(quantile!, count!, reach!)],
    cohensH: [2, (control, treatment) => cohensH({ mean: control! }, { mean: treatment! })],
  }
  for (const [name, [count, method]] of Object.entries(functions)) test(name, isGuarded(method, count))

  test.each([
    [0, 1],
    [1, 0],
    [0.009, 1],
    [1, 1.1e15],
    [Number.NaN, 1],
  ])('beliefs of Beta(%d, %d)', (a, b) => {
    const wrong = belief(a, b)
    expect(() => compareBetaBeliefs(wrong, belief(1, 1))).toThrow(RangeError)
    expect(() => betaProbabilityOfBeingBest([wrong, belief(1, 1)])).toThrow(RangeError)
    expect(() => betaDifferenceQuantile(belief(1, 1), wrong, 0.5)).toThrow(RangeError)
    expect(() => betaLiftQuantile(wrong, belief(1, 1), 0.5)).toThrow(RangeError)
  })

  test.each([
    ['logGamma', () => logGamma(-1.5)],
    ['logGamma', () => logGamma(0)],
    ['logBeta', () => logBeta(-1, 1)],
    ['logBeta', () => logBeta(1, 0)],
    ['binomialMass', () => distributions.binomialMass(1.5, 10, 0.5)],
    ['binomialMass', () => distributions.binomialMass(1, 10.5, 0.5)],
    ['betaCredibleInterval', () => betaCredibleInterval(belief(2, 3), -0.5)],
    ['betaCredibleInterval', () => betaCredibleInterval(belief(2, 3), 0)],
    ['betaCredibleInterval', () => betaCredibleInterval(belief(2, 3), 1)],
  ])('%s just beyond it', (_, method) => expect(method).toThrow(RangeError))
})

function difference(mean: number, variance: number, controlVariance: number) {
  return { mean, variance, controlVariance }
}

/** Of means: every denominator is 1. */
function ofOnes(count: number, sum: number, squares: number) {
  return {
    count,
    numeratorSum: sum,
    numeratorSumOfSquares: squares,
    denominatorSum: count,
    denominatorSumOfSquares: count,
    crossProduct: sum,
  }
}

describe('an interval has a level strictly between 0 and 1', () => {
  const some = computed(estimateProportion(10, 2))
  const other = computed(estimateProportion(30, 9))
  const intervals: Record<string, (alpha: number) => unknown> = {
    wilsonInterval: (alpha) => wilsonInterval(some, alpha),
    wilsonContinuityInterval: (alpha) => wilsonContinuityInterval(some, alpha),
    waldInterval: (alpha) => waldInterval(some, alpha),
    agrestiCoullInterval: (alpha) => agrestiCoullInterval(some, alpha),
    clopperPearsonInterval: (alpha) => clopperPearsonInterval(some, alpha),
    jeffreysInterval: (alpha) => jeffreysInterval(some, alpha),
    newcombeInterval: (alpha) => newcombeInterval(some, other, alpha),
    agrestiCaffoInterval: (alpha) => agrestiCaffoInterval(some, other, alpha),
    katzLiftInterval: (alpha) => katzLiftInterval(some, other, alpha),
    meanInterval: (alpha) => meanInterval(some, alpha),
  }
  test.each(Object.entries(intervals))('%s', (_, interval) => {
    for (const alpha of [0, 1, -0.5, 1 + 1e-15, 2, Number.NaN]) expect(() => interval(alpha)).toThrow(RangeError)
    for (const alpha of [1e-12, 0.05, 0.5, 1 - 1e-9]) {
      const { lower, upper } = interval(alpha) as Interval
      expect(lower).toBeLessThanOrEqual(upper)
    }
  })
})

describe('Student’s t far out', () => {
  test.each([
    [1e-300, 0.98],
    [1e-300, 1],
    [1e-250, 0.9],
    [1e-100, 0.5],
    [1e-100, 0.49],
    [1e-300, 2],
    [1e-300, 3.1],
    [1e-10, 0.05],
    [0.49, 1e-3],
  ])('the quantile of %d with %d degrees of freedom has that tail', (p, degreesOfFreedom) => {
    const t = distributions.studentQuantile(p, degreesOfFreedom)
    expect(t).toBeLessThan(0)
    const logTail = distributions.logStudentTwoSided(t, degreesOfFreedom) - Math.LN2
    expect(Math.abs(logTail - Math.log(p))).toBeLessThan(1e-11)
  })

  test('is that of Cauchy’s distribution with one degree of freedom', () => {
    expect(distributions.studentQuantile(1e-300, 1) / (-1e300 / Math.PI)).toBeCloseTo(1, 12)
  })

  test.each([
    [2.09e-267, 0.679],
    [1e-300, 0.5],
    [5e-324, 1],
  ])('beyond the largest double it is infinite: %d, %d', (p, degreesOfFreedom) => {
    expect(distributions.studentQuantile(p, degreesOfFreedom)).toBe(-Infinity)
  })
})
