import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { probabilityOfBeingBest } from '../../src/statistics/bandit/probability-of-being-best.ts'
import { chancesToBeBest, type DifferenceBelief } from '../../src/statistics/bayesian/chance-to-be-best.ts'
import { normalEffect } from '../../src/statistics/bayesian/normal-effect.ts'
import { normalPosterior } from '../../src/statistics/special-functions/posteriors.ts'
import { superiority } from '../../src/statistics/special-functions/superiority.ts'
import { unsoundIn } from './properties/unsound.ts'

const deviation = fc.double({ min: 0.05, max: 20, noNaN: true })
const arm = fc.record({ mean: fc.double({ min: -10, max: 10, noNaN: true }), standardDeviation: deviation })
const arms = fc.array(arm, { minLength: 2, maxLength: 6 })
const sumOf = (chances: readonly number[]) => chances.reduce((sum, chance) => sum + chance, 0)

type Arm = { mean: number; standardDeviation: number }

/** What independent arms say of the differences from one of them. */
function differencesFrom(control: Arm, others: readonly Arm[]): DifferenceBelief[] {
  const controlVariance = control.standardDeviation ** 2
  return others.map(({ mean, standardDeviation }) => ({
    mean: mean - control.mean,
    variance: controlVariance + standardDeviation ** 2,
    controlVariance,
  }))
}

describe('chancesToBeBest', () => {
  test('has the chances of the bivariate normal distribution', () => {
    // P(both differences < 0) = 1/4 + asin(ρ)/2π (Sheppard 1899), ρ being what they share of their variance.
    for (const [variance, share] of [
      [2, 1 / 2],
      [4, 1 / 4],
      [1.25, 4 / 5],
    ] as const) {
      const [control, b, c] = chancesToBeBest([
        { mean: 0, variance, controlVariance: 1 },
        { mean: 0, variance, controlVariance: 1 },
      ])
      expect(control).toBeCloseTo(1 / 4 + Math.asin(share) / (2 * Math.PI), 13)
      expect(b).toBeCloseTo(c!, 13)
    }
  })

  test('has the chances that scipy 1.17.1 integrates', () => {
    const differences = differencesFrom({ mean: 0, standardDeviation: 1 }, [
      { mean: 0.5, standardDeviation: Math.SQRT2 },
      { mean: 1, standardDeviation: Math.sqrt(5) },
    ])
    for (const [index, chance] of [0.1658004002421282, 0.32733805830307494, 0.5068615414547968].entries()) {
      expect(chancesToBeBest(differences)[index]).toBeCloseTo(chance, 12)
    }
  })

  test('of one treatment is that of the belief about the difference', () => {
    fc.assert(
      fc.property(arm, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (effect, share, isDecreaseWanted) => {
        const { mean, standardDeviation } = effect
        const { chanceToWin } = normalEffect(
          { estimate: mean, standardError: standardDeviation },
          null,
          0.05,
          isDecreaseWanted,
        )
        const variance = standardDeviation ** 2
        const chances = chancesToBeBest([{ mean, variance, controlVariance: share * variance }], isDecreaseWanted)
        expect(Math.abs(chances[1]! - chanceToWin)).toBeLessThan(1e-9)
        expect(Math.abs(sumOf(chances) - 1)).toBeLessThan(1e-12)
      }),
    )
  })

  test('sums to 1, and does not depend on which arm the others are compared with, nor on their order', () => {
    fc.assert(
      fc.property(arms, fc.boolean(), ([first, ...others], isDecreaseWanted) => {
        const chances = chancesToBeBest(differencesFrom(first!, others), isDecreaseWanted)
        expect(Math.abs(sumOf(chances) - 1)).toBeLessThan(1e-12)
        const [last, ...rest] = [first!, ...others].reverse()
        const swapped = chancesToBeBest(differencesFrom(last!, rest), isDecreaseWanted).reverse()
        for (const [index, chance] of chances.entries()) expect(Math.abs(chance - swapped[index]!)).toBeLessThan(1e-9)
      }),
    )
  })

  test('of the lowest is that of the highest of the mirrored', () => {
    fc.assert(
      fc.property(arms, ([control, ...others]) => {
        const differences = differencesFrom(control!, others)
        const mirrored = differences.map((difference) => ({ ...difference, mean: -difference.mean }))
        const chances = chancesToBeBest(mirrored)
        for (const [index, chance] of chancesToBeBest(differences, true).entries()) {
          expect(Math.abs(chance - chances[index]!)).toBeLessThan(1e-12)
        }
      }),
    )
  })

  test('rises with the mean of a treatment, at the cost of every other variant', () => {
    fc.assert(
      fc.property(arms, deviation, ([control, ...others], gain) => {
        const [better, ...rest] = differencesFrom(control!, others)
        const [before, after] = [better!.mean, better!.mean + gain].map((mean) =>
          chancesToBeBest([{ ...better!, mean }, ...rest]),
        )
        expect(after![1]! - before![1]!).toBeGreaterThan(-1e-12)
        for (const index of after!.keys()) if (index !== 1) expect(after![index]! - before![index]!).toBeLessThan(1e-12)
      }),
    )
  })

  test('knows arms that do not vary, and takes no more for common than every difference has', () => {
    const certain = { mean: 1, variance: 4, controlVariance: 4 }
    const surer = { mean: 2, variance: 4, controlVariance: 4 }
    const [control, b, c] = chancesToBeBest([certain, surer])
    // The treatments are always 1 and 2 above zero, and the control somewhere around it: P(N(0, 2²) > 2).
    expect([b, control, c]).toEqual([
      0,
      expect.closeTo(0.15865525393145707, 12),
      expect.closeTo(0.8413447460685429, 12),
    ])
    const unshared = chancesToBeBest([certain, { mean: 1, variance: 4, controlVariance: 0 }])
    expect(unshared[1]).toBeCloseTo(unshared[2]!, 12)
  })

  test('is total over its domain, and refuses what is outside', () => {
    const belief = fc
      .record({
        mean: fc.double({ noNaN: true, noDefaultInfinity: true }),
        variance: fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      })
      .map(({ share, ...rest }) => ({ ...rest, controlVariance: share * rest.variance }))
    fc.assert(
      fc.property(fc.array(belief, { maxLength: 4 }), fc.boolean(), (differences, isDecreaseWanted) => {
        const chances = chancesToBeBest(differences, isDecreaseWanted)
        expect(unsoundIn(chances, [])).toEqual([])
        expect(chances).toHaveLength(differences.length + 1)
        expect(Math.abs(sumOf(chances) - 1)).toBeLessThan(1e-9)
      }),
      { numRuns: 300 },
    )
    const good = { mean: 0, variance: 1, controlVariance: 0.5 }
    for (const bad of [
      { mean: NaN },
      { variance: 0 },
      { variance: Infinity },
      { controlVariance: 2 },
      { controlVariance: -1 },
    ]) {
      expect(() => chancesToBeBest([{ ...good, ...bad }])).toThrow(RangeError)
    }
  })
})

test('normal arms have by the trapezoidal rule the chances that panels of Gauss–Legendre nodes give', () => {
  fc.assert(
    fc.property(arms, fc.boolean(), (given, minimise) => {
      const panels = superiority(
        given.map(({ mean, standardDeviation }) => normalPosterior(mean, standardDeviation)),
        minimise,
      )
      for (const [index, chance] of probabilityOfBeingBest(given, minimise).entries()) {
        expect(Math.abs(chance - panels[index]!)).toBeLessThan(1e-12)
      }
    }),
  )
})
