import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalEffect } from '../../../src/statistics/bayesian/normal-effect.ts'
import { cohensD } from '../../../src/statistics/cohens-d.ts'
import { meanDifference, proportionDifference } from '../../../src/statistics/comparison.ts'
import { criticalValueOf, fixedHorizonTest } from '../../../src/statistics/fixed-horizon-test.ts'
import { isComputable, type NotComputable } from '../../../src/statistics/not-computable.ts'
import { oneWayAnova } from '../../../src/statistics/one-way-anova.ts'
import { katzLiftInterval } from '../../../src/statistics/proportions/katz-lift-interval.ts'
import { newcombeInterval } from '../../../src/statistics/proportions/newcombe-interval.ts'
import { wilsonInterval } from '../../../src/statistics/proportions/wilson-interval.ts'
import { addRatios, estimateRatio } from '../../../src/statistics/ratio-summary.ts'
import { deltaLift, relativeLift } from '../../../src/statistics/relative-lift.ts'
import {
  type ArmEstimate,
  addSamples,
  estimateMean,
  estimateProportion,
} from '../../../src/statistics/sample-summary.ts'
import { confidenceSequence } from '../../../src/statistics/sequential/confidence-sequence.ts'
import { addCuped, cuped } from '../../../src/statistics/variance-reduction/cuped.ts'
import { addCupedRatio } from '../../../src/statistics/variance-reduction/cuped-ratio.ts'
import { winsorizationThreshold } from '../../../src/statistics/variance-reduction/winsorization.ts'
import {
  alpha,
  cupedOf,
  cupedRatioOf,
  isClose,
  mixedProportion,
  pairs,
  ratioOf,
  someValues,
  summaryOf,
  value,
  values,
} from './arbitraries.ts'

describe('adding summaries equals pooling rows', () => {
  test('of means', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const added = estimateMean(addSamples(summaryOf(a), summaryOf(b)))
        const pooled = [...a, ...b]
        fc.pre(isComputable(added))
        // The two-pass variance of the rows themselves.
        const mean = pooled.reduce((sum, x) => sum + x, 0) / pooled.length
        const variance = pooled.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (pooled.length - 1)
        expect(isClose(added.mean, mean)).toBe(true)
        expect(isClose(added.unitVariance, variance, 1e-8, 1e-9 * (1 + mean * mean))).toBe(true)
      }),
    )
  })

  test('of ratios', () => {
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        expect(addRatios(ratioOf(a), ratioOf(b))).toEqual(ratioOf([...a, ...b]))
      }),
    )
  })

  test('of covariates', () => {
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        expect(addCuped(cupedOf(a), cupedOf(b))).toEqual(cupedOf([...a, ...b]))
      }),
    )
  })
})

describe('adding summaries equals pooling rows, of ratios with covariates', () => {
  const row = fc.tuple(value, value, value, value)
  const rows = fc.array(row, { maxLength: 30 })

  test('in every sum', () => {
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        expect(addCupedRatio(cupedRatioOf(a), cupedRatioOf(b))).toEqual(cupedRatioOf([...a, ...b]))
      }),
    )
  })
})

/** What must not change with the unit of measure, and what grows with it. */
function effects(control: ArmEstimate | NotComputable, treatment: ArmEstimate | NotComputable, level: number) {
  if (!isComputable(control) || !isComputable(treatment)) return null
  const difference = meanDifference(control, treatment)
  const fixed = fixedHorizonTest(difference, level)
  const always = confidenceSequence(difference, level)
  if (!isComputable(fixed) || !isComputable(always)) return null
  const lift = relativeLift(difference, criticalValueOf(difference, level), level)
  const fieller = isComputable(lift) ? lift.interval : lift
  const delta = deltaLift(difference)
  const size = cohensD(control, treatment)
  return {
    invariant: [
      fixed.pValue,
      fixed.statistic,
      always.logEValue,
      isComputable(size) ? size : 0,
      isComputable(lift) ? lift.estimate : 0,
      isComputable(fieller) ? fieller.lower : 0,
      isComputable(fieller) ? fieller.upper : 0,
      isComputable(delta) ? delta.standardError : 0,
    ],
    scaled: [
      difference.estimate,
      fixed.interval.lower,
      fixed.interval.upper,
      always.interval.lower,
      always.interval.upper,
    ],
    spread: Math.abs(fixed.interval.upper - fixed.interval.lower),
  }
}

