import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inversePropensityRatio } from '../../../src/statistics/bandit/inverse-propensity-ratio.ts'
import {
  allocationWithFloor,
  betaProbabilityOfBeingBest,
  probabilityOfBeingBest,
} from '../../../src/statistics/bandit/probability-of-being-best.ts'
import {
  betaCredibleInterval,
  compareBetaBeliefs,
  expectedBetaLift,
} from '../../../src/statistics/bayesian/beta-binomial.ts'
import { betaDifferenceQuantile, betaLiftQuantile } from '../../../src/statistics/bayesian/beta-effect-quantile.ts'
import { normalEffect } from '../../../src/statistics/bayesian/normal-effect.ts'
import {
  type Difference,
  meanDifference,
  proportionDifference,
  unpooledProportionDifference,
} from '../../../src/statistics/comparison.ts'
import { exactBinomialTest } from '../../../src/statistics/diagnostics/exact-binomial-test.ts'
import { sampleRatioTest } from '../../../src/statistics/diagnostics/sample-ratio-test.ts'
import { sequentialSampleRatio } from '../../../src/statistics/diagnostics/sequential-sample-ratio.ts'
import { estimateTest } from '../../../src/statistics/estimate-test.ts'
import { criticalValueOf, fixedHorizonTest } from '../../../src/statistics/fixed-horizon-test.ts'
import { equivalenceTest } from '../../../src/statistics/guardrails/equivalence-test.ts'
import { nonInferiorityTest } from '../../../src/statistics/guardrails/non-inferiority.ts'
import { scoreNonInferiority } from '../../../src/statistics/guardrails/score-non-inferiority.ts'
import { independenceTest } from '../../../src/statistics/independence-test.ts'
import { meanInterval } from '../../../src/statistics/mean-interval.ts'
import { eBenjaminiHochberg } from '../../../src/statistics/multiplicity/e-benjamini-hochberg.ts'
import { adjustPValues } from '../../../src/statistics/multiplicity/multiple-testing.ts'
import { simultaneousInterval } from '../../../src/statistics/multiplicity/simultaneous-interval.ts'
import { isComputable, NotComputable, whenComputable } from '../../../src/statistics/not-computable.ts'
import { oneWayAnova } from '../../../src/statistics/one-way-anova.ts'
import { agrestiCaffoInterval } from '../../../src/statistics/proportions/agresti-caffo-interval.ts'
import { agrestiCoullInterval } from '../../../src/statistics/proportions/agresti-coull-interval.ts'
import { clopperPearsonInterval } from '../../../src/statistics/proportions/clopper-pearson-interval.ts'
import { fisherExactTest } from '../../../src/statistics/proportions/fisher-exact-test.ts'
import { jeffreysInterval } from '../../../src/statistics/proportions/jeffreys-interval.ts'
import { katzLiftInterval } from '../../../src/statistics/proportions/katz-lift-interval.ts'
import { newcombeInterval } from '../../../src/statistics/proportions/newcombe-interval.ts'
import { waldInterval } from '../../../src/statistics/proportions/wald-interval.ts'
import { wilsonContinuityInterval } from '../../../src/statistics/proportions/wilson-continuity-interval.ts'
import { wilsonInterval } from '../../../src/statistics/proportions/wilson-interval.ts'
import { quantileRanks } from '../../../src/statistics/quantile/quantile-ranks.ts'
import { estimateRatio } from '../../../src/statistics/ratio-summary.ts'
import { deltaLift, relativeLift } from '../../../src/statistics/relative-lift.ts'
import { type ArmEstimate, estimateMean, estimateProportion } from '../../../src/statistics/sample-summary.ts'
import { anytimeValidT } from '../../../src/statistics/sequential/anytime-valid-t.ts'
import { confidenceSequence, confidenceSequenceAbove } from '../../../src/statistics/sequential/confidence-sequence.ts'
import { msprt } from '../../../src/statistics/sequential/msprt.ts'
import { normalMixture } from '../../../src/statistics/sequential/normal-mixture.ts'
import { cuped, cupedLift } from '../../../src/statistics/variance-reduction/cuped.ts'
import { postStratified } from '../../../src/statistics/variance-reduction/post-stratification.ts'
import {
  alpha,
  cupedOf,
  finite,
  level,
  pairs,
  positive,
  proportion,
  pValue,
  ratioOf,
  summaryOf,
  values,
} from './arbitraries.ts'
import { unsoundIn } from './unsound.ts'

/** Runs a method over its declared domain; nothing may be thrown there. */
function isTotal<T extends unknown[]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  method: (...args: T) => unknown,
  { infinite = [], runs = 200 }: { infinite?: string[]; runs?: number } = {},
) {
  return () => {
    fc.assert(
      fc.property(...(arbitraries as [fc.Arbitrary<unknown>]), (...args) => {
        expect(unsoundIn(method(...(args as unknown as T)), infinite)).toEqual([])
      }),
      { numRuns: runs },
    )
  }
}

