import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planEffect, planPower, planSampleSize } from '../../../src/modules/planning/plan-design.ts'
import type { PlanEffectInput, PlanSampleSizeInput } from '../../../src/modules/planning/planning.inputs.ts'
import { DomainError } from '../../../src/shared/domain-error.ts'

const method = fc.constantFrom(
  { decisionMethod: 'FIXED_HORIZON' as const },
  { decisionMethod: 'ALWAYS_VALID' as const },
  { decisionMethod: 'BAYESIAN' as const },
  { decisionMethod: 'GROUP_SEQUENTIAL' as const, looks: 3 },
  { decisionMethod: 'GROUP_SEQUENTIAL' as const, looks: 4, spending: 'POCOCK' as const },
)
const weightsBasisPoints: fc.Arbitrary<number[]> = fc.constantFrom<number[][]>(
  [5_000, 5_000],
  [1_000, 9_000],
  [9_500, 500],
  [4_000, 2_000, 4_000],
  [1, 9_999],
  [2_500, 2_500, 2_500, 2_500],
)
const power = fc.constantFrom(0.5, 0.8, 0.95, 0.999)

/** What a plan for an effect says, and what its two inverses make of the sample. */
function roundTrip({ minimumDetectableEffect, power: aim, ...design }: PlanSampleSizeInput) {
  const { totalUnits } = planSampleSize({ ...design, minimumDetectableEffect, power: aim })
  const direction = minimumDetectableEffect < 0 ? 'DECREASE' : 'INCREASE'
  return {
    totalUnits,
    reached: planPower({ ...design, minimumDetectableEffect, totalUnits }).power,
    found: planEffect({ ...design, totalUnits, power: aim, direction }).minimumDetectableEffect,
  }
}

describe('sample, effect and power are inverses', () => {
  test.each([
    [0.9, 0.08],
    [0.95, 0.04],
    [0.001, 0.9],
    [0.9, -0.08],
    [0.5, 0.4],
    [0.02, -0.019],
  ])('of a rate of %d with a change of %d, whatever the method', (baseline, minimumDetectableEffect) => {
    for (const decisionMethod of ['FIXED_HORIZON', 'ALWAYS_VALID', 'GROUP_SEQUENTIAL', 'BAYESIAN'] as const) {
      const { found, reached } = roundTrip({ baseline, minimumDetectableEffect, decisionMethod, looks: 10 })
      // The sample is rounded up to a whole unit.
      expect(reached, decisionMethod).toBeGreaterThanOrEqual(0.8 - 1e-9)
      expect(reached, decisionMethod).toBeLessThan(0.9)
      expect(Math.sign(found)).toBe(Math.sign(minimumDetectableEffect))
      expect(Math.abs(found / minimumDetectableEffect), decisionMethod).toBeLessThan(1 + 1e-9)
      expect(Math.abs(found / minimumDetectableEffect), decisionMethod).toBeGreaterThan(0.9)
    }
  })

  const rate = fc.double({ min: 0.001, max: 0.999, noNaN: true })
  const part = fc.double({ min: 0.02, max: 0.98, noNaN: true })
  const correlation = fc.constantFrom(0, 0, 0.6)

  test('for every effect: rates that rise and fall, at any allocation', () => {
    fc.assert(
      fc.property(rate, part, fc.boolean(), method, weightsBasisPoints, correlation, power, (...drawn) => {
        const [baseline, share, isRise, decision, weights, covariateCorrelation, aim] = drawn
        const minimumDetectableEffect = isRise ? (1 - baseline) * share : -baseline * share
        const design = { baseline, ...decision, weightsBasisPoints: weights, covariateCorrelation }
        const plan = planSampleSize({ ...design, minimumDetectableEffect, power: aim })
        // Fewer than the burn-in get no verdict, and more than there can be have no inverse.
        fc.pre(Math.min(...plan.unitsPerVariant) >= 25 && plan.totalUnits <= 2_000_000_000)
        const { totalUnits, reached, found } = roundTrip({ ...design, minimumDetectableEffect, power: aim })
        expect(reached).toBeGreaterThanOrEqual(aim - 1e-9)
        // A whole unit more is all that may lie between.
        expect(Math.abs(found)).toBeLessThanOrEqual(Math.abs(minimumDetectableEffect) * (1 + 1e-9))
        const again = planSampleSize({ ...design, minimumDetectableEffect: found, power: aim }).totalUnits
        expect(Math.abs(again - totalUnits)).toBeLessThanOrEqual(1 + 1e-7 * totalUnits)
      }),
      { numRuns: 60 },
    )
  })

  test('for every sample: rates, and means in any unit', () => {
    const units = fc.integer({ min: 1, max: 2_000_000_000 })
    const measure = fc.oneof(
      fc.record({ baseline: rate }),
      fc.record({ baseline: fc.constantFrom(-5, 0, 1e9), standardDeviation: fc.constantFrom(1e-90, 0.3, 1e9) }),
    )
    const direction = fc.constantFrom('INCREASE' as const, 'DECREASE' as const)
    fc.assert(
      fc.property(measure, units, direction, method, weightsBasisPoints, power, (...drawn) => {
        const [known, totalUnits, way, decision, weights, aim] = drawn
        const design = { ...known, ...decision, weightsBasisPoints: weights }
        const plan = planned(() => planEffect({ ...design, totalUnits, power: aim, direction: way }))
        if (!plan) return
        const { minimumDetectableEffect } = plan
        expect(Math.sign(minimumDetectableEffect)).toBe(way === 'INCREASE' ? 1 : -1)
        expect(planPower({ ...design, minimumDetectableEffect, totalUnits }).power).toBeCloseTo(aim, 7)
      }),
      { numRuns: 60 },
    )
  })

  test('a change that no rate can make is refused', () => {
    const few = { baseline: 0.9, totalUnits: 20 }
    expect(() => planEffect(few)).toThrow(/no rise of the rate 0.9 .* beyond 1/)
    expect(() => planEffect({ ...few, baseline: 0.1, direction: 'DECREASE' })).toThrow(/no fall .* below 0/)
    expect(planEffect({ ...few, direction: 'DECREASE' }).minimumDetectableEffect).toBeLessThan(-0.1)
  })
})

