import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { normalDraw, seededRandom } from '../../src/cli/simulation/random.ts'
import { meanDifference } from '../../src/statistics/comparison.ts'
import { fixedHorizonTest } from '../../src/statistics/fixed-horizon-test.ts'
import { isComputable, NotComputable } from '../../src/statistics/not-computable.ts'
import {
  estimateClusteredQuantile,
  MANY_LOOKS_REACH,
  quantileBounds,
} from '../../src/statistics/quantile/quantile-estimate.ts'
import {
  addHistograms,
  bucketBounds,
  bucketOf,
  histogramOf,
  histogramQuantile,
  ValueCounter,
  valueBelow,
} from '../../src/statistics/quantile/value-histogram.ts'
import type { ArmEstimate } from '../../src/statistics/sample-summary.ts'
import { confidenceSequence } from '../../src/statistics/sequential/confidence-sequence.ts'
import { computed } from '../support/computed.ts'

/** Units with a level of their own, so that their values cluster. */
function clusteredUnits(count: number, seed: number): number[][] {
  const random = seededRandom(seed)
  const normal = () => normalDraw(random)
  return Array.from({ length: count }, () => {
    const level = normal()
    return Array.from({ length: Math.floor(random() * 8) }, () => 120 * Math.exp(0.6 * level + 0.5 * normal()))
  })
}

/** The same quantile from the values themselves. */
function exactQuantile(units: readonly number[][], quantile: number): ArmEstimate {
  const values = units.flat().sort((a, b) => a - b)
  const at = (share: number) => values[Math.ceil(share * values.length) - 1]!
  const bounds = quantileBounds(quantile, values.length, MANY_LOOKS_REACH)
  const value = at(quantile)
  const counts = units.map((each) => each.length)
  const below = units.map((each) => each.filter((one) => one <= value).length)
  const sum = (terms: readonly number[]) => terms.reduce((total, term) => total + term, 0)
  const estimate = estimateClusteredQuantile(
    { count: values.length, boundsCount: values.length, value, lower: at(bounds.lower), upper: at(bounds.upper) },
    quantile,
    {
      count: units.length,
      numeratorSum: sum(below),
      numeratorSumOfSquares: sum(below.map((n) => n * n)),
      denominatorSum: sum(counts),
      denominatorSumOfSquares: sum(counts.map((n) => n * n)),
      crossProduct: sum(below.map((n, index) => n * counts[index]!)),
    },
    MANY_LOOKS_REACH,
  )
  return computed(estimate)
}

describe('a quantile of clustered values from their histogram', () => {
  it.each([0.1, 0.5, 0.9, 0.95, 0.99])('at %d is that of the values to 1 %, with the same variance', (quantile) => {
    const units = clusteredUnits(4_000, 7)
    const exact = exactQuantile(units, quantile)
    const estimate = computed(histogramQuantile(histogramOf(units), quantile))
    expect(estimate.units).toBe(4_000)
    expect(Math.abs(estimate.mean / exact.mean - 1)).toBeLessThan(0.01)
    const variance = estimate.unitVariance / estimate.units
    expect(Math.abs(variance / (exact.unitVariance / exact.units) - 1)).toBeLessThan(0.1)
  })

  it('has the variance that repeated samples show', () => {
    const estimates = Array.from({ length: 400 }, (_, seed) =>
      histogramQuantile(histogramOf(clusteredUnits(1_000, seed)), 0.9),
    ).filter(isComputable)
    expect(estimates).toHaveLength(400)
    const mean = estimates.reduce((sum, each) => sum + each.mean, 0) / 400
    const spread = estimates.reduce((sum, each) => sum + (each.mean - mean) ** 2, 0) / 399
    const claimed = estimates.reduce((sum, each) => sum + each.unitVariance / each.units, 0) / 400
    // The Monte-Carlo error of a variance from 400 samples is 7 %.
    expect(claimed / spread).toBeGreaterThan(0.8)
    expect(claimed / spread).toBeLessThan(1.25)
  })

  it('says why it does not exist', () => {
    const codeOf = (units: number[][]) => {
      const answer = histogramQuantile(histogramOf(units), 0.5)
      return answer instanceof NotComputable ? answer.code : null
    }
    expect(codeOf([])).toBe('NO_UNITS')
    expect(codeOf([[], []])).toBe('NO_VALUES')
    expect(codeOf([[1, 2, 3]])).toBe('INSUFFICIENT_VALUES')
  })
})

/** Units with one value each, that are 1 or 5. */
function onesAndFives(ones: number, fives: number): ArmEstimate {
  return computed(histogramQuantile(histogramOf([...Array(ones).fill([1]), ...Array(fives).fill([5])]), 0.5))
}

function standardErrorsBetween(control: ArmEstimate, treatment: ArmEstimate): number {
  const variance = control.unitVariance / control.units + treatment.unitVariance / treatment.units
  return (treatment.mean - control.mean) / Math.sqrt(variance)
}

