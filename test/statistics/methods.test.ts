import { describe, expect, test } from 'vitest'
import { normalDraw, seededRandom } from '../../src/cli/simulation/random.ts'
import { inversePropensityRatio } from '../../src/statistics/bandit/inverse-propensity-ratio.ts'
import { normalEffect } from '../../src/statistics/bayesian/normal-effect.ts'
import { meanDifference, proportionDifference } from '../../src/statistics/comparison.ts'
import { normalCriticalValue, normalQuantile } from '../../src/statistics/distributions.ts'
import { fixedHorizonTest } from '../../src/statistics/fixed-horizon-test.ts'
import { eBenjaminiHochberg } from '../../src/statistics/multiplicity/e-benjamini-hochberg.ts'
import { oneWayAnova } from '../../src/statistics/one-way-anova.ts'
import { relativeLift } from '../../src/statistics/relative-lift.ts'
import { type ArmEstimate, estimateMean, estimateProportion } from '../../src/statistics/sample-summary.ts'
import { isMeanPastBurnIn, isQuantilePastBurnIn, isRatePastBurnIn } from '../../src/statistics/sequential/burn-in.ts'
import { confidenceSequenceOf, mixtureVariance } from '../../src/statistics/sequential/confidence-sequence.ts'
import {
  crossingProbabilities,
  spendingBoundaries,
} from '../../src/statistics/sequential/group-sequential-boundaries.ts'
import { monitorGroupSequential } from '../../src/statistics/sequential/group-sequential-monitor.ts'
import { driftForPower, expectedFraction } from '../../src/statistics/sequential/group-sequential-power.ts'
import { msprt } from '../../src/statistics/sequential/msprt.ts'
import { normalMixture } from '../../src/statistics/sequential/normal-mixture.ts'
import { postStratified } from '../../src/statistics/variance-reduction/post-stratification.ts'
import { winsorizationThreshold, winsorized } from '../../src/statistics/variance-reduction/winsorization.ts'
import { computed } from '../support/computed.ts'
import { summaryOf } from './properties/arbitraries.ts'

const arm = (...sample: number[]) => computed(estimateMean(summaryOf(sample)))
const rate = (units: number, conversions: number) => estimateProportion(units, conversions) as ArmEstimate

describe('one-way analysis of variance', () => {
  // Means 2, 4, 9 and sums of squares about them 2, 2, 2: between 3·(3² + 1² + 4²) = 78, F = (78/2)/(6/6).
  const arms = [arm(1, 2, 3), arm(3, 4, 5), arm(8, 9, 10)]

  test('is the quotient of the spread between and within', () => {
    const test = computed(oneWayAnova(arms))
    expect(test).toMatchObject({ betweenDegrees: 2, withinDegrees: 6 })
    expect(test.statistic).toBeCloseTo(39, 12)
    expect(test.etaSquared).toBeCloseTo(78 / 84, 12)
    // With 2 and 6 degrees of freedom the tail is (1 + F/3)^−3 exactly.
    expect(test.pValue).toBeCloseTo((1 + 39 / 3) ** -3, 12)
  })

  test('is the square of t for two arms of one size and variance', () => {
    const [a, b] = arms
    const { estimate, control, treatment } = meanDifference(a!, b!)
    const t = estimate / Math.sqrt(control.variance + treatment.variance)
    expect(computed(oneWayAnova([a!, b!])).statistic).toBeCloseTo(t * t, 12)
  })

  test.each([
    [[arm(1, 2)], 'FEWER_THAN_TWO_ARMS'],
    [[arm(2, 2), arm(3, 3)], 'ZERO_VARIANCE'],
  ])('says why it cannot tell: %#', (some, code) => {
    expect(oneWayAnova(some)).toMatchObject({ code })
  })
})

describe('winsorization', () => {
  const values = [
    { value: 900, count: 1 },
    { value: 10, count: 60 },
    { value: 50, count: 39 },
  ]

  test('takes the pooled value that a share of units does not exceed', () => {
    expect(winsorizationThreshold(values, 0.6)).toBe(10)
    expect(winsorizationThreshold(values, 0.601)).toBe(50)
    expect(winsorizationThreshold(values, 0.99)).toBe(50)
    expect(winsorizationThreshold(values, 0.995)).toBe(900)
    expect(winsorizationThreshold([], 0.99)).toMatchObject({ code: 'NO_UNITS' })
  })

  test('caps above only', () => {
    expect([winsorized(900, 50), winsorized(3, 50), winsorized(-7, 50)]).toEqual([50, 3, -7])
  })
})