describe('where there is no number', () => {
  test('a lift of nothing is null', () => {
    const means = { standardDeviation: 1, totalUnits: 100 }
    expect(planEffect({ ...means, baseline: 0 }).relativeEffect).toBeNull()
    expect(planEffect({ ...means, baseline: 5e-324 }).relativeEffect).toBeNull()
    expect(planEffect({ ...means, baseline: -2, direction: 'DECREASE' }).relativeEffect).toBeLessThan(0)
  })

  test('what leaves no variance is refused by all plans', () => {
    const design = { baseline: 0.5, covariateCorrelation: 1 }
    const refusal = { code: 'NOT_PLANNABLE' }
    expect(refused(() => planEffect({ ...design, totalUnits: 100 }))).toMatchObject(refusal)
    expect(refused(() => planPower({ ...design, minimumDetectableEffect: 0.1, totalUnits: 9 }))).toMatchObject(refusal)
    expect(refused(() => planSampleSize({ ...design, minimumDetectableEffect: 0.1 }))).toMatchObject(refusal)
  })

  test.each<[PlanSampleSizeInput, RegExp]>([
    [
      { baseline: 5, standardDeviation: 1, minimumDetectableEffect: 1e-160 },
      /minimumDetectableEffect is 1e-160; .* 1e-100/,
    ],
    [{ baseline: 1e-300, minimumDetectableEffect: 1e-300 }, /baseline is 1e-300; .* 1e-100/],
    [{ baseline: 5, standardDeviation: 1e-200, minimumDetectableEffect: 1 }, /standardDeviation is 1e-200; .* 1e-100/],
    [
      { baseline: 5, standardDeviation: 1, minimumDetectableEffect: 1e-9 },
      /is 1e-9; .* more than 9007199254740991 units/,
    ],
  ])('names the value and the rule: %j', (input, message) => {
    expect(refused(() => planSampleSize(input)).message).toMatch(message)
  })
})

describe('every finite input gets a plan or an error that is meant for it', () => {
  const extreme = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(0, 5e-324, -5e-324, 1e-300, 1e-101, 1e-100, 1e-17, 0.5, 1 - 2 ** -53, 1, 1e12, 1e13, 1.7e308),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: -102, max: 13 }).map((exponent) => 3 * 10 ** exponent),
  )
  const input: fc.Arbitrary<PlanSampleSizeInput & PlanEffectInput> = fc
    .record({
      baseline: extreme,
      standardDeviation: fc.option(extreme),
      minimumDetectableEffect: extreme,
      totalUnits: fc.constantFrom(1, 2, 1_000, 2_000_000_000),
      alpha: fc.option(fc.oneof(extreme, fc.constantFrom(0.0001, 0.5)), { freq: 2 }),
      power: fc.option(fc.oneof(extreme, fc.constantFrom(0.5, 0.999)), { freq: 2 }),
      covariateCorrelation: fc.option(extreme, { freq: 2 }),
      direction: fc.constantFrom('INCREASE' as const, 'DECREASE' as const, null),
      weightsBasisPoints,
    })
    .chain((rest) => method.map((decision) => ({ ...rest, ...decision })))

  test.each([
    ['planSampleSize', planSampleSize],
    ['planPower', planPower],
    ['planEffect', planEffect],
  ])('%s', (_name, plan: (input: PlanSampleSizeInput & PlanEffectInput) => object) => {
    fc.assert(
      fc.property(input, (drawn) => {
        const numbers = Object.values(planned(() => plan(drawn)) ?? {}).flat()
        for (const number of numbers) expect(number === null || Number.isFinite(number)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

/** @returns null where the plan is refused by one of our own errors */
function planned<Plan>(plan: () => Plan): Plan | null {
  try {
    return plan()
  } catch (error) {
    expect(['NOT_PLANNABLE', 'BAD_USER_INPUT']).toContain((error as DomainError).code)
    return null
  }
}

function refused(plan: () => object): DomainError {
  try {
    plan()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('It was planned.')
}