const rateArm = proportion
  .filter(({ units }) => units > 0)
  .map(({ units, conversions }) => estimateProportion(units, conversions) as ArmEstimate)
const meanArm = values.map((sample) => estimateMean(summaryOf(sample))).filter(isComputable)
const ratioArm = pairs.map((sample) => estimateRatio(ratioOf(sample))).filter(isComputable)
const difference: fc.Arbitrary<Difference> = fc.oneof(
  fc.tuple(rateArm, rateArm).map(([c, t]) => proportionDifference(c, t)),
  fc.tuple(rateArm, rateArm).map(([c, t]) => unpooledProportionDifference(c, t)),
  fc.tuple(meanArm, meanArm).map(([c, t]) => meanDifference(c, t)),
  fc.tuple(ratioArm, ratioArm).map(([c, t]) => meanDifference(c, t)),
  fc
    .tuple(pairs, pairs)
    .map(([c, t]) => whenComputable(cuped(cupedOf(c), cupedOf(t)), (adjusted) => adjusted.difference))
    .filter(isComputable),
)
const estimate = fc.record({
  estimate: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  standardError: fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
  degreesOfFreedom: fc.oneof(fc.double({ min: 1, max: 1e9, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY)),
})
const degrees = { infinite: ['degreesOfFreedom'] }

describe('every method is total over its domain', () => {
  test('fixedHorizonTest', isTotal([difference, level], fixedHorizonTest, degrees))
  test(
    'confidenceSequence',
    isTotal([difference, level, fc.double({ min: 1, max: 1e12, noNaN: true })], confidenceSequence),
  )
  test(
    'confidenceSequenceAbove',
    isTotal([estimate, alpha], (known, a) => confidenceSequenceAbove({ units: 100, ...known }, a)),
  )
  test(
    'relativeLift',
    isTotal([difference, alpha], (known, a) => relativeLift(known, criticalValueOf(known, a), a)),
  )
  test('deltaLift', isTotal([difference], deltaLift, degrees))
  test(
    'estimateTest',
    isTotal([estimate, level], (known, a) => estimateTest(known, a), degrees),
  )
  test('meanInterval', isTotal([meanArm, level], meanInterval))
  test(
    'cuped',
    isTotal([pairs, pairs], (c, t) => cuped(cupedOf(c), cupedOf(t)), degrees),
  )
  test(
    'cupedLift',
    isTotal([pairs, pairs], (c, t) => cupedLift(cupedOf(c), cupedOf(t)), degrees),
  )
  test(
    'estimateRatio',
    isTotal([pairs], (sample) => estimateRatio(ratioOf(sample))),
  )
  test('oneWayAnova', isTotal([fc.array(meanArm, { maxLength: 6 })], oneWayAnova))
  test(
    'postStratified',
    isTotal([fc.array(fc.record({ control: meanArm, treatment: meanArm }), { maxLength: 4 })], postStratified, degrees),
  )
  for (const [name, interval] of Object.entries({
    wilsonInterval,
    waldInterval,
    agrestiCoullInterval,
    wilsonContinuityInterval,
    clopperPearsonInterval,
    jeffreysInterval,
  })) {
    test(name, () => {
      fc.assert(
        fc.property(rateArm, alpha, (arm, a) => {
          const { lower, upper } = interval(arm, a)
          expect(0 <= lower && lower <= upper && upper <= 1).toBe(true)
        }),
        { numRuns: 100 },
      )
    })
  }
  test('newcombeInterval', isTotal([rateArm, rateArm, level], newcombeInterval))
  test('agrestiCaffoInterval', isTotal([rateArm, rateArm, level], agrestiCaffoInterval))
  test('katzLiftInterval', isTotal([rateArm, rateArm, alpha], katzLiftInterval))
  const few = proportion.filter(({ units }) => units <= 5000)
  test('fisherExactTest', isTotal([few, few], fisherExactTest, { runs: 60 }))
  test('independenceTest', isTotal([fc.array(proportion, { maxLength: 6 })], independenceTest))
  const arms = fc.array(fc.record({ units: fc.nat(1e9), weight: fc.constantFrom(0, 0.1, 1, 5000) }), { maxLength: 6 })
  test('sampleRatioTest', isTotal([arms], sampleRatioTest))
  test(
    'sequentialSampleRatio',
    isTotal([arms], (observed) => sequentialSampleRatio(observed)),
  )
  test(
    'exactBinomialTest',
    isTotal([proportion, fc.double({ min: 0, max: 1, noNaN: true })], ({ units, conversions }, p) =>
      exactBinomialTest(conversions, units, p),
    ),
  )
  test(
    'msprt',
    isTotal([estimate, positive.filter((x) => x > 1e-70 && x < 1e70), level], (known, tau, a) => msprt(known, tau, a)),
  )
  const time = fc.double({ min: 1e-3, max: 1e9, noNaN: true })
  test(
    'normalMixture',
    isTotal([fc.double({ min: -1e4, max: 1e4, noNaN: true }), time, time, alpha, fc.boolean()], (s, v, best, a, one) =>
      normalMixture(s, v, best, a, a, one),
    ),
  )
  test(
    'anytimeValidT',
    isTotal([fc.double({ min: -1e6, max: 1e6, noNaN: true }), time, time, time, alpha], anytimeValidT, {
      infinite: ['criticalValue'],
    }),
  )
  test(
    'normalEffect',
    isTotal(
      [
        estimate,
        fc.option(fc.record({ mean: fc.double({ min: -10, max: 10, noNaN: true }), variance: time })),
        level,
        fc.boolean(),
      ],
      normalEffect,
    ),
  )
  const belief = fc.record({
    alpha: fc.oneof(fc.double({ min: 0.1, max: 50, noNaN: true }), fc.integer({ min: 1, max: 1e8 })),
    beta: fc.oneof(fc.double({ min: 0.1, max: 50, noNaN: true }), fc.integer({ min: 1, max: 1e8 })),
  })
  test('compareBetaBeliefs', isTotal([belief, belief], compareBetaBeliefs, { runs: 60 }))
  test('betaCredibleInterval', isTotal([belief, fc.constantFrom(0.5, 0.9, 0.999)], betaCredibleInterval))
  test('expectedBetaLift', isTotal([belief, belief], expectedBetaLift))
  test(
    'betaDifferenceQuantile',
    isTotal([belief, belief, fc.constantFrom(0.025, 0.5, 0.975)], betaDifferenceQuantile, { runs: 8 }),
  )
  test('betaLiftQuantile', isTotal([belief, belief, fc.constantFrom(0.025, 0.5, 0.975)], betaLiftQuantile, { runs: 8 }))
  test(
    'betaProbabilityOfBeingBest',
    isTotal([fc.array(belief, { maxLength: 5 })], (beliefs) => betaProbabilityOfBeingBest(beliefs), { runs: 40 }),
  )
  const normalArm = fc.record({
    mean: finite,
    standardDeviation: positive,
  })
  test('probabilityOfBeingBest', () => {
    fc.assert(
      fc.property(fc.array(normalArm, { minLength: 1, maxLength: 6 }), fc.boolean(), (beliefs, minimise) => {
        const best = probabilityOfBeingBest(beliefs, minimise)
        expect(unsoundIn(best, [])).toEqual([])
        expect(best.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
        expect(allocationWithFloor(best, 0.01).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
      }),
    )
  })
  test(
    'inversePropensityRatio',
    isTotal(
      [
        fc.array(
          fc.tuple(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.double({ min: -1e3, max: 1e3, noNaN: true })),
        ),
      ],
      (given) => {
        const total = (of: (p: number, y: number) => number) => given.reduce((sum, [p, y]) => sum + of(p, y), 0)
        return inversePropensityRatio({
          units: given.length,
          weightedNumerator: total((p, y) => y / p),
          weightedDenominator: total((p) => 1 / p),
          squaredNumerator: total((p, y) => (y * y) / p / p),
          squaredDenominator: total((p) => 1 / p / p),
          crossProduct: total((p, y) => y / p / p),
        })
      },
    ),
  )
  const direction = fc.constantFrom('INCREASE' as const, 'DECREASE' as const)
  const margin = fc.double({ min: 0, max: 1e3, noNaN: true })
  test('nonInferiorityTest', isTotal([estimate, margin, direction, alpha], nonInferiorityTest, degrees))
  test(
    'equivalenceTest',
    isTotal([estimate, alpha], (known, a) => equivalenceTest(known, -1, 2, a), degrees),
  )
  test(
    'scoreNonInferiority',
    isTotal([rateArm, rateArm, fc.double({ min: 0, max: 0.9, noNaN: true }), direction], scoreNonInferiority),
  )
  test(
    'quantileRanks',
    isTotal(
      [fc.nat(1e6), fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.constantFrom(0.5, 0.95, 0.999)],
      quantileRanks,
    ),
  )
  test('adjustPValues', () => {
    const corrections = ['NONE', 'BONFERRONI', 'HOLM', 'HOCHBERG', 'BENJAMINI_HOCHBERG', 'BENJAMINI_YEKUTIELI'] as const
    fc.assert(
      fc.property(fc.array(fc.option(pValue)), fc.constantFrom(...corrections), alpha, (pValues, correction, a) => {
        const results = adjustPValues(pValues, correction, a)
        results.forEach(({ adjusted }, index) => {
          if (pValues[index] === null) expect(adjusted).toBeInstanceOf(NotComputable)
          else expect((adjusted as number) >= pValues[index]! && (adjusted as number) <= 1).toBe(true)
        })
      }),
    )
  })
  test('eBenjaminiHochberg', isTotal([fc.array(fc.option(finite)), alpha], eBenjaminiHochberg))
  test('simultaneousInterval', isTotal([estimate, fc.integer({ min: 1, max: 1000 }), alpha], simultaneousInterval))
})
