import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { manyLooks } from '../../../src/cli/calibration/methods.ts'
import { RateArm } from '../../../src/cli/calibration/simulated-arms.ts'
import { seededRandom } from '../../../src/cli/simulation/random.ts'
import { type Difference, meanDifference, proportionDifference } from '../../../src/statistics/comparison.ts'
import { fixedHorizonTest } from '../../../src/statistics/fixed-horizon-test.ts'
import { type Margin, type MarginDistance, marginDistance } from '../../../src/statistics/guardrails/margin-distance.ts'
import {
  alwaysValidMarginTest,
  fixedMarginTest,
  type MarginTest,
} from '../../../src/statistics/guardrails/margin-test.ts'
import { isComputable, type NotComputable } from '../../../src/statistics/not-computable.ts'
import { relativeLift } from '../../../src/statistics/relative-lift.ts'
import { estimateMean, estimateProportion } from '../../../src/statistics/sample-summary.ts'
import { isRatePastBurnIn } from '../../../src/statistics/sequential/burn-in.ts'
import { cuped } from '../../../src/statistics/variance-reduction/cuped.ts'
import { cupedOf, isClose, mixedProportion, pairs, someValues, summaryOf } from './arbitraries.ts'
import { unsoundIn } from './unsound.ts'

const level = fc.constantFrom(0.001, 0.01, 0.025, 0.05, 0.1)
const direction = fc.constantFrom('INCREASE', 'DECREASE')
const margin: fc.Arbitrary<Margin> = fc.record({
  value: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 3, noNaN: true })),
  scale: fc.constantFrom('ABSOLUTE', 'RELATIVE'),
})

const TESTS: Array<[string, (distance: MarginDistance, alpha: number) => MarginTest | NotComputable]> = [
  ['at one look', fixedMarginTest],
  ['at every look', (distance, alpha) => alwaysValidMarginTest(distance, alpha, 5_000)],
]

const means = fc
  .tuple(someValues, someValues)
  .map(([a, b]) => [estimateMean(summaryOf(a)), estimateMean(summaryOf(b))] as const)
const rates = fc
  .tuple(mixedProportion, mixedProportion)
  .map(([a, b]) => [estimateProportion(a.units, a.conversions), estimateProportion(b.units, b.conversions)] as const)

const difference: fc.Arbitrary<Difference | null> = fc.oneof(
  means.map(([a, b]) => (isComputable(a) && isComputable(b) ? meanDifference(a, b) : null)),
  rates.map(([a, b]) => (isComputable(a) && isComputable(b) ? proportionDifference(a, b) : null)),
  fc.tuple(pairs, pairs).map(([a, b]) => {
    const adjusted = cuped(cupedOf(a), cupedOf(b))
    return isComputable(adjusted) ? adjusted.difference : null
  }),
)

