import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adaptiveRatioTest } from '../../../src/statistics/bandit/adaptive-ratio-test.ts'
import { isComputable, NotComputable } from '../../../src/statistics/not-computable.ts'
import { kVariantSampleSize } from '../../../src/statistics/power/k-variant-sample-size.ts'
import { meanEffect, meanPower, meanSampleSize } from '../../../src/statistics/power/mean-power.ts'
import { anovaPower, chiSquarePower } from '../../../src/statistics/power/omnibus-power.ts'
import {
  proportionEffect,
  proportionPower,
  proportionSampleSize,
} from '../../../src/statistics/power/proportion-power.ts'
import {
  detectableEffect,
  expectedUnits,
  type PlannedComparison,
  plannedPower,
  requiredUnits,
  runTimeDays,
} from '../../../src/statistics/power/sample-plan.ts'
import { estimateClusteredQuantile, estimateQuantile } from '../../../src/statistics/quantile/quantile-estimate.ts'
import type { AlphaSpending } from '../../../src/statistics/sequential/alpha-spending.ts'
import { shapedBoundaries, spendingBoundaries } from '../../../src/statistics/sequential/group-sequential-boundaries.ts'
import { monitorGroupSequential } from '../../../src/statistics/sequential/group-sequential-monitor.ts'
import { inflationFactor } from '../../../src/statistics/sequential/group-sequential-power.ts'
import { rateAboveTest, rateLowerLimit } from '../../../src/statistics/sequential/rate-above-test.ts'
import { cupedRatio } from '../../../src/statistics/variance-reduction/cuped-ratio.ts'
import { winsorizationThreshold } from '../../../src/statistics/variance-reduction/winsorization.ts'
import { alpha, cupedRatioOf, proportion, ratioOf, value } from './arbitraries.ts'
import { unsoundIn } from './unsound.ts'

const sides = fc.constantFrom(1 as const, 2 as const)
const power = fc.constantFrom(0.3, 0.5, 0.8, 0.95, 0.999)
const rate = fc.oneof(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), fc.constantFrom(0.05, 0.5))
const units = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 1_000_000_000 }))
const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
const effect = fc.double({ min: -1e3, max: 1e3, noNaN: true })
const isProbability = (p: unknown) =>
  expect(p instanceof NotComputable || (typeof p === 'number' && p >= 0 && p <= 1)).toBe(true)
const isPositive = (x: unknown) =>
  expect(x instanceof NotComputable || (typeof x === 'number' && x > 0 && x < Infinity)).toBe(true)

