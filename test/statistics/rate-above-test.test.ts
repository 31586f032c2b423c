import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binomialDraw, seededRandom } from '../../src/cli/simulation/random.ts'
import { rateAboveTest, rateLowerLimit } from '../../src/statistics/sequential/rate-above-test.ts'

describe('rateAboveTest', () => {
  it('has the e-value of its integral, by Simpson over a fine grid', () => {
    for (const [units, conversions, threshold] of [
      [10, 3, 0.05],
      [500, 40, 0.05],
      [2_000, 40, 0.02],
      [50, 49, 0.9],
    ] as const) {
      const b = (1 - threshold) / threshold
      const panels = 200_000
      const width = (1 - threshold) / panels
      const ratio = (p: number) =>
        b *
        (1 - p) ** (b - 1) *
        Math.exp(conversions * Math.log(p / threshold) + (units - conversions) * Math.log((1 - p) / (1 - threshold)))
      let sum = 0
      for (let panel = 0; panel < panels; panel++) {
        const at = threshold + panel * width
        sum += (width / 6) * (ratio(at) + 4 * ratio(at + width / 2) + (panel < panels - 1 ? ratio(at + width) : 0))
      }
      const integral = Math.log(sum) - b * Math.log1p(-threshold)
      expect(rateAboveTest(units, conversions, threshold).logEValue).toBeCloseTo(integral, 3)
    }
  })

  it('has a limit that is above the threshold exactly when the test rejects', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.double({ min: 1e-6, max: 0.4, noNaN: true }),
        (units, share, threshold, alpha) => {
          const conversions = Math.round(share * units)
          const { pValue } = rateAboveTest(units, conversions, threshold)
          const lowerLimit = rateLowerLimit(units, conversions, threshold, alpha)
          expect(pValue).toBeGreaterThanOrEqual(0)
          expect(pValue).toBeLessThanOrEqual(1)
          expect(lowerLimit).toBeLessThanOrEqual(conversions / units)
          if (Math.abs(pValue / alpha - 1) > 1e-6) expect(lowerLimit > threshold).toBe(pValue < alpha)
        },
      ),
      { seed: 7, numRuns: 300 },
    )
  })

  it('rejects at most alpha of the runs at the threshold, looked at after every unit', () => {
    const random = seededRandom(11)
    let rejected = 0
    for (let run = 0; run < 1_000; run++) {
      let conversions = 0
      for (let unit = 1; unit <= 300; unit++) {
        conversions += binomialDraw(random, 1, 0.1)
        if (conversions > unit * 0.1 && rateAboveTest(unit, conversions, 0.1).pValue <= 0.1) {
          rejected++
          break
        }
      }
    }
    expect(rejected).toBeGreaterThan(20)
    expect(rejected).toBeLessThanOrEqual(120)
  })

  it('refuses what is no rate', () => {
    expect(() => rateAboveTest(1, 2, 0.5)).toThrow(RangeError)
    expect(() => rateAboveTest(1, 1, 0)).toThrow(RangeError)
    expect(() => rateLowerLimit(1, 1, 0.5, 1)).toThrow(RangeError)
  })
})
