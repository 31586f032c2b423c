import { describe, expect, test } from 'vitest'
import { calibratePopulation } from '../../src/cli/calibration/calibrate-population.ts'
import { brokenClaims } from '../../src/cli/calibration/claims.ts'
import { POPULATIONS } from '../../src/cli/calibration/population.ts'

const options = { runs: 400, looks: 100, alpha: 0.05, seed: 7 }

describe.each(POPULATIONS.filter(({ fixedUnits }) => fixedUnits < 10_000))('$name', (population) => {
  const calibrations = calibratePopulation(population, options)
  const of = (method: string) => calibrations.find((one) => one.method.startsWith(method))!

  test('keeps the promises', () => {
    expect(brokenClaims(calibrations, options.alpha)).toEqual([])
  })

  test('the confidence sequence covers at all looks, and one look does at one', () => {
    for (const { value, error } of [of('ALWAYS_VALID').coverage, of('FIXED_HORIZON').coverage]) {
      expect(value + 3 * error).toBeGreaterThan(0.95)
    }
  })

  test('each design has the power it was planned for', () => {
    for (const { power, method } of calibrations) {
      expect(power.value + 4 * power.error, method).toBeGreaterThan(0.8)
    }
  })

  test('peeking at a fixed-horizon test is caught', () => {
    expect(of('FIXED_HORIZON').manyLooks.value).toBeGreaterThan(0.15)
  })
})

test('a broken promise is named', () => {
  const [population] = POPULATIONS
  const calibrations = calibratePopulation(population!, { ...options, runs: 50 })
  const peeking = calibrations.map((one) => ({
    ...one,
    method: 'ALWAYS_VALID',
    manyLooks: { value: 0.3, error: 0.01 },
  }))
  expect(brokenClaims(peeking, 0.05)[0]).toContain('0.3 false positives exceed alpha')
})