describe('post-stratification', () => {
  test('takes a chance imbalance between strata out of the difference', () => {
    // The treatment adds 1 in each stratum, but got most of its units in the high one.
    const strata = [
      { control: arm(0, 1, 2, 0, 1, 2), treatment: arm(1, 2, 3) },
      { control: arm(10, 11, 12), treatment: arm(11, 12, 13, 11, 12, 13) },
    ]
    const difference = computed(postStratified(strata))
    expect(difference.estimate).toBeCloseTo(1, 12)
    // Each stratum has half the units: the variance is a quarter of the sum of both.
    const within = strata.map(({ control, treatment }) => meanDifference(control, treatment))
    const variance = within.reduce((sum, one) => sum + (one.control.variance + one.treatment.variance) / 4, 0)
    expect(difference.control.variance + difference.treatment.variance).toBeCloseTo(variance, 12)
  })

  // How many units a stratum gets is chance too; it is felt where strata differ in what is asked for.
  test.each([
    ['effects that differ', { control: [10, 20], effect: [0, 10] }],
    ['means that differ, under one effect', { control: [10, 50], effect: [10, 10] }],
  ])('covers the effect on everybody and its lift, with %s', (_name, { control, effect }) => {
    const random = seededRandom(11)
    const truth = (effect[0]! + effect[1]!) / 2
    const lift = truth / ((control[0]! + control[1]!) / 2)
    const covered = { difference: 0, lift: 0 }
    const repetitions = 2_000
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const samples = [0, 1].map(() => ({ control: [] as number[], treatment: [] as number[] }))
      for (let unit = 0; unit < 400; unit++) {
        const place = random() < 0.5 ? 0 : 1
        const isTreated = random() < 0.5
        const value = control[place]! + (isTreated ? effect[place]! : 0) + 5 * normalDraw(random)
        samples[place]![isTreated ? 'treatment' : 'control'].push(value)
      }
      const strata = samples.map((one) => ({ control: arm(...one.control), treatment: arm(...one.treatment) }))
      const difference = computed(postStratified(strata))
      const { interval, criticalValue } = computed(fixedHorizonTest(difference, 0.05))
      if (interval.lower <= truth && truth <= interval.upper) covered.difference++
      const liftInterval = computed(computed(relativeLift(difference, criticalValue, 0.05)).interval)
      if (liftInterval.lower <= lift && lift <= liftInterval.upper) covered.lift++
    }
    // Within three of its own standard errors.
    for (const count of Object.values(covered)) expect(Math.abs(count / repetitions - 0.95)).toBeLessThan(0.015)
  })

  test('needs two units of each arm in each stratum', () => {
    const lone = { ...arm(1, 2), units: 1 }
    expect(postStratified([{ control: arm(1, 2), treatment: lone }])).toMatchObject({ code: 'INSUFFICIENT_UNITS' })
    expect(postStratified([])).toMatchObject({ code: 'NO_UNITS' })
  })
})

