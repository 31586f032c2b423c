/** Weights between these, in any scale, neither vanish nor overflow beside each other. */
const LEAST_WEIGHT = 1e-9
const MOST_WEIGHT = 1e15

/** Shares that sum to 1, from weights of any scale. */
export function sharesOf(arms: ReadonlyArray<{ weight: number }>): number[] {
  const total = arms.reduce((sum, { weight }) => sum + weight, 0)
  return arms.map(({ weight }) => weight / total)
}

/** @throws RangeError if a count is not a whole number from 0, or a weight is negative */
export function assertAllocation(arms: ReadonlyArray<{ units: number; weight: number }>): void {
  for (const { units, weight } of arms) {
    if (!(Number.isSafeInteger(units) && units >= 0)) throw new RangeError(`${units} is not a number of units.`)
    if (!(weight === 0 || (weight >= LEAST_WEIGHT && weight <= MOST_WEIGHT))) {
      throw new RangeError(`A weight is ${weight}; it must be 0, or from ${LEAST_WEIGHT} to ${MOST_WEIGHT}.`)
    }
  }
}