describe('planning is total over its domain', () => {
  test('rates', () => {
    const method = fc.constantFrom('POOLED' as const, 'UNPOOLED' as const, 'ARCSINE' as const)
    fc.assert(
      fc.property(rate, rate, alpha, sides, method, units, units, power, (c, t, level, side, by, m, n, aim) => {
        const design = { controlRate: c, treatmentRate: t, alpha: level, sides: side, method: by }
        isProbability(proportionPower(design, m, n))
        isPositive(proportionSampleSize(design, aim, 0.25))
        isPositive(proportionEffect(design, 'INCREASE', aim, m, n))
        isPositive(proportionEffect(design, 'DECREASE', aim, m, n))
      }),
      { numRuns: 300 },
    )
  })

  test('means', () => {
    const method = fc.constantFrom('STUDENT' as const, 'NORMAL' as const)
    fc.assert(
      fc.property(effect, positive, alpha, sides, method, units, units, (difference, sd, level, side, by, m, n) => {
        const design = { difference, standardDeviation: sd, alpha: level, sides: side, method: by }
        isProbability(meanPower(design, m, n))
        isPositive(
          meanEffect({ standardDeviation: sd, units: 1 + m }, { standardDeviation: 0, units: 1 + n }, level, 0.8, side),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('samples for means', () => {
    const size = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 20, noNaN: true }))
    const method = fc.constantFrom('STUDENT' as const, 'NORMAL' as const)
    fc.assert(
      fc.property(size, alpha, sides, method, power, fc.constantFrom(0.1, 1, 9), (d, level, side, by, aim, ratio) => {
        fc.pre(aim > level)
        const design = { difference: d, standardDeviation: 1, alpha: level, sides: side, method: by }
        isPositive(meanSampleSize(design, aim, ratio))
      }),
      { numRuns: 40 },
    )
  })

  test('several variants', () => {
    const weights = fc.array(fc.constantFrom(1, 0.1, 3000), { maxLength: 6 })
    const lift = fc.double({ min: -2, max: 2, noNaN: true })
    fc.assert(
      fc.property(rate, lift, weights, alpha, power, (control, by, shares, level, aim) => {
        expect(unsoundIn(kVariantSampleSize(control, by, shares, level, aim), [])).toEqual([])
      }),
    )
    const size = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        size,
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: 12 }),
        alpha,
        (w, n, k, level) => {
          isProbability(chiSquarePower(w, n, k, level))
          isProbability(anovaPower(w, 2 + (n % 3000), k, level))
        },
      ),
      { numRuns: 60 },
    )
  })

  const comparison: fc.Arbitrary<PlannedComparison> = fc.record({
    controlShare: fc.constantFrom(0.5, 0.1, 1),
    treatmentShare: fc.constantFrom(0.5, 0.9, 1e-3),
    controlVariance: fc.oneof(fc.constant(0), positive),
    treatmentVariance: fc.oneof(fc.constant(0), positive),
    nullVariance: fc.option(positive, { nil: undefined }),
    varianceReduction: fc.constantFrom(0, 0.36, 1),
    alpha,
    design: fc.oneof(
      fc.constant({ kind: 'FIXED_HORIZON' as const }),
      fc.record({ kind: fc.constant('ALWAYS_VALID' as const), tuningUnits: fc.constantFrom(1, 1e4, 1e9) }),
      fc.constant({ kind: 'ALWAYS_VALID' as const }),
      fc.constant({
        kind: 'GROUP_SEQUENTIAL' as const,
        spending: { family: 'OBRIEN_FLEMING' as const },
        fractions: [0.25, 0.5, 0.75, 1],
      }),
    ),
  })

  test('samples, effects, power and run time of every design', () => {
    fc.assert(
      fc.property(comparison, fc.oneof(fc.constant(0), positive), power, units, (plan, by, aim, n) => {
        fc.pre(aim > plan.alpha)
        isPositive(requiredUnits(plan, by, aim))
        expect(unsoundIn(detectableEffect(plan, n, aim), [])).toEqual([])
        isProbability(plannedPower(plan, n, by))
        expect(unsoundIn(runTimeDays(n, 7), [])).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('mean samples', () => {
    fc.assert(
      fc.property(comparison, units, fc.oneof(fc.constant(0), positive), (plan, n, by) => {
        fc.pre(n > 0)
        const mean = expectedUnits(plan, n, by)
        isPositive(mean)
        if (isComputable(mean)) expect(mean).toBeLessThanOrEqual(n * (1 + 1e-12))
      }),
      { numRuns: 80 },
    )
  })
})

describe('group-sequential tests are total over their domain', () => {
  const fractions = fc
    .uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 })
    .map((thousandths) => thousandths.sort((a, b) => a - b).map((t) => t / 1000))
  const spending: fc.Arbitrary<AlphaSpending> = fc.oneof(
    fc.constantFrom({ family: 'OBRIEN_FLEMING' as const }, { family: 'POCOCK' as const }),
    fc.constantFrom(0.5, 1, 2, 8).map((exponent) => ({ family: 'POWER' as const, exponent })),
    fc.constantFrom(-8, -4, 0, 1, 4).map((gamma) => ({ family: 'HWANG_SHIH_DECANI' as const, gamma })),
  )

  test('spending boundaries, and what they cost', () => {
    fc.assert(
      fc.property(spending, fractions, alpha, sides, (family, looks, level, side) => {
        const boundaries = spendingBoundaries(family, looks, level, side)
        expect(
          unsoundIn(
            boundaries,
            boundaries.criticalValues.map((_, look) => `criticalValues.${look}`),
          ),
        ).toEqual([])
        expect(boundaries.cumulativeAlpha.at(-1)!).toBeLessThanOrEqual(level * (1 + 1e-12))
        if (looks.at(-1) === 1) isPositive(inflationFactor(boundaries, level, 0.8))
      }),
      { numRuns: 40 },
    )
  })

  test('boundaries of a shape', () => {
    fc.assert(
      fc.property(fc.constantFrom(-0.5, 0, 0.25, 0.5, 0.7), fractions, alpha, sides, (shape, looks, level, side) => {
        const boundaries = shapedBoundaries(shape, looks, level, side)
        expect(unsoundIn(boundaries, [])).toEqual([])
        expect(boundaries.cumulativeAlpha.at(-1)! / level).toBeCloseTo(1, 6)
      }),
      { numRuns: 15 },
    )
  })

  test('looks in any order of size, beyond the maximum too', () => {
    const look = fc.record({
      units: fc.integer({ min: 1, max: 3000 }),
      estimate: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      standardError: positive,
    })
    fc.assert(
      fc.property(fc.array(look, { maxLength: 6 }), spending, alpha, sides, (looks, family, level, side) => {
        const results = monitorGroupSequential(looks, 2000, family, level, side)
        expect(unsoundIn(results, ['criticalValue', 'lower', 'upper'])).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})

describe('other summaries', () => {
  const quantile = fc.constantFrom(0.01, 0.25, 0.5, 0.9, 0.999)
  const summary = fc
    .tuple(fc.nat(1_000_000), fc.nat(1_000_000), effect, positive, positive)
    .map(([count, boundsCount, at, below, above]) => ({
      count,
      boundsCount,
      value: at,
      lower: at - below,
      upper: at + above,
    }))

  test('quantiles', () => {
    const events = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 40 })
    fc.assert(
      fc.property(summary, quantile, events, (known, q, clusters) => {
        expect(unsoundIn(estimateQuantile(known, q), [])).toEqual([])
        const below = ratioOf(clusters.map(([low, high]) => [low, low + high] as const))
        expect(unsoundIn(estimateClusteredQuantile(known, q, below), [])).toEqual([])
      }),
    )
  })

  test('CUPED of ratios', () => {
    const row = fc.tuple(value, value, value, value)
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.array(row, { maxLength: 30 }), (a, b) => {
        expect(unsoundIn(cupedRatio(cupedRatioOf(a), cupedRatioOf(b)), ['degreesOfFreedom'])).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('rates above a threshold', () => {
    fc.assert(
      fc.property(proportion, rate, alpha, ({ units: n, conversions }, threshold, level) => {
        expect(unsoundIn(rateAboveTest(n, conversions, threshold), [])).toEqual([])
        isProbability(rateLowerLimit(n, conversions, threshold, level))
      }),
    )
  })

  test('thresholds', () => {
    const counted = fc.record({ value, count: fc.nat(1000) })
    fc.assert(
      fc.property(fc.array(counted), fc.constantFrom(0.5, 0.99, 0.999), (values, share) => {
        expect(unsoundIn(winsorizationThreshold(values, share), [])).toEqual([])
      }),
    )
  })

  test('sample ratios of an allocation that adapts', () => {
    const propensities = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { maxLength: 40 })
    fc.assert(
      fc.property(fc.array(propensities, { maxLength: 5 }), (arms) => {
        const total = (arm: number[], power: 1 | 2) => arm.reduce((sum, p) => sum + 1 / p ** power, 0)
        const counts = arms.map((arm) => ({ units: arm.length, w: total(arm, 1), ww: total(arm, 2) }))
        expect(unsoundIn(adaptiveRatioTest(counts, 0.01), [])).toEqual([])
      }),
    )
  })
})
