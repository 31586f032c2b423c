import { describe, expect, test } from 'vitest'
import { betaBelief } from '../../../src/statistics/bayesian/beta-binomial.ts'
import { normalEffect } from '../../../src/statistics/bayesian/normal-effect.ts'
import { exactBinomialTest } from '../../../src/statistics/diagnostics/exact-binomial-test.ts'
import { sampleRatioTest } from '../../../src/statistics/diagnostics/sample-ratio-test.ts'
import { independenceTest } from '../../../src/statistics/independence-test.ts'
import { adjustPValues } from '../../../src/statistics/multiplicity/multiple-testing.ts'
import { simultaneousInterval } from '../../../src/statistics/multiplicity/simultaneous-interval.ts'
import { meanPower } from '../../../src/statistics/power/mean-power.ts'
import {
  proportionEffect,
  proportionPower,
  proportionSampleSize,
} from '../../../src/statistics/power/proportion-power.ts'
import { detectableEffect, plannedPower } from '../../../src/statistics/power/sample-plan.ts'
import { estimateQuantile } from '../../../src/statistics/quantile/quantile-estimate.ts'
import { quantileRanks } from '../../../src/statistics/quantile/quantile-ranks.ts'
import { estimateRatio } from '../../../src/statistics/ratio-summary.ts'
import { estimateMean, estimateProportion } from '../../../src/statistics/sample-summary.ts'
import { alphaSpent } from '../../../src/statistics/sequential/alpha-spending.ts'
import { confidenceSequenceOf } from '../../../src/statistics/sequential/confidence-sequence.ts'
import { spendingBoundaries } from '../../../src/statistics/sequential/group-sequential-boundaries.ts'
import { msprt } from '../../../src/statistics/sequential/msprt.ts'
import { rateAboveTest } from '../../../src/statistics/sequential/rate-above-test.ts'
import { isGuarded } from './guarded.ts'

