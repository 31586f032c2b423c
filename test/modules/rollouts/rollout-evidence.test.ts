import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ArmSummary } from '../../../src/modules/rollouts/arm-summary.ts'
import type { HealthRule } from '../../../src/modules/rollouts/health-check.ts'
import {
  assessHealth,
  evidenceOf,
  isReproduced,
  type Look,
  type WatchedCheck,
} from '../../../src/modules/rollouts/rollout-evidence.ts'

const NOW = new Date('2026-03-01T12:00:00.123Z')
const LOOK: Look = { alpha: 0.05, windowNumber: 3, now: NOW, isEverybody: false, maximumSampleAgeSeconds: 300 }

const rate: fc.Arbitrary<ArmSummary> = fc
  .tuple(fc.nat({ max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([units, share]) => ({ kind: 'RATE', units, conversions: Math.round(units * share) }))
const mean: fc.Arbitrary<ArmSummary> = fc
  .tuple(
    fc.nat({ max: 1e6 }),
    fc.double({ min: 0, max: 1e4, noNaN: true }),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
  )
  .map(([count, value, variance]) => ({
    kind: 'MEAN',
    count,
    sum: count * value,
    sumOfSquares: count * (value * value + variance),
  }))
const watched: fc.Arbitrary<WatchedCheck> = fc.boolean().chain((isRate) =>
  fc
    .record({
      treatment: fc.option(isRate ? rate : mean),
      control: fc.option(isRate ? rate : mean),
      newestAt: fc.option(fc.constant(NOW)),
      rule: fc.record({
        signal: fc.constant(isRate ? ('ERROR_RATE' as const) : ('LATENCY' as const)),
        comparison: fc.constantFrom<HealthRule['comparison'][]>('THRESHOLD', 'CONTROL'),
        isHigherWorse: fc.boolean(),
        limit: isRate ? fc.double({ min: 0.01, max: 0.9, noNaN: true }) : fc.double({ min: 1, max: 1e4, noNaN: true }),
        quantile: fc.constant(null),
        minimumSample: fc.integer({ min: 1, max: 1_000 }),
        onFailure: fc.constantFrom<HealthRule['onFailure'][]>('ROLL_BACK', 'PAUSE'),
      }),
    })
    .map(({ rule, ...data }) => ({ key: 'check', rule, data })),
)

it('judging stored evidence again gives every number the same; another number in it is noticed', () => {
  fc.assert(
    fc.property(fc.array(watched, { minLength: 1, maxLength: 4 }), (checks) => {
      const assessment = assessHealth(checks, LOOK)
      for (const { bound, treatmentEstimate } of assessment.checks) {
        expect([bound, treatmentEstimate].every((value) => value === null || Number.isFinite(value))).toBe(true)
      }
      const stored = JSON.parse(JSON.stringify(evidenceOf(checks, LOOK, assessment)))
      expect(isReproduced(stored)).toBe(true)
      expect(isReproduced({ ...stored, look: { ...stored.look, windowNumber: 4 } })).toBe(false)
    }),
    { seed: 3, numRuns: 400 },
  )
})
