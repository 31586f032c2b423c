import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exactBinomialTest } from '../../../src/statistics/diagnostics/exact-binomial-test.ts'
import { sampleRatioTest } from '../../../src/statistics/diagnostics/sample-ratio-test.ts'
import { adjustPValues } from '../../../src/statistics/multiplicity/multiple-testing.ts'
import { quantileRanks } from '../../../src/statistics/quantile/quantile-ranks.ts'
import { estimateRatio } from '../../../src/statistics/ratio-summary.ts'
import { estimateMean, estimateProportion } from '../../../src/statistics/sample-summary.ts'
import { msprt } from '../../../src/statistics/sequential/msprt.ts'
import { unsoundIn } from './unsound.ts'

describe('outside its domain a method throws RangeError or says why it cannot tell', () => {
  const wild = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0, 0.5, 1e308))

  function isGuarded(method: (...args: number[]) => unknown, count: number, infinite: string[] = []) {
    return () => {
      fc.assert(
        fc.property(fc.array(wild, { minLength: count, maxLength: count }), (args) => {
          let result: unknown
          try {
            result = method(...args)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
            return
          }
          expect(unsoundIn(result, infinite)).toEqual([])
        }),
        { numRuns: 1000 },
      )
    }
  }

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
})