describe('values that are tied', () => {
  it('make no difference where the quantile of both arms is the same value', () => {
    const [control, treatment] = [onesAndFives(1_200, 1_800), onesAndFives(900, 2_100)]
    const difference = meanDifference(control, treatment)
    expect(Math.abs(difference.estimate)).toBeLessThan(0.05)
    expect(computed(fixedHorizonTest(difference, 0.05)).pValue).toBeGreaterThan(0.15)
    expect(computed(confidenceSequence(difference, 0.05, 6_000)).pValue).toBeGreaterThan(0.15)
  })

  it('leave arms within a bucket at most √2 standard errors apart, and arms of one value far from another', () => {
    const tied = fc.tuple(
      fc.integer({ min: 20, max: 900 }),
      fc.integer({ min: 20, max: 900 }),
      fc.constantFrom(0.1, 0.5, 0.9),
    )
    fc.assert(
      fc.property(tied, tied, ([below, above, share], [otherBelow, otherAbove]) => {
        const estimateOf = (low: number, high: number) =>
          histogramQuantile(
            histogramOf([...Array(low).fill([1]), ...Array(1_000).fill([5]), ...Array(high).fill([9])]),
            share,
          )
        const [control, treatment] = [estimateOf(below, above), estimateOf(otherBelow, otherAbove)]
        if (!isComputable(control) || !isComputable(treatment)) return
        fc.pre(bucketOf(control.mean) === bucketOf(treatment.mean))
        expect(Math.abs(standardErrorsBetween(control, treatment))).toBeLessThanOrEqual(Math.SQRT2 * (1 + 1e-12))
      }),
    )
    const apart = meanDifference(onesAndFives(1_800, 1_200), onesAndFives(1_200, 1_800))
    expect(computed(confidenceSequence(apart, 0.05, 6_000)).pValue).toBeLessThan(1e-6)
  })

  it('tell arms on both sides of a gap apart no better than the shares below the gap do', () => {
    for (const ones of [1_470, 1_440, 1_420, 1_400]) {
      const z = standardErrorsBetween(onesAndFives(3_000 - ones, ones), onesAndFives(ones, 3_000 - ones))
      const ofShares = (3_000 - 2 * ones) / 3_000 / Math.sqrt(0.5 / 3_000)
      // The distances at which a gap is looked for lie 11 % apart.
      expect(z).toBeLessThan(1.11 * Math.max(ofShares, Math.SQRT2))
      expect(z).toBeGreaterThan(0.9 * Math.min(ofShares, Math.SQRT2))
    }
  })

  it.each([
    ['one half of each', 0.5, (random: () => number) => (random() < 0.5 ? 1 : 5)],
    ['a rare one between', 0.5, (random: () => number) => [4, 5, 4.5][random() < 0.98 ? Math.round(random()) : 2]!],
  ])('are no difference without one, at all looks together: %s', (_, quantile, draw) => {
    let significant = 0
    for (let run = 0; run < 100; run++) {
      const random = seededRandom(run)
      const [control, treatment] = [new ValueCounter(), new ValueCounter()]
      let isEver = false
      for (let look = 1; look <= 40; look++) {
        for (const arm of [control, treatment]) for (let unit = 0; unit < 25; unit++) arm.add([draw(random)])
        const [c, t] = [histogramQuantile(control, quantile), histogramQuantile(treatment, quantile)]
        if (!isComputable(c) || !isComputable(t) || control.values < 225) continue
        const answer = confidenceSequence(meanDifference(c, t), 0.05, 2_000)
        isEver ||= isComputable(answer) && answer.pValue <= 0.05
      }
      if (isEver) significant++
    }
    // Of 100 runs at most 5 are expected; beyond 11 lie 0.4 %.
    expect(significant).toBeLessThanOrEqual(11)
  })
})

const value = fc.oneof(
  fc.double({ min: -1e12, max: 1e12, noNaN: true }),
  fc.constantFrom(0, 1, -1, 1e-9, 1e-12, 1e12, -1e12, 100),
)
const units = fc.array(fc.array(value, { maxLength: 30 }), { maxLength: 60 })

test('a value lies within the bounds of its bucket, and buckets follow each other', () => {
  fc.assert(
    fc.property(value, (one) => {
      const { lower, upper } = bucketBounds(bucketOf(one))
      const slack = Math.abs(one) * 1e-12 + 1e-9
      expect(one).toBeGreaterThanOrEqual(lower - slack)
      expect(one).toBeLessThanOrEqual(upper + slack)
    }),
  )
})

test('histograms of parts add up to that of the whole', () => {
  fc.assert(
    fc.property(units, units, (a, b) => {
      const both = addHistograms(histogramOf(a).histogram, histogramOf(b).histogram)
      expect(both).toEqual(histogramOf([...a, ...b]).histogram)
    }),
  )
})

test('a larger share lies below a larger value', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(units, share, share, (given, one, other) => {
      const { histogram } = histogramOf(given)
      const [low, high] = [valueBelow(histogram, Math.min(one, other)), valueBelow(histogram, Math.max(one, other))]
      if (low === null || high === null) expect(given.flat()).toEqual([])
      else expect(low).toBeLessThanOrEqual(high)
    }),
  )
})

test('is total: an estimate with finite numbers, or a reason', () => {
  const many = fc.array(fc.array(value, { minLength: 1, maxLength: 30 }), {
    minLength: 40,
    maxLength: 120,
    size: 'max',
  })
  const quantile = fc.oneof(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.constantFrom(0.5, 0.95))
  fc.assert(
    fc.property(fc.oneof(units, many), quantile, (given, share) => {
      const answer = histogramQuantile(histogramOf(given), share)
      if (!isComputable(answer)) return
      expect(Number.isFinite(answer.mean)).toBe(true)
      expect(Number.isFinite(answer.unitVariance) && answer.unitVariance >= 0).toBe(true)
    }),
  )
})

test.each([0, 1, -1, Number.NaN])('refuses the quantile %d', (quantile) => {
  expect(() => histogramQuantile(histogramOf([[1]]), quantile)).toThrow(RangeError)
})