describe('scaling a metric scales its difference and keeps p and lift', () => {
  const factor = fc.constantFrom(0.25, 2, 1024)

  test('of means', () => {
    fc.assert(
      fc.property(someValues, someValues, factor, alpha, (a, b, k, level) => {
        const times = (sample: number[]) => estimateMean(summaryOf(sample.map((x) => x * k)))
        const before = effects(estimateMean(summaryOf(a)), estimateMean(summaryOf(b)), level)
        const after = effects(times(a), times(b), level)
        fc.pre(before !== null && after !== null)
        // Powers of two scale without rounding.
        expect(after.invariant).toEqual(before.invariant)
        expect(after.scaled).toEqual(before.scaled.map((x) => x * k))
      }),
    )
  })

  test('of the numerator of ratios', () => {
    fc.assert(
      fc.property(pairs, pairs, factor, alpha, (a, b, k, level) => {
        const times = (sample: [number, number][]) => estimateRatio(ratioOf(sample.map(([n, d]) => [n * k, d])))
        const before = effects(estimateRatio(ratioOf(a)), estimateRatio(ratioOf(b)), level)
        const after = effects(times(a), times(b), level)
        fc.pre(before !== null && after !== null)
        expect(after.invariant).toEqual(before.invariant)
        expect(after.scaled).toEqual(before.scaled.map((x) => x * k))
      }),
    )
  })

  test('of CUPED, by the metric and by the covariate', () => {
    fc.assert(
      fc.property(pairs, pairs, factor, fc.boolean(), (a, b, k, scalesMetric) => {
        const times = (sample: [number, number][]) =>
          cupedOf(sample.map(([y, x]) => (scalesMetric ? [y * k, x] : [y, x * k])))
        const [before, after] = [cuped(cupedOf(a), cupedOf(b)), cuped(times(a), times(b))]
        fc.pre(isComputable(before) && isComputable(after))
        expect(after.difference.estimate).toBe(before.difference.estimate * (scalesMetric ? k : 1))
        expect(after.varianceReduction).toBe(before.varianceReduction)
      }),
    )
  })

  test('of variances between variants', () => {
    fc.assert(
      fc.property(someValues, someValues, someValues, factor, (a, b, c, k) => {
        const arms = (factor: number) =>
          [a, b, c].map((sample) => estimateMean(summaryOf(sample.map((x) => x * factor))))
        const [before, after] = [arms(1), arms(k)]
        fc.pre(before.every(isComputable) && after.every(isComputable))
        const [one, other] = [oneWayAnova(before as ArmEstimate[]), oneWayAnova(after as ArmEstimate[])]
        expect(isComputable(other) && other.statistic).toBe(isComputable(one) && one.statistic)
      }),
    )
  })

  test('of a threshold', () => {
    fc.assert(
      fc.property(someValues, factor, (sample, k) => {
        const at = (factor: number) =>
          winsorizationThreshold(
            sample.map((value) => ({ value: value * factor, count: 1 })),
            0.9,
          )
        expect(at(k)).toBe((at(1) as number) * k)
      }),
    )
  })
})