describe.each(TESTS)('a margin, tested %s', (_, ask) => {
  test('has numbers, or a reason why not, whatever the arms', () => {
    fc.assert(
      fc.property(difference, margin, direction, level, (compared, tolerated, good, alpha) => {
        fc.pre(compared !== null)
        const distance = marginDistance(compared, tolerated, good)
        expect(unsoundIn(distance, ['degreesOfFreedom'])).toEqual([])
        if (isComputable(distance)) expect(unsoundIn(ask(distance, alpha), [])).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  test('is inside or beyond exactly when the p-value says so, and never both', () => {
    fc.assert(
      fc.property(difference, margin, direction, level, (compared, tolerated, good, alpha) => {
        const distance = compared && marginDistance(compared, tolerated, good)
        const shown = distance && isComputable(distance) && ask(distance, alpha)
        fc.pre(!!shown && isComputable(shown))
        // Not on the very boundary, where rounding decides.
        fc.pre([shown.pValue, shown.pValueBeyond].every((p) => !isClose(p, alpha, 1e-9)))
        expect(shown.isInside).toBe(shown.pValue <= alpha)
        expect(shown.isBeyond).toBe(shown.pValueBeyond <= alpha)
        expect(shown.isInside && shown.isBeyond).toBe(false)
        expect(shown.lower).toBeLessThanOrEqual(distance.estimate)
        expect(shown.upper).toBeGreaterThanOrEqual(distance.estimate)
      }),
      { numRuns: 500 },
    )
  })

  test('stays the same when the arms are swapped together with the good direction', () => {
    fc.assert(
      fc.property(means, fc.double({ min: 0, max: 100, noNaN: true }), level, ([a, b], value, alpha) => {
        fc.pre(isComputable(a) && isComputable(b))
        const absolute: Margin = { value, scale: 'ABSOLUTE' }
        const one = marginDistance(meanDifference(a, b), absolute, 'INCREASE')
        const other = marginDistance(meanDifference(b, a), absolute, 'DECREASE')
        fc.pre(isComputable(one) && isComputable(other))
        expectSame(ask(one, alpha), ask(other, alpha), 1)
      }),
    )
  })

  test('scales with the unit of the metric', () => {
    const scales = fc.constantFrom(0.01, 1 / 3, 60, 1_000)
    fc.assert(
      fc.property(someValues, someValues, margin, direction, level, scales, (a, b, tolerated, good, alpha, scale) => {
        const ask1 = (unit: number) => {
          const [c, t] = [a, b].map((sample) => estimateMean(summaryOf(sample.map((value) => value * unit))))
          if (!isComputable(c!) || !isComputable(t!)) return null
          const value = tolerated.scale === 'ABSOLUTE' ? tolerated.value * unit : tolerated.value
          const distance = marginDistance(meanDifference(c, t), { ...tolerated, value }, good)
          return isComputable(distance) ? ask(distance, alpha) : null
        }
        const [one, other] = [ask1(1), ask1(scale)]
        fc.pre(!!one && !!other && isComputable(one) && isComputable(other))
        expectSame(one, other, scale)
      }),
    )
  })
})

test('an absolute margin agrees with the interval of the difference', () => {
  fc.assert(
    fc.property(means, fc.double({ min: 0, max: 1_000, noNaN: true }), level, ([a, b], value, alpha) => {
      fc.pre(isComputable(a) && isComputable(b))
      const compared = meanDifference(a, b)
      const fixed = fixedHorizonTest(compared, 2 * alpha)
      const distance = marginDistance(compared, { value, scale: 'ABSOLUTE' }, 'INCREASE')
      const shown = isComputable(distance) && fixedMarginTest(distance, alpha)
      fc.pre(isComputable(fixed) && !!shown && isComputable(shown))
      expect(isClose(shown.lower, fixed.interval.lower + value, 1e-9, 1e-9 * value)).toBe(true)
      expect(isClose(shown.upper, fixed.interval.upper + value, 1e-9, 1e-9 * value)).toBe(true)
    }),
  )
})

test('a relative margin agrees with the interval of the lift by Fieller', () => {
  fc.assert(
    fc.property(means, fc.double({ min: 0, max: 1.5, noNaN: true }), level, ([a, b], value, alpha) => {
      fc.pre(isComputable(a) && isComputable(b))
      const compared = meanDifference(a, b)
      const fixed = fixedHorizonTest(compared, 2 * alpha)
      fc.pre(isComputable(fixed))
      const lift = relativeLift(compared, fixed.criticalValue, 2 * alpha)
      const distance = marginDistance(compared, { value, scale: 'RELATIVE' }, 'INCREASE')
      const shown = isComputable(distance) && fixedMarginTest(distance, alpha)
      fc.pre(isComputable(lift) && isComputable(lift.interval) && !!shown && isComputable(shown))
      fc.pre(!isClose(lift.interval.lower, -value, 1e-6) && !isClose(lift.interval.upper, -value, 1e-6))
      expect(shown.isInside).toBe(lift.interval.lower > -value)
      expect(shown.isBeyond).toBe(lift.interval.upper < -value)
    }),
    { numRuns: 500 },
  )
})

test.each([
  [0.05, 0.07, 0.5, { value: 0.02, scale: 'ABSOLUTE' }],
  [0.05, 0.07, 0.9, { value: 0.02, scale: 'ABSOLUTE' }],
  [0.05, 0.06, 0.1, { value: 0.2, scale: 'RELATIVE' }],
] as const)('looked at 200 times on the margin itself, %d against %d, it is seldom wrong', (c, t, share, tolerated) => {
  const runs = 300
  const wrong = { isInside: 0, isBeyond: 0 }
  const fractions = manyLooks(200)
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(run)
    const [control, treatment] = [new RateArm(c), new RateArm(t)]
    const seen = { isInside: false, isBeyond: false }
    for (const fraction of fractions) {
      const units = Math.ceil(20_000 * fraction)
      control.add(random, Math.max(0, Math.round(units * share) - control.units))
      treatment.add(random, Math.max(0, units - Math.round(units * share) - treatment.units))
      if (!isRatePastBurnIn(control) || !isRatePastBurnIn(treatment)) continue
      const [a, b] = [control.estimate(), treatment.estimate()]
      const distance =
        isComputable(a) && isComputable(b) && marginDistance(proportionDifference(a, b), tolerated, 'DECREASE')
      const shown = distance && isComputable(distance) && alwaysValidMarginTest(distance, 0.05)
      if (!shown || !isComputable(shown)) continue
      seen.isInside ||= shown.isInside
      seen.isBeyond ||= shown.isBeyond
    }
    wrong.isInside += Number(seen.isInside)
    wrong.isBeyond += Number(seen.isBeyond)
  }
  // 0.05 and three standard errors of 300 runs.
  for (const count of Object.values(wrong)) expect(count / runs).toBeLessThan(0.088)
})

function expectSame(one: MarginTest | NotComputable, other: MarginTest | NotComputable, scale: number): void {
  expect(isComputable(one)).toBe(isComputable(other))
  if (!isComputable(one) || !isComputable(other)) return
  const size = 1e-7 * (Math.abs(one.lower) + Math.abs(one.upper))
  expect(isClose(one.lower * scale, other.lower, 1e-7, size * scale)).toBe(true)
  expect(isClose(one.upper * scale, other.upper, 1e-7, size * scale)).toBe(true)
  expect(isClose(one.pValue, other.pValue, 1e-6)).toBe(true)
  expect(isClose(one.pValueBeyond, other.pValueBeyond, 1e-6)).toBe(true)
}
