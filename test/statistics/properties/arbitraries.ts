import fc from 'fast-check'
import type { RatioSummary } from '../../../src/statistics/ratio-summary.ts'
import type { SampleSummary } from '../../../src/statistics/sample-summary.ts'
import type { CupedSummary } from '../../../src/statistics/variance-reduction/cuped.ts'
import type { CupedRatioSummary } from '../../../src/statistics/variance-reduction/cuped-ratio.ts'

/** Values as units have them: money, counts, zeros, now and then something large or negative. */
export const value = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 500 }).map((cents) => cents / 4) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: -2000, max: 1_000_000 }) },
)
export const values = fc.array(value, { minLength: 0, maxLength: 40 })
export const someValues = fc.array(value, { minLength: 3, maxLength: 40 })

export const pairs = fc.array(fc.tuple(value, value), { minLength: 0, maxLength: 40 })

export function summaryOf(sample: readonly number[]): SampleSummary {
  return {
    count: sample.length,
    sum: sample.reduce((sum, x) => sum + x, 0),
    sumOfSquares: sample.reduce((sum, x) => sum + x * x, 0),
  }
}

export function ratioOf(sample: readonly (readonly [number, number])[]): RatioSummary {
  const total = (of: (n: number, d: number) => number) => sample.reduce((sum, [n, d]) => sum + of(n, d), 0)
  return {
    count: sample.length,
    numeratorSum: total((n) => n),
    numeratorSumOfSquares: total((n) => n * n),
    denominatorSum: total((_, d) => d),
    denominatorSumOfSquares: total((_, d) => d * d),
    crossProduct: total((n, d) => n * d),
  }
}

export function cupedOf(sample: readonly (readonly [number, number])[]): CupedSummary {
  const ratio = ratioOf(sample)
  return {
    count: ratio.count,
    sum: ratio.numeratorSum,
    sumOfSquares: ratio.numeratorSumOfSquares,
    preSum: ratio.denominatorSum,
    preSumOfSquares: ratio.denominatorSumOfSquares,
    crossProduct: ratio.crossProduct,
  }
}

/** Rows of numerator, denominator, and both of before exposure. */
export function cupedRatioOf(rows: readonly (readonly [number, number, number, number])[]): CupedRatioSummary {
  const total = (of: (n: number, d: number, m: number, e: number) => number) =>
    rows.reduce((sum, one) => sum + of(...one), 0)
  return {
    post: ratioOf(rows.map(([n, d]) => [n, d])),
    pre: ratioOf(rows.map(([, , m, e]) => [m, e])),
    numeratorPreNumerator: total((n, _, m) => n * m),
    denominatorPreDenominator: total((_, d, __, e) => d * e),
    numeratorPreDenominator: total((n, _, __, e) => n * e),
    denominatorPreNumerator: total((_, d, m) => d * m),
  }
}

/** Units and conversions, from none to a billion. */
export const proportion = fc
  .oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 1e9 }))
  .chain((units) => fc.tuple(fc.constant(units), fc.integer({ min: 0, max: units })))
  .map(([units, conversions]) => ({ units, conversions }))

/** With at least one conversion and one non-conversion. */
export const mixedProportion = fc
  .integer({ min: 2, max: 1_000_000 })
  .chain((units) => fc.tuple(fc.constant(units), fc.integer({ min: 1, max: units - 1 })))
  .map(([units, conversions]) => ({ units, conversions }))

export const alpha = fc.constantFrom(0.001, 0.01, 0.05, 0.1, 0.2)
export const level = fc.double({ min: 1e-12, max: 1 - 1e-9, noNaN: true })
export const finite = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
export const positive = fc.oneof(
  fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  fc.double({ min: Number.MIN_VALUE, max: 1e150, noNaN: true }),
)
export const pValue = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 5e-324, 1e-300))

/** Within a relative and an absolute distance, both for rounding only. */
export function isClose(a: number, b: number, relative = 1e-9, absolute = 1e-12): boolean {
  return a === b || Math.abs(a - b) <= absolute + relative * Math.max(Math.abs(a), Math.abs(b))
}
