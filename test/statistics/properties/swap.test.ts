import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareBetaBeliefs } from '../../../src/statistics/bayesian/beta-binomial.ts'
import { betaDifferenceQuantile } from '../../../src/statistics/bayesian/beta-effect-quantile.ts'
import { cohensD } from '../../../src/statistics/cohens-d.ts'
import {
  type Difference,
  meanDifference,
  proportionDifference,
  standardErrorOf,
  unpooledProportionDifference,
} from '../../../src/statistics/comparison.ts'
import { sampleRatioTest } from '../../../src/statistics/diagnostics/sample-ratio-test.ts'
import { fixedHorizonTest } from '../../../src/statistics/fixed-horizon-test.ts'
import { independenceTest } from '../../../src/statistics/independence-test.ts'
import { isComputable, type NotComputable } from '../../../src/statistics/not-computable.ts'
import { oneWayAnova } from '../../../src/statistics/one-way-anova.ts'
import { agrestiCaffoInterval } from '../../../src/statistics/proportions/agresti-caffo-interval.ts'
import { cohensH } from '../../../src/statistics/proportions/cohens-h.ts'
import { fisherExactTest } from '../../../src/statistics/proportions/fisher-exact-test.ts'
import { newcombeInterval } from '../../../src/statistics/proportions/newcombe-interval.ts'
import { estimateRatio } from '../../../src/statistics/ratio-summary.ts'
import { type ArmEstimate, estimateMean, estimateProportion } from '../../../src/statistics/sample-summary.ts'
import { confidenceSequence } from '../../../src/statistics/sequential/confidence-sequence.ts'
import { msprt } from '../../../src/statistics/sequential/msprt.ts'
import { cuped } from '../../../src/statistics/variance-reduction/cuped.ts'
import { cupedRatio } from '../../../src/statistics/variance-reduction/cuped-ratio.ts'
import {
  alpha,
  cupedOf,
  cupedRatioOf,
  isClose,
  mixedProportion,
  pairs,
  proportion,
  ratioOf,
  summaryOf,
  value,
  values,
} from './arbitraries.ts'

type Compare = (a: ArmEstimate, b: ArmEstimate) => Difference

// Swapping the variants flips the sign of the difference and keeps the p-value. Not a theorem of lifts, of informative priors
// that treat the arms differently, or of quantiles.

const rate = mixedProportion.map(({ units, conversions }) => estimateProportion(units, conversions))
const mean = values.map((sample) => estimateMean(summaryOf(sample)))
const ratio = pairs.map((sample) => estimateRatio(ratioOf(sample)))

const COMPARISONS: [string, fc.Arbitrary<ArmEstimate | NotComputable>, Compare][] = [
  ['pooled proportions', rate, proportionDifference],
  ['unpooled proportions', rate, unpooledProportionDifference],
  ['means', mean, meanDifference],
  ['ratios', ratio, meanDifference],
]

describe.each(COMPARISONS)('swapping the variants: %s', (_, arm, compare) => {
  test('of the fixed-horizon test', () => {
    fc.assert(
      fc.property(arm, arm, alpha, (a, b, level) => {
        fc.pre(isComputable(a) && isComputable(b))
        const [one, other] = [fixedHorizonTest(compare(a, b), level), fixedHorizonTest(compare(b, a), level)]
        fc.pre(isComputable(one) && isComputable(other))
        expect(isClose(one.statistic, -other.statistic)).toBe(true)
        expect(isClose(one.pValue, other.pValue)).toBe(true)
        expect(isClose(one.pValueGreater, other.pValueLess)).toBe(true)
        expect(isClose(one.interval.lower, -other.interval.upper, 1e-9, 1e-9 * Math.abs(one.interval.upper))).toBe(true)
      }),
    )
  })

  test('of the confidence sequence', () => {
    fc.assert(
      fc.property(arm, arm, alpha, (a, b, level) => {
        fc.pre(isComputable(a) && isComputable(b))
        const [one, other] = [confidenceSequence(compare(a, b), level), confidenceSequence(compare(b, a), level)]
        fc.pre(isComputable(one) && isComputable(other))
        expect(isClose(one.logEValue, other.logEValue)).toBe(true)
        expect(isClose(one.interval.lower, -other.interval.upper, 1e-9, 1e-9 * Math.abs(one.interval.upper))).toBe(true)
      }),
    )
  })
})

