import { describe, expect, test } from 'vitest'
import { runCase } from '../../src/cli/vectors/run-case.ts'
import { betaDifferenceQuantile, betaLiftQuantile } from '../../src/statistics/bayesian/beta-effect-quantile.ts'
import { scoreNonInferiority } from '../../src/statistics/guardrails/score-non-inferiority.ts'
import { isComputable } from '../../src/statistics/not-computable.ts'
import { type ArmEstimate, estimateProportion } from '../../src/statistics/sample-summary.ts'

// Where the reference files are right to a few digits only, closed forms stand in for them.

describe('quantiles of effects between beliefs that are not smooth at 0 or 1', () => {
  const uniform = { alpha: 1, beta: 1 }

  test('two uniform beliefs: the difference has a triangular density, the ratio a density of 1/2 and 1/(2r²)', () => {
    expect(betaDifferenceQuantile(uniform, uniform, 0.025)).toBeCloseTo(Math.sqrt(0.05) - 1, 13)
    expect(betaDifferenceQuantile(uniform, uniform, 0.975)).toBeCloseTo(1 - Math.sqrt(0.05), 13)
    expect(betaLiftQuantile(uniform, uniform, 0.975)).toBeCloseTo(19, 11)
    expect(betaLiftQuantile(uniform, uniform, 0.25)).toBeCloseTo(-0.5, 13)
  })

  test('Beta(1, 2) against uniform: P(p_t − p_c ≤ x) is a cubic below 0', () => {
    // The control is at least p_t − x: ∫ 2(1 − t)(1 − t + x) dt over 0 … 1 + x, with s = 1 + x: s² − s³/3.
    const s = betaDifferenceQuantile(uniform, { alpha: 1, beta: 2 }, 0.1) + 1
    expect(s * s - s ** 3 / 3).toBeCloseTo(0.1, 12)
  })

  test('Beta(n, 1) twice: the ratio has tails x^n/2', () => {
    const nearOne = { alpha: 1001, beta: 1 }
    expect(betaLiftQuantile(nearOne, nearOne, 0.025)).toBeCloseTo(0.05 ** (1 / 1001) - 1, 12)
    expect(betaLiftQuantile(nearOne, nearOne, 0.975)).toBeCloseTo(0.05 ** (-1 / 1001) - 1, 12)
  })
})

describe('the value of a peer with a slip', () => {
  const reference = (z: number, pValue: number) => ({
    name: 'rare events',
    input: {
      kind: 'non_inferiority_proportion',
      control: { n: 300, conversions: 2 },
      treatment: { n: 310, conversions: 3 },
      margin: 0.01,
      margin_type: 'absolute',
      preferred_direction: 'decrease',
      alpha: 0.05,
    },
    expected: { score: { z, p_value: pValue } },
    tolerance: { rel: 1e-6 },
  })
  // The first from statsmodels 0.13.5 itself, the second from the root of the likelihood's slope in 50 digits.
  const [slipped, right] = [
    reference(0.8773208945234157, 0.19015618315814498),
    reference(0.8771162444867449, 0.19021175111053304),
  ]

  test('passes and is named', () => {
    expect(runCase(slipped)).toMatchObject({
      outcome: 'passed',
      remarks: [expect.stringContaining('score: the reference is the value of a peer: statsmodels')],
    })
  })

  test('is not needed: the right one passes without a word', () => {
    expect(runCase(right)).toMatchObject({ outcome: 'passed', remarks: [] })
  })

  test('excuses nothing else', () => {
    expect(runCase(reference(0.8772, 0.19018)).outcome).toBe('failed')
  })
})

describe('the score test of non-inferiority', () => {
  const arm = (units: number, conversions: number) => estimateProportion(units, conversions) as ArmEstimate

  test.each([
    [arm(1000, 100), arm(1000, 92), 0.01, 'INCREASE'],
    [arm(300, 2), arm(310, 3), 0.01, 'DECREASE'],
    [arm(50, 20), arm(70, 21), 0.2, 'INCREASE'],
  ] as const)(
    'takes the likeliest rates among those that differ by the margin: %#',
    (control, treatment, margin, direction) => {
      const shift = direction === 'INCREASE' ? -margin : margin
      const part = ({ units, mean }: ArmEstimate, p: number) =>
        units * (mean * Math.log(p) + (1 - mean) * Math.log1p(-p))
      const logLikelihood = (rate: number) => part(control, rate) + part(treatment, rate + shift)
      // The rate by brute force: on a grid, then on a finer one around the best.
      let [best, width] = [0.5, 0.5]
      for (let round = 0; round < 12; round++, width /= 10) {
        for (let step = -20; step <= 20; step++) {
          const rate = best + (step * width) / 10
          if (rate <= 0 || rate >= 1 || rate + shift <= 0 || rate + shift >= 1) continue
          if (!(logLikelihood(best) > logLikelihood(rate))) best = rate
        }
      }
      const variance = (best * (1 - best)) / control.units + ((best + shift) * (1 - best - shift)) / treatment.units
      const test = scoreNonInferiority(control, treatment, margin, direction)
      const distance = (treatment.mean - control.mean - shift) * (direction === 'INCREASE' ? 1 : -1)
      expect(isComputable(test) && test.statistic).toBeCloseTo(distance / Math.sqrt(variance), 5)
    },
  )
})