describe('inverse propensity', () => {
  test('is the plain mean at one propensity, with the variance of the sample', () => {
    const sample = [1, 4, 4, 7]
    const total = (of: (y: number) => number) => sample.reduce((sum, y) => sum + of(y), 0)
    const estimate = computed(
      inversePropensityRatio({
        units: 4,
        weightedNumerator: total((y) => 2 * y),
        weightedDenominator: total(() => 2),
        squaredNumerator: total((y) => 4 * y * y),
        squaredDenominator: total(() => 4),
        crossProduct: total((y) => 4 * y),
      }),
    )
    expect(estimate.mean).toBeCloseTo(4, 12)
    // Σ(y − 4)²/n², the variance of the mean of four.
    expect(estimate.unitVariance / estimate.units).toBeCloseTo(18 / 16, 12)
  })

  test('weighs up those who were unlikely to be given the arm', () => {
    // Half the eligible have 0 and a propensity of 0.8, half have 10 and 0.2: the mean is 5, not the 2 of those given it.
    const given = [...Array.from({ length: 80 }, () => [0.8, 0]), ...Array.from({ length: 20 }, () => [0.2, 10])]
    const total = (of: (p: number, y: number) => number) => given.reduce((sum, [p, y]) => sum + of(p!, y!), 0)
    const { mean } = computed(
      inversePropensityRatio({
        units: 100,
        weightedNumerator: total((p, y) => y / p),
        weightedDenominator: total((p) => 1 / p),
        squaredNumerator: total((p, y) => (y * y) / p / p),
        squaredDenominator: total((p) => 1 / p / p),
        crossProduct: total((p, y) => y / p / p),
      }),
    )
    expect(mean).toBeCloseTo(5, 12)
  })
})

describe('e-Benjamini–Hochberg', () => {
  test('rejects the k largest whose k-th is at least m/(alpha·k)', () => {
    // m = 4, alpha = 0.1: thresholds 40, 20, 13.3, 10.
    const e = [15, 2, 100, 21].map(Math.log)
    expect(eBenjaminiHochberg(e, 0.1)).toEqual([true, false, true, true])
    expect(eBenjaminiHochberg([12, 2, 39, 19].map(Math.log), 0.1)).toEqual([false, false, false, false])
  })

  test('does not count what could not be computed, and survives e-values beyond doubles', () => {
    expect(eBenjaminiHochberg([null, 5000, null, Math.log(12)], 0.2)).toEqual([false, true, false, true])
  })
})

describe('the sequential family', () => {
  test('mSPRT is the confidence sequence with nρ² = τ²/V', () => {
    const [units, estimate, standardError, alpha, tuning] = [5000, 0.03, 0.01, 0.05, 8000]
    const tau = units * mixtureVariance(alpha, tuning) * standardError ** 2
    const [one, other] = [
      computed(msprt({ estimate, standardError }, tau, alpha)),
      computed(confidenceSequenceOf({ units, estimate, standardError }, alpha, tuning)),
    ]
    expect(one.logLikelihoodRatio).toBeCloseTo(other.logEValue, 12)
    expect(one.interval.lower).toBeCloseTo(other.interval.lower, 12)
  })

  test('the one-sided mixture reaches 1/alpha at its bound, and bounds lower than the two-sided one', () => {
    const { bound } = normalMixture(0, 400, 500, 0.05, 0.05, true)
    expect(normalMixture(bound, 400, 500, 0.05, 0.05, true).logMixture).toBeCloseTo(-Math.log(0.05), 9)
    expect(bound).toBeLessThan(normalMixture(0, 400, 500, 0.05).bound)
  })

  const fractions = [0.2, 0.5, 0.7, 1]
  const spending = { family: 'OBRIEN_FLEMING' } as const

  test('spending boundaries spend what they should, whatever the looks', () => {
    const boundaries = spendingBoundaries(spending, fractions, 0.05)
    crossingProbabilities(boundaries).forEach(({ either }, look) => {
      expect(either).toBeCloseTo(boundaries.cumulativeAlpha[look]!, 10)
    })
    expect(boundaries.cumulativeAlpha.at(-1)).toBe(0.05)
  })

  test('a boundary does not depend on the looks after it', () => {
    const all = spendingBoundaries(spending, fractions, 0.05).criticalValues
    const first = spendingBoundaries(spending, [0.2, 0.5], 0.05).criticalValues
    first.forEach((criticalValue, look) => {
      expect(criticalValue).toBeCloseTo(all[look]!, 9)
    })
  })

  test('one look at the whole sample is the fixed-horizon test', () => {
    const boundaries = spendingBoundaries({ family: 'POCOCK' }, [1], 0.05)
    expect(boundaries.criticalValues[0]).toBeCloseTo(normalCriticalValue(0.05), 10)
    // Without the chance of the wrong side, which is 1e-6 here.
    expect(driftForPower(boundaries, 0.8)).toBeCloseTo(normalCriticalValue(0.05) + normalQuantile(0.8), 10)
    expect(expectedFraction(boundaries, 3)).toBe(1)
  })

  test('an effect ends the test earlier', () => {
    const boundaries = spendingBoundaries(spending, fractions, 0.05)
    expect(expectedFraction(boundaries, 0)).toBeGreaterThan(0.95)
    expect(expectedFraction(boundaries, 5)).toBeLessThan(0.6)
  })

  describe('monitoring', () => {
    const look = (units: number, statistic: number) => ({ units, estimate: statistic / 100, standardError: 0.01 })
    const monitor = (...looks: ReturnType<typeof look>[]) => monitorGroupSequential(looks, 10_000, spending, 0.05)

    test('beyond the maximum sample information is 1 and the boundary stands', () => {
      const results = monitor(look(5000, 1), look(12_000, 1.5), look(15_000, 2.2))
      expect(results.map(({ informationFraction }) => informationFraction)).toEqual([0.5, 1, 1])
      expect(results[2]!.criticalValue).toBe(results[1]!.criticalValue)
      expect(results.map(({ isRejected }) => isRejected)).toEqual([false, false, true])
    })

    test('a look with fewer units than before keeps the largest fraction', () => {
      const results = monitor(look(6000, 1), look(5900, 1), look(10_000, 1))
      expect(results.map(({ informationFraction }) => informationFraction)).toEqual([0.6, 0.6, 1])
    })

    test('the repeated interval excludes 0 exactly when the look rejects', () => {
      for (const { interval, isRejected } of monitor(look(3000, 3.9), look(6000, -2.7), look(9000, 2.0))) {
        expect(interval.lower > 0 || interval.upper < 0).toBe(isRejected)
      }
    })

    test('asking again gives the same answer', () => {
      const looks = [look(2000, 1), look(8000, 2.5)]
      expect(monitor(...looks)).toEqual(monitor(...looks))
    })
  })

  test('the burn-in asks for conversions on both sides, units, and values on both sides of a quantile', () => {
    expect(isRatePastBurnIn({ units: 50, conversions: 25 })).toBe(true)
    expect(isRatePastBurnIn({ units: 49, conversions: 25 })).toBe(false)
    expect(isRatePastBurnIn({ units: 5000, conversions: 24 })).toBe(false)
    expect([isMeanPastBurnIn(99), isMeanPastBurnIn(100)]).toEqual([false, true])
    expect([isQuantilePastBurnIn(249, 0.9), isQuantilePastBurnIn(250, 0.9)]).toEqual([false, true])
  })
})

