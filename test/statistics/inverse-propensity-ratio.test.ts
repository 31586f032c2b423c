import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/cli/simulation/random.ts'
import { inversePropensityRatio } from '../../src/statistics/bandit/inverse-propensity-ratio.ts'
import { NotComputable } from '../../src/statistics/not-computable.ts'
import { computed } from '../support/computed.ts'

/** The mean of values, each with the propensity of its unit. */
function meanOf(units: ReadonlyArray<readonly [value: number, propensity: number]>) {
  const sum = (of: (value: number, weight: number) => number) =>
    units.reduce((total, [value, propensity]) => total + of(value, 1 / propensity), 0)
  return inversePropensityRatio({
    units: units.length,
    weightedNumerator: sum((value, weight) => value * weight),
    weightedDenominator: sum((_, weight) => weight),
    squaredNumerator: sum((value, weight) => (value * weight) ** 2),
    squaredDenominator: sum((_, weight) => weight ** 2),
    crossProduct: sum((value, weight) => value * weight ** 2),
  })
}

function unitsOf(draw: (random: () => number) => number): Array<[number, number]> {
  const random = seededRandom(3)
  return Array.from({ length: 2_000 }, () => [draw(random), 0.01 + 0.98 * random()])
}

describe('a mean weighted by inverse propensities', () => {
  it('has the variance of its residuals, the rarest units weighing most', () => {
    const units = unitsOf((random) => (random() < 0.3 ? 12 : 0))
    const { mean, unitVariance } = computed(meanOf(units))
    const weights = units.reduce((sum, [, propensity]) => sum + 1 / propensity, 0)
    const squares = units.reduce((sum, [value, propensity]) => sum + ((value - mean) / propensity) ** 2, 0)
    expect(unitVariance / ((units.length * squares) / weights ** 2)).toBeCloseTo(1, 10)
  })

  it('has no spread where all values are alike', () => {
    for (const value of [0, 1, 64]) {
      expect(computed(meanOf(unitsOf(() => value)))).toEqual({ units: 2_000, mean: value, unitVariance: 0 })
    }
  })

  it('says so where rounding hides the spread, instead of taking rounding for it', () => {
    const answer = meanOf(unitsOf((random) => 1e9 + 0.01 * random()))
    expect((answer as NotComputable).code).toBe('PRECISION_LOST')
    expect(computed(meanOf(unitsOf((random) => 1e3 + random()))).unitVariance).toBeGreaterThan(0)
  })

  it('needs two units', () => {
    expect((meanOf([[3, 0.5]]) as NotComputable).code).toBe('INSUFFICIENT_UNITS')
    expect(meanOf([])).toEqual(new NotComputable('NO_UNITS'))
  })
})
