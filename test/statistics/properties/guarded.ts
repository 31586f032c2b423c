import fc from 'fast-check'
import { expect } from 'vitest'
import { unsoundIn } from './unsound.ts'

const wild = fc.oneof(
  fc.double(),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer(),
  fc.integer({ min: -1, max: 20 }),
  fc.constantFrom(
    Number.NaN,
    Infinity,
    -Infinity,
    -1,
    -0.5,
    -1e-300,
    0,
    5e-324,
    1e-300,
    0.5,
    1,
    1 + 1e-15,
    1.5,
    2,
    10,
    1e308,
  ),
)

/** Runs a method over any numbers at all: it answers soundly, or throws a RangeError. */
export function isGuarded(method: (...args: number[]) => unknown, count: number, infinite: string[] = []) {
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