describe('outside its domain a method throws RangeError or says why it cannot tell', () => {
  test(
    'estimateMean',
    isGuarded((count, sum, sumOfSquares) => estimateMean({ count: count!, sum: sum!, sumOfSquares: sumOfSquares! }), 3),
  )
  test(
    'estimateProportion',
    isGuarded((units, conversions) => estimateProportion(units!, conversions!), 2),
  )
  test(
    'estimateRatio',
    isGuarded(
      (count, n, nn, d, dd, nd) =>
        estimateRatio({
          count: count!,
          numeratorSum: n!,
          numeratorSumOfSquares: nn!,
          denominatorSum: d!,
          denominatorSumOfSquares: dd!,
          crossProduct: nd!,
        }),
      6,
    ),
  )
  test(
    'sampleRatioTest',
    isGuarded(
      (a, v, b, w) =>
        sampleRatioTest([
          { units: a!, weight: v! },
          { units: b!, weight: w! },
        ]),
      4,
    ),
  )
  test(
    'adjustPValues',
    isGuarded((p, q, a) => adjustPValues([p!, q!], 'HOLM', a!), 3),
  )
  test(
    'msprt',
    isGuarded(
      (estimate, standardError, tau, a) => msprt({ estimate: estimate!, standardError: standardError! }, tau!, a!),
      4,
    ),
  )
  test(
    'exactBinomialTest',
    isGuarded((count, units, p) => exactBinomialTest(count!, units!, p!), 3),
  )
  test(
    'quantileRanks',
    isGuarded((count, q, lvl) => quantileRanks(count!, q!, lvl!), 3),
  )
  test(
    'proportionPower and proportionSampleSize',
    isGuarded((c, t, a, n, m, power, ratio) => {
      const design = { controlRate: c!, treatmentRate: t!, alpha: a!, sides: 2, method: 'POOLED' } as const
      return [proportionPower(design, n!, m!), proportionSampleSize(design, power!, ratio!)]
    }, 7),
  )
  test.each([5e-324, 1e-314])('proportionSampleSize, with %d treatment units for each of the control', (ratio) => {
    const design = { controlRate: 0.8, treatmentRate: 0.85, alpha: 0.04, sides: 2, method: 'POOLED' } as const
    expect(() => proportionSampleSize(design, 0.8, ratio)).toThrow(RangeError)
  })
  test(
    'proportionEffect',
    isGuarded(
      (c, a, power, n, m) =>
        proportionEffect({ controlRate: c!, alpha: a!, sides: 1, method: 'UNPOOLED' }, 'DECREASE', power!, n!, m!),
      5,
    ),
  )
  test(
    'meanPower',
    isGuarded(
      (difference, sd, a, n, m) =>
        meanPower({ difference: difference!, standardDeviation: sd!, alpha: a!, sides: 2, method: 'STUDENT' }, n!, m!),
      5,
    ),
  )
  test(
    'plannedPower and detectableEffect',
    isGuarded(
      (share, v, w, a, units, effect, power) => {
        const comparison = {
          controlShare: share!,
          treatmentShare: 0.5,
          controlVariance: v!,
          treatmentVariance: w!,
          alpha: a!,
          design: { kind: 'ALWAYS_VALID' },
        } as const
        return [plannedPower(comparison, units!, effect!), detectableEffect(comparison, units!, power!)]
      },
      7,
      ['1'],
    ),
  )
  test(
    'confidenceSequenceOf',
    isGuarded(
      (units, estimate, standardError, a, tuning) =>
        confidenceSequenceOf({ units: units!, estimate: estimate!, standardError: standardError! }, a!, tuning!),
      5,
      ['lower', 'upper', 'logEValue'],
    ),
  )
  test(
    'normalEffect',
    isGuarded(
      (estimate, standardError, mean, variance, a) =>
        normalEffect({ estimate: estimate!, standardError: standardError! }, { mean: mean!, variance: variance! }, a!),
      5,
      ['lower', 'upper', 'expectedLossControl', 'expectedLossTreatment'],
    ),
  )
  test(
    'betaBelief',
    isGuarded(
      (a, b, units, conversions) => betaBelief({ alpha: a!, beta: b! }, { units: units!, conversions: conversions! }),
      4,
    ),
  )
  test(
    'simultaneousInterval',
    isGuarded(
      (estimate, standardError, comparisons, a) =>
        simultaneousInterval(
          { estimate: estimate!, standardError: standardError!, degreesOfFreedom: Number.POSITIVE_INFINITY },
          comparisons!,
          a!,
        ),
      4,
      ['lower', 'upper'],
    ),
  )
  test(
    'independenceTest',
    isGuarded(
      (m, x, n, y) =>
        independenceTest([
          { units: m!, conversions: x! },
          { units: n!, conversions: y! },
        ]),
      4,
    ),
  )
  test(
    'spendingBoundaries',
    isGuarded((t, u, a, gamma) => spendingBoundaries({ family: 'HWANG_SHIH_DECANI', gamma: gamma! }, [t!, u!], a!), 4, [
      'criticalValues.0',
      'criticalValues.1',
    ]),
  )
  test.each([-1e308, -1e4, 1e4, 1e308])('alphaSpent, however early or late it is spent: γ = %d', (gamma) => {
    const spent = [0.1, 0.5, 0.9].map((t) => alphaSpent({ family: 'HWANG_SHIH_DECANI', gamma }, t, 0.05, 2))
    expect(spent).toEqual(gamma < 0 ? [0, 0, expect.closeTo(0, 12)] : [0.05, 0.05, 0.05])
  })
  test(
    'estimateQuantile',
    isGuarded(
      (count, boundsCount, value, lower, upper, q) =>
        estimateQuantile({ count: count!, boundsCount: boundsCount!, value: value!, lower: lower!, upper: upper! }, q!),
      6,
    ),
  )
  test(
    'rateAboveTest',
    isGuarded((units, conversions, threshold) => rateAboveTest(units!, conversions!, threshold!), 3),
  )
})