describe('swapping the variants', () => {
  test.each([
    ['Newcombe', newcombeInterval],
    ['Agresti–Caffo', agrestiCaffoInterval],
  ])('mirrors the interval of %s', (_, interval) => {
    fc.assert(
      fc.property(rate, rate, alpha, (a, b, level) => {
        fc.pre(isComputable(a) && isComputable(b))
        const [one, other] = [interval(a, b, level), interval(b, a, level)]
        expect(isClose(one.lower, -other.upper, 1e-9, 1e-13)).toBe(true)
        expect(isClose(one.upper, -other.lower, 1e-9, 1e-13)).toBe(true)
      }),
    )
  })

  test("keeps Fisher's p-value", () => {
    const small = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(60)).map(([units, some]) => ({
      units,
      conversions: Math.min(units, some),
    }))
    fc.assert(
      fc.property(small, small, (a, b) => {
        const [one, other] = [fisherExactTest(a, b), fisherExactTest(b, a)]
        expect(isComputable(one) && isComputable(other) && isClose(one.pValue, other.pValue)).toBe(true)
      }),
    )
  })

  test('flips effect sizes', () => {
    fc.assert(
      fc.property(rate, rate, mean, mean, (a, b, x, y) => {
        if (isComputable(a) && isComputable(b)) expect(isClose(cohensH(a, b), -cohensH(b, a))).toBe(true)
        if (!isComputable(x) || !isComputable(y)) return
        const [one, other] = [cohensD(x, y), cohensD(y, x)]
        expect(isComputable(one)).toBe(isComputable(other))
        if (isComputable(one) && isComputable(other)) expect(isClose(one, -other)).toBe(true)
      }),
    )
  })

  test('keeps what CUPED adjusts by and flips its difference', () => {
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        const [one, other] = [cuped(cupedOf(a), cupedOf(b)), cuped(cupedOf(b), cupedOf(a))]
        fc.pre(isComputable(one) && isComputable(other))
        expect(isClose(one.theta, other.theta)).toBe(true)
        const scale = Math.abs(one.control.mean) + Math.abs(one.treatment.mean)
        expect(isClose(one.difference.estimate, -other.difference.estimate, 1e-9, 1e-9 * scale)).toBe(true)
      }),
    )
  })

  test('exchanges chances and losses of beliefs with the same prior', () => {
    fc.assert(
      fc.property(proportion, proportion, (a, b) => {
        const [x, y] = [a, b].map(({ units, conversions }) => ({
          alpha: 1 + conversions,
          beta: 1 + units - conversions,
        }))
        const [one, other] = [compareBetaBeliefs(x!, y!), compareBetaBeliefs(y!, x!)]
        expect(isClose(one.chanceToBeatControl, other.chanceControlBetter, 1e-9, 1e-14)).toBe(true)
        expect(isClose(one.expectedLossTreatment, other.expectedLossControl, 1e-6, 1e-15)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  test('mirrors the quantiles of the difference of beliefs', () => {
    const belief = fc.record({ alpha: fc.integer({ min: 1, max: 200 }), beta: fc.integer({ min: 1, max: 5000 }) })
    fc.assert(
      fc.property(belief, belief, fc.constantFrom(0.025, 0.1, 0.5), (a, b, p) => {
        const [one, other] = [betaDifferenceQuantile(a, b, p), betaDifferenceQuantile(b, a, 1 - p)]
        expect(isClose(one, -other, 1e-8, 1e-11)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  test('keeps what CUPED of ratios adjusts by and flips its difference', () => {
    const rows = fc.array(fc.tuple(value, value, value, value), { maxLength: 30 })
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const [one, other] = [
          cupedRatio(cupedRatioOf(a), cupedRatioOf(b)),
          cupedRatio(cupedRatioOf(b), cupedRatioOf(a)),
        ]
        fc.pre(isComputable(one) && isComputable(other))
        expect(isClose(one.theta, other.theta)).toBe(true)
        const scale = Math.abs(one.difference.control.mean) + Math.abs(one.difference.treatment.mean)
        expect(isClose(one.difference.estimate, -other.difference.estimate, 1e-9, 1e-9 * scale)).toBe(true)
      }),
    )
  })

  test('keeps the evidence of the mixture test and mirrors its interval', () => {
    const tau = fc.constantFrom(1e-4, 1, 100)
    fc.assert(
      fc.property(mean, mean, tau, alpha, (a, b, variance, level) => {
        fc.pre(isComputable(a) && isComputable(b))
        const at = (x: ArmEstimate, y: ArmEstimate) => {
          const difference = meanDifference(x, y)
          return msprt({ estimate: difference.estimate, standardError: standardErrorOf(difference) }, variance, level)
        }
        const [one, other] = [at(a, b), at(b, a)]
        fc.pre(isComputable(one) && isComputable(other))
        expect(isClose(one.logLikelihoodRatio, other.logLikelihoodRatio)).toBe(true)
        expect(isClose(one.interval.lower, -other.interval.upper)).toBe(true)
      }),
    )
  })

  test('of any number, however ordered, keeps the test of all of them', () => {
    const arms = fc.array(mixedProportion, { minLength: 2, maxLength: 6 })
    const samples = fc.array(mean.filter(isComputable), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(
        arms,
        samples,
        fc.array(fc.constantFrom(1, 2, 7), { minLength: 6, maxLength: 6 }),
        (rates, means, weights) => {
          const pair = <T>(of: (list: readonly T[]) => { statistic: number } | NotComputable, list: readonly T[]) =>
            [of(list), of(list.toReversed())] as const
          const observed = rates.map(({ units }, index) => ({ units, weight: weights[index]! }))
          for (const [one, other] of [
            pair(independenceTest, rates),
            pair(sampleRatioTest, observed),
            pair(oneWayAnova, means),
          ]) {
            expect(isComputable(one)).toBe(isComputable(other))
            if (isComputable(one) && isComputable(other))
              expect(isClose(one.statistic, other.statistic, 1e-8)).toBe(true)
          }
        },
      ),
    )
  })
})
