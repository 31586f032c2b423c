import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { probabilityOfBeingBest } from '../../src/statistics/bandit/probability-of-being-best.ts'
import { normalEffect, priorOnScale } from '../../src/statistics/bayesian/normal-effect.ts'
import { type Difference, meanDifference, proportionDifference } from '../../src/statistics/comparison.ts'
import { sampleRatioTest } from '../../src/statistics/diagnostics/sample-ratio-test.ts'
import {
  betaCdf,
  fCriticalValue,
  logFUpper,
  studentCdf,
  studentCriticalValue,
} from '../../src/statistics/distributions.ts'
import { fixedHorizonTest } from '../../src/statistics/fixed-horizon-test.ts'
import { nonInferiorityTest } from '../../src/statistics/guardrails/non-inferiority.ts'
import { simultaneousInterval } from '../../src/statistics/multiplicity/simultaneous-interval.ts'
import { isComputable, NotComputable } from '../../src/statistics/not-computable.ts'
import { newcombeInterval } from '../../src/statistics/proportions/newcombe-interval.ts'
import { estimateRatio } from '../../src/statistics/ratio-summary.ts'
import { deltaLift, relativeLift } from '../../src/statistics/relative-lift.ts'
import { type ArmEstimate, estimateMean, estimateProportion } from '../../src/statistics/sample-summary.ts'
import { confidenceSequence } from '../../src/statistics/sequential/confidence-sequence.ts'
import { cuped } from '../../src/statistics/variance-reduction/cuped.ts'
import { computed } from '../support/computed.ts'
import { alpha, cupedOf, mixedProportion, pairs, ratioOf, someValues, summaryOf } from './properties/arbitraries.ts'

// Each test would have caught a defect that a well-known package has, or had.

const rate = (units: number, conversions: number) => estimateProportion(units, conversions) as ArmEstimate
const arm = (...sample: number[]) => estimateMean(summaryOf(sample)) as ArmEstimate
describe('p-values', () => {
  test('do not bottom out at 1e-16, nor their logarithm anywhere', () => {
    const far = computed(fixedHorizonTest(proportionDifference(rate(1e5, 10_000), rate(1e5, 13_000)), 0.05))
    expect(far.pValue).toBeGreaterThan(0)
    expect(far.pValue).toBeLessThan(1e-90)
    const beyond = computed(fixedHorizonTest(proportionDifference(rate(1e9, 5e7), rate(1e9, 6e7)), 0.05))
    expect(beyond.pValue).toBe(0)
    expect(beyond.log10PValue).toBeLessThan(-100_000)
    expect(Number.isFinite(beyond.log10PValue)).toBe(true)
  })

  test('of a t-test with a million units per arm are at most 1', () => {
    expect(studentCdf(0, 2e6)).toBeCloseTo(0.5, 12)
    expect(2 * studentCdf(-0.1, 2e6)).toBeCloseTo(0.920344, 5)
  })

  test('exist for rare events with large effects', () => {
    const test = computed(fixedHorizonTest(proportionDifference(rate(100_000, 0), rate(100_000, 9)), 0.05))
    expect(test.pValue).toBeLessThan(0.01)
  })

  test('overwhelming evidence stays finite as a logarithm', () => {
    const look = computed(confidenceSequence(proportionDifference(rate(1e8, 1e6), rate(1e8, 2e6)), 0.05))
    expect(Number.isFinite(look.logEValue)).toBe(true)
    expect(look.logEValue).toBeGreaterThan(1000)
    expect(look.pValue).toBe(0)
  })
})

