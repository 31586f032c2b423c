import { describe, expect, test } from 'vitest'
import { normalCriticalValue, normalQuantile } from '../../src/statistics/distributions.ts'
import { kVariantSampleSize } from '../../src/statistics/power/k-variant-sample-size.ts'
import { proportionEffect, proportionPower, proportionSampleSize } from '../../src/statistics/power/proportion-power.ts'
import {
  detectableEffect,
  expectedUnits,
  type PlannedComparison,
  plannedPower,
  requiredUnits,
  runTimeDays,
} from '../../src/statistics/power/sample-plan.ts'
import { noncentralTUpper } from '../../src/statistics/special-functions/noncentral.ts'
import { computed } from '../support/computed.ts'

// Peers have had each of these wrong.
describe('sample, effect and power', () => {
  const design = { controlRate: 0.02, alpha: 0.05, sides: 2 } as const

  test('names its approximation: for rare events they differ by 40 %', () => {
    const size = (method: 'POOLED' | 'ARCSINE') =>
      computed(proportionSampleSize({ ...design, controlRate: 0.001, treatmentRate: 0.03, method }, 0.8))
    expect(size('POOLED') / size('ARCSINE')).toBeGreaterThan(1.3)
  })

  test.each(['POOLED', 'UNPOOLED', 'ARCSINE'] as const)('effect, sample and power are inverses: %s', (method) => {
    const effect = computed(proportionEffect({ ...design, method }, 'INCREASE', 0.8, 10_000, 5000))
    const inverse = { ...design, method, treatmentRate: design.controlRate + effect }
    expect(computed(proportionSampleSize(inverse, 0.8, 0.5))).toBeCloseTo(10_000, 4)
    expect(computed(proportionPower(inverse, 10_000, 5000))).toBeCloseTo(0.8, 5)
  })

  test('the ratio is of treatment to control', () => {
    const size = (ratio: number) =>
      computed(proportionSampleSize({ ...design, treatmentRate: 0.03, method: 'UNPOOLED' }, 0.8, ratio))
    expect(size(4)).toBeLessThan(size(1))
    expect(size(0.25)).toBeGreaterThan(size(1))
  })

  const fractions = [0.25, 0.5, 0.75, 1]
  test.each([
    { kind: 'FIXED_HORIZON' },
    { kind: 'GROUP_SEQUENTIAL', spending: { family: 'OBRIEN_FLEMING' }, fractions },
    { kind: 'ALWAYS_VALID' },
    { kind: 'ALWAYS_VALID', tuningUnits: 5000 },
  ] as const)('required units, effect and power are inverses: $kind', (decision) => {
    const comparison: PlannedComparison = {
      controlShare: 0.7,
      treatmentShare: 0.3,
      controlVariance: 4,
      treatmentVariance: 5,
      varianceReduction: 0.4,
      design: decision,
      alpha: 0.05,
    }
    const units = computed(requiredUnits(comparison, 0.1, 0.9))
    expect(computed(detectableEffect(comparison, units, 0.9))).toBeCloseTo(0.1, 8)
    expect(computed(plannedPower(comparison, units, 0.1))).toBeCloseTo(0.9, 6)
  })

  test('power beyond a noncentrality of 37.6 is right', () => {
    // Φ(50 − 40) and Φ(40 − 40.5) up to the terms in 1/df.
    expect(noncentralTUpper(40, 1e6, 50)).toBeCloseTo(1, 12)
    expect(noncentralTUpper(40.5, 1e9, 40)).toBeCloseTo(0.3085375387, 5)
  })
})

describe('sample plans', () => {
  const comparison: PlannedComparison = {
    controlShare: 0.5,
    treatmentShare: 0.5,
    controlVariance: 1,
    treatmentVariance: 1,
    design: { kind: 'FIXED_HORIZON' },
    alpha: 0.05,
  }

  test('two equal arms need 2·(2·(z + z)/d)² units together', () => {
    const drift = normalCriticalValue(0.05) + normalQuantile(0.8)
    expect(computed(requiredUnits(comparison, 0.5, 0.8))).toBeCloseTo((2 * drift) ** 2 / 0.25, 9)
  })

  test('CUPED with a correlation of 0.6 saves 36 % of the sample', () => {
    const plain = computed(requiredUnits(comparison, 0.1, 0.8))
    expect(computed(requiredUnits({ ...comparison, varianceReduction: 0.36 }, 0.1, 0.8))).toBeCloseTo(0.64 * plain, 6)
  })

  test('flexibility has a price, and stopping early pays it back', () => {
    const fractions = Array.from({ length: 50 }, (_, look) => (look + 1) / 50)
    const design = { kind: 'GROUP_SEQUENTIAL', spending: { family: 'OBRIEN_FLEMING' }, fractions } as const
    const fixed = computed(requiredUnits(comparison, 0.1, 0.8))
    const maximum = computed(requiredUnits({ ...comparison, design }, 0.1, 0.8))
    expect(maximum / fixed).toBeLessThan(1.1)
    expect(maximum / fixed).toBeGreaterThan(1)
    expect(computed(expectedUnits({ ...comparison, design }, maximum, 0.1)) / fixed).toBeLessThan(0.8)
    const always = computed(requiredUnits({ ...comparison, design: { kind: 'ALWAYS_VALID' } }, 0.1, 0.8))
    expect(always / fixed).toBeGreaterThan(1.5)
  })

  test('several treatments need more units in all, fewer when the control is weighted √(k − 1)', () => {
    const size = (...weights: number[]) => computed(kVariantSampleSize(0.1, 0.1, weights, 0.05, 0.8)).totalUnits
    expect(size(1, 1, 1, 1)).toBeGreaterThan(size(1, 1))
    expect(size(Math.sqrt(3), 1, 1, 1)).toBeLessThan(size(1, 1, 1, 1))
  })

  test('no effect, no variance and no traffic are reasons', () => {
    expect(requiredUnits(comparison, 0, 0.8)).toMatchObject({ code: 'NO_EFFECT' })
    expect(requiredUnits({ ...comparison, controlVariance: 0, treatmentVariance: 0 }, 1, 0.8)).toMatchObject({
      code: 'ZERO_VARIANCE',
    })
    expect(detectableEffect({ ...comparison, varianceReduction: 1 }, 100, 0.8)).toMatchObject({ code: 'ZERO_VARIANCE' })
    const never = { kind: 'GROUP_SEQUENTIAL', spending: { family: 'POCOCK' }, fractions: [] } as const
    expect(() => requiredUnits({ ...comparison, design: never }, 1, 0.8)).toThrow(RangeError)
    expect(runTimeDays(1000, 0)).toMatchObject({ code: 'NO_UNITS' })
    expect(runTimeDays(1000, 300)).toBe(4)
  })
})