describe('normal beliefs', () => {
  test('losses far out on the wrong side stay positive and right', () => {
    // φ(z)/z² (1 − 3/z² + 15/z⁴ − …) for a chance of 1e-89.
    const z = 20
    const { expectedLossTreatment, chanceToWin } = normalEffect({ estimate: z, standardError: 1 }, null, 0.05)
    const tail = Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI) / (z * z)
    expect(expectedLossTreatment / tail).toBeCloseTo(1 - 3 / z ** 2 + 15 / z ** 4 - 105 / z ** 6, 5)
    expect(chanceToWin).toBe(1)
  })

  test('a prior as precise as the data meets them halfway', () => {
    const effect = normalEffect({ estimate: 4, standardError: 2 }, { mean: 0, variance: 4 }, 0.05)
    expect(effect.expected).toBeCloseTo(2, 12)
    expect(effect.standardDeviation).toBeCloseTo(Math.SQRT2, 12)
  })

  test('losses differ by the expected effect', () => {
    const { expected, expectedLossControl, expectedLossTreatment } = normalEffect(
      { estimate: -0.3, standardError: 0.2 },
      { mean: 0.1, variance: 0.02 },
      0.05,
    )
    expect(expectedLossControl - expectedLossTreatment).toBeCloseTo(expected, 14)
  })
})

test('a pooled difference of rates is no wider under the null than the arms are unlike', () => {
  const { nullVariance, control, treatment } = proportionDifference(rate(100, 10), rate(100, 10))
  expect(nullVariance.control).toBeCloseTo(control.variance, 15)
  expect(nullVariance.treatment).toBeCloseTo(treatment.variance, 15)
})