describe('the relative and the absolute view', () => {
  const excludesZero = ({ lower, upper }: { lower: number; upper: number }) => lower > 0 || upper < 0

  function agree(difference: Difference, level: number) {
    const test = fixedHorizonTest(difference, level)
    const always = confidenceSequence(difference, level)
    fc.pre(isComputable(test) && isComputable(always))
    // Ties of p and alpha are decided by rounding.
    fc.pre(Math.abs(test.pValue - level) > 1e-9 * level)
    for (const [criticalValue, isSignificant] of [
      [test.criticalValue, test.pValue < level],
      [always.criticalValue, excludesZero(always.interval)],
    ] as const) {
      const lift = relativeLift(difference, criticalValue, level)
      if (isComputable(lift) && isComputable(lift.interval)) {
        expect(excludesZero(lift.interval)).toBe(isSignificant)
      }
    }
  }

  test('never disagree for proportions', () => {
    fc.assert(
      fc.property(mixedProportion, mixedProportion, alpha, (a, b, level) =>
        agree(proportionDifference(rate(a.units, a.conversions), rate(b.units, b.conversions)), level),
      ),
    )
  })

  test('never disagree for means', () => {
    fc.assert(
      fc.property(someValues, someValues, alpha, (a, b, level) => {
        const [c, t] = [estimateMean(summaryOf(a)), estimateMean(summaryOf(b))]
        fc.pre(isComputable(c) && isComputable(t))
        agree(meanDifference(c, t), level)
      }),
    )
  })

  test('never disagree under CUPED, whose base moves with the difference', () => {
    fc.assert(
      fc.property(pairs, pairs, alpha, (a, b, level) => {
        const adjusted = cuped(cupedOf(a), cupedOf(b))
        fc.pre(isComputable(adjusted))
        agree(adjusted.difference, level)
      }),
    )
  })

  test('nor for 40 against 60 of 400, whose delta-method lift says the opposite', () => {
    const difference = proportionDifference(rate(400, 40), rate(400, 60))
    const test = computed(fixedHorizonTest(difference, 0.05))
    expect(test.pValue).toBeCloseTo(0.0326, 3)
    const lift = computed(relativeLift(difference, test.criticalValue, 0.05))
    expect(computed(lift.interval).lower).toBeGreaterThan(0)
    const delta = computed(deltaLift(difference))
    expect(delta.estimate / delta.standardError).toBeLessThan(1.96)
  })
})

describe('what does not exist is not made up', () => {
  test('a difference exists when the control is 0, a lift does not', () => {
    const difference = meanDifference(arm(-1, 1, 0, 0), arm(1, 2, 1, 0))
    expect(computed(fixedHorizonTest(difference, 0.05)).pValue).toBeGreaterThan(0)
    expect(relativeLift(difference, 1.96, 0.05)).toMatchObject({ code: 'CONTROL_MEAN_ZERO' })
  })

  test('one arm may be constant', () => {
    const test = computed(fixedHorizonTest(meanDifference(arm(2, 2, 2), arm(1, 3, 4, 5)), 0.05))
    expect(test.degreesOfFreedom).toBeCloseTo(3, 12)
    expect(computed(fixedHorizonTest(proportionDifference(rate(50, 0), rate(50, 5)), 0.05)).pValue).toBeLessThan(0.05)
  })

  test('no variance at all is a reason, not p = 1', () => {
    expect(fixedHorizonTest(meanDifference(arm(2, 2), arm(2, 2)), 0.05)).toMatchObject({ code: 'ZERO_VARIANCE' })
    expect(confidenceSequence(meanDifference(arm(2, 2), arm(3, 3)), 0.05)).toMatchObject({ code: 'ZERO_VARIANCE' })
  })

  test.each([0, 1])('%i units are a reason, not a division by zero', (units) => {
    const sample = { count: units, sum: 3 * units, sumOfSquares: 9 * units }
    expect(estimateMean(sample)).toBeInstanceOf(NotComputable)
    const covariate = { ...sample, preSum: units, preSumOfSquares: units, crossProduct: 3 * units }
    expect(cuped(covariate, covariate)).toBeInstanceOf(NotComputable)
  })

  test('a covariate that does not vary adjusts nothing', () => {
    const sample = [1, 2, 5, 7].map((y) => [y, 3] as const)
    const plain = meanDifference(arm(1, 2, 5, 7), arm(1, 2, 5, 7))
    const adjusted = computed(cuped(cupedOf(sample), cupedOf(sample)))
    expect(adjusted).toMatchObject({ theta: 0, isApplied: false, varianceReduction: 0 })
    expect(adjusted.difference.control).toEqual(plain.control)
  })

  test('rates of 0 and 1 have intervals', () => {
    const { lower, upper } = newcombeInterval(rate(10, 0), rate(10, 10), 0.05)
    expect(lower).toBeGreaterThan(0.5)
    expect(upper).toBeCloseTo(1, 12)
  })
})