describe('more data with the same rates never widens an interval', () => {
  const width = ({ lower, upper }: { lower: number; upper: number }) => upper - lower
  const times = fc.integer({ min: 2, max: 1000 })

  test('of proportions', () => {
    fc.assert(
      fc.property(mixedProportion, mixedProportion, times, alpha, (a, b, k, level) => {
        const at = (factor: number) => {
          const [c, t] = [a, b].map((arm) => estimateProportion(arm.units * factor, arm.conversions * factor))
          const difference = proportionDifference(c as ArmEstimate, t as ArmEstimate)
          return [fixedHorizonTest(difference, level), confidenceSequence(difference, level)]
        }
        for (const [index, after] of at(k).entries()) {
          const before = at(1)[index]!
          expect(isComputable(after) && isComputable(before)).toBe(true)
          if (isComputable(after) && isComputable(before)) {
            expect(width(after.interval)).toBeLessThanOrEqual(width(before.interval) * (1 + 1e-12))
          }
        }
      }),
    )
  })

  test('of means', () => {
    fc.assert(
      fc.property(someValues, someValues, times, alpha, (a, b, k, level) => {
        const at = (factor: number) => {
          const [c, t] = [a, b].map((sample) => estimateMean(summaryOf(sample)))
          if (!isComputable(c!) || !isComputable(t!)) return null
          const more = (arm: ArmEstimate) => ({ ...arm, units: arm.units * factor })
          const difference = meanDifference(more(c), more(t))
          const fixed = fixedHorizonTest(difference, level)
          const always = confidenceSequence(difference, level)
          return isComputable(fixed) && isComputable(always) ? [width(fixed.interval), width(always.interval)] : null
        }
        const [before, after] = [at(1), at(k)]
        fc.pre(before !== null && after !== null)
        for (const [index, wide] of before.entries()) expect(after[index]!).toBeLessThanOrEqual(wide * (1 + 1e-12))
      }),
    )
  })

  const nested = (inner: { lower: number; upper: number }, outer: { lower: number; upper: number }) => {
    const slack = 1e-12 * (1 + Math.abs(outer.lower) + Math.abs(outer.upper))
    expect(inner.lower).toBeGreaterThanOrEqual(outer.lower - slack)
    expect(inner.upper).toBeLessThanOrEqual(outer.upper + slack)
  }

  // Sets of values that a test does not reject: those of more data lie within those of less.
  test('of single rates by Wilson, and of differences by Newcombe', () => {
    fc.assert(
      fc.property(mixedProportion, mixedProportion, times, alpha, (a, b, k, level) => {
        const at = (factor: number) =>
          [a, b].map((arm) => estimateProportion(arm.units * factor, arm.conversions * factor) as ArmEstimate)
        const [few, many] = [at(1), at(k)]
        nested(wilsonInterval(many[0]!, level), wilsonInterval(few[0]!, level))
        nested(newcombeInterval(many[0]!, many[1]!, level), newcombeInterval(few[0]!, few[1]!, level))
      }),
    )
  })

  test('of lifts by Fieller and by the logarithm of the risk ratio', () => {
    fc.assert(
      fc.property(mixedProportion, mixedProportion, times, alpha, (a, b, k, level) => {
        const at = (factor: number) =>
          [a, b].map((arm) => estimateProportion(arm.units * factor, arm.conversions * factor) as ArmEstimate)
        const [[c, t], [moreC, moreT]] = [at(1), at(k)] as [[ArmEstimate, ArmEstimate], [ArmEstimate, ArmEstimate]]
        const [few, many] = [proportionDifference(c, t), proportionDifference(moreC, moreT)]
        const lift = (difference: typeof few) => relativeLift(difference, criticalValueOf(difference, level), level)
        const [before, after] = [lift(few), lift(many)]
        fc.pre(isComputable(before) && isComputable(after))
        if (isComputable(before.interval)) {
          // What was bounded stays bounded.
          expect(isComputable(after.interval)).toBe(true)
          if (isComputable(after.interval)) nested(after.interval, before.interval)
        }
        const [katzBefore, katzAfter] = [katzLiftInterval(c, t, level), katzLiftInterval(moreC, moreT, level)]
        expect(isComputable(katzBefore) && isComputable(katzAfter)).toBe(true)
        if (isComputable(katzBefore) && isComputable(katzAfter)) nested(katzAfter, katzBefore)
      }),
    )
  })

  test('of the normal belief about an effect, whatever the prior', () => {
    const prior = fc.record({
      mean: fc.double({ min: -10, max: 10, noNaN: true }),
      variance: fc.double({ min: 1e-6, max: 100, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.option(prior),
        fc.double({ min: 1e-6, max: 100, noNaN: true }),
        times,
        alpha,
        (belief, se, k, level) => {
          const at = (factor: number) =>
            normalEffect({ estimate: 1, standardError: se / Math.sqrt(factor) }, belief, level).interval
          expect(width(at(k))).toBeLessThanOrEqual(width(at(1)) * (1 + 1e-12))
        },
      ),
    )
  })
})