describe('sample ratio', () => {
  const arms = (...pairs: [number, number][]) => pairs.map(([units, weight]) => ({ units, weight }))

  test('an arm without weight is no degree of freedom', () => {
    const test = computed(sampleRatioTest(arms([5100, 0.5], [4900, 0.5], [0, 0])))
    expect(test.degreesOfFreedom).toBe(1)
    expect(test.pValue).toBeCloseTo(0.0455, 4)
  })

  test('no data is a reason, not p = 1', () => {
    expect(sampleRatioTest(arms([0, 1], [0, 1]))).toMatchObject({ code: 'NO_UNITS' })
  })

  test('weights need not be equal', () => {
    expect(computed(sampleRatioTest(arms([9000, 9000], [1000, 1000]))).pValue).toBe(1)
  })

  test('a strong mismatch has a p-value above 0', () => {
    const { pValue } = computed(sampleRatioTest(arms([52_000, 1], [48_000, 1])))
    expect(pValue).toBeGreaterThan(0)
    expect(pValue).toBeLessThan(1e-30)
  })
})

describe('CUPED', () => {
  const history = (lift: number, offset: number) =>
    Array.from({ length: 400 }, (_, index) => {
      const pre = 1000 + offset + (index % 20)
      return [(10 + (index % 20) + ((index * 7) % 5)) * lift, pre] as const
    })

  test('does not move the base of the lift, however far the covariate is from the metric', () => {
    const adjusted = computed(cuped(cupedOf(history(1, 0)), cupedOf(history(1.1, 0))))
    const lift = computed(relativeLift(adjusted.difference, 1.96, 0.05))
    expect(lift.estimate).toBeCloseTo(0.1, 6)
  })

  test('takes an imbalance before exposure out of the difference', () => {
    const control = history(1, 0)
    const shifted = control.map(([y, x]) => [y + 2, x + 2] as const)
    const adjusted = computed(cuped(cupedOf(control), cupedOf(shifted)))
    expect(Math.abs(adjusted.difference.estimate)).toBeLessThan(0.5)
  })
})

describe('ratios', () => {
  test('need the covariance of numerator and denominator', () => {
    // Clicks follow impressions closely: without the covariance the variance would be many times too large.
    const sample = Array.from({ length: 100 }, (_, index) => [index + (index % 3), 2 * index + 1] as const)
    const { unitVariance, mean } = computed(estimateRatio(ratioOf(sample)))
    const meanDenominator = sample.reduce((sum, [, d]) => sum + d, 0) / 100
    const residuals = sample.map(([n, d]) => (n - mean * d) / meanDenominator)
    const expected = residuals.reduce((sum, r) => sum + r * r, 0) / 99
    expect(unitVariance).toBeCloseTo(expected, 12)
  })

  test('count units, not sessions, as independent', () => {
    // Ten units with ten equal sessions each say no more than ten units with one.
    const units = Array.from({ length: 10 }, (_, index) => index % 4)
    const [one, ten] = [1, 10].map((k) => computed(estimateRatio(ratioOf(units.map((n) => [n * k, k] as const)))))
    expect(ten!.unitVariance).toBeCloseTo(one!.unitVariance, 12)
  })
})

describe('others', () => {
  test('a tail of F with a million degrees of freedom agrees with the chi-square it tends to', () => {
    // P(χ²₁ > 3.841458820694124) = 0.05.
    expect(Math.exp(logFUpper(3.841458820694124, 1, 1e6))).toBeCloseTo(0.05, 6)
  })

  test('a quantile of F with a million degrees of freedom is the square of that of t', () => {
    const t = studentCriticalValue(0.05, 1e6)
    expect(fCriticalValue(0.05, 1, 1e6) / (t * t)).toBeCloseTo(1, 9)
  })

  test('the incomplete beta function holds at parameters of a billion', () => {
    expect(betaCdf(0.5, 1e9, 1e9)).toBeCloseTo(0.5, 12)
    // Continued fraction in 50 digits.
    expect(betaCdf(0.05001, 5e7, 9.5e8) / 0.926596758665033).toBeCloseTo(1, 10)
  })

  test('an absolute prior counts for a relative effect, and the other way round', () => {
    const lift = { estimate: 0.1, standardError: 0.05 }
    const difference = { estimate: 2, standardError: 1 }
    const relative = normalEffect(lift, { mean: 0.02, variance: 0.01 }, 0.05)
    const absolute = normalEffect(lift, priorOnScale({ mean: 0.4, variance: 4 }, 'ABSOLUTE', 'RELATIVE', 20), 0.05)
    expect(absolute.expected).toBeCloseTo(relative.expected, 12)
    const back = normalEffect(
      difference,
      priorOnScale({ mean: 0.02, variance: 0.01 }, 'RELATIVE', 'ABSOLUTE', -20),
      0.05,
    )
    expect(back.chanceToWin).toBeCloseTo(relative.chanceToWin, 12)
  })

  test.each([2, 3, 5])('the lowest of %i arms is best where less is better', (count) => {
    const arms = Array.from({ length: count }, (_, index) => ({ mean: index, standardDeviation: 0.5 }))
    const best = probabilityOfBeingBest(arms, true)
    expect(best).toEqual([...best].sort((a, b) => b - a))
    expect(best[0]).toBeGreaterThan(0.9)
    const mirrored = probabilityOfBeingBest(arms.map((one) => ({ ...one, mean: -one.mean })))
    mirrored.forEach((p, index) => {
      expect(p).toBeCloseTo(best[index]!, 13)
    })
  })

  test('an adjusted interval is finite where the adjusted p is 1', () => {
    const estimate = { estimate: 0, standardError: 1, degreesOfFreedom: Number.POSITIVE_INFINITY }
    const { interval } = simultaneousInterval(estimate, 10, 0.05)
    expect(interval.upper - interval.lower).toBeCloseTo(2 * 2.807, 3)
  })

  test('a relative margin carries the error of the control', () => {
    // Taken as fixed, the margin's own error is missing: the lift's test is the more careful one.
    const [control, treatment] = [rate(400, 40), rate(4000, 380)]
    const difference = meanDifference(control, treatment)
    const margin = 0.3
    const fixed = nonInferiorityTest(
      {
        estimate: difference.estimate,
        standardError: Math.sqrt(difference.control.variance + difference.treatment.variance),
        degreesOfFreedom: Number.POSITIVE_INFINITY,
      },
      margin * control.mean,
      'DECREASE',
      0.05,
    )
    const lift = nonInferiorityTest(computed(deltaLift(difference)), margin, 'DECREASE', 0.05)
    expect(lift.statistic).not.toBeCloseTo(fixed.statistic, 2)
  })

  test('two looks at equal variants do not reject more often than alpha says', () => {
    // The sequence is about the difference of the arms, not about their common level.
    const look = computed(confidenceSequence(proportionDifference(rate(10_000, 5000), rate(10_000, 5000)), 0.05))
    expect(look.interval.lower).toBeLessThan(0)
    expect(look.interval.upper).toBeGreaterThan(0)
    expect(look.pValue).toBe(1)
  })
})
