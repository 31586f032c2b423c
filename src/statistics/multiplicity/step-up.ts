/**
 * Adjusted p-values of a step-up procedure: from the largest p-value down, each at most the one before.
 * @param factor - of the p-value with this rank, 1 for the smallest
 */
export function stepUp(pValues: readonly number[], factor: (rank: number) => number): number[] {
  const order = ascendingOrder(pValues)
  const adjusted = new Array<number>(pValues.length)
  let least = 1
  for (let rank = order.length; rank >= 1; rank--) {
    const index = order[rank - 1]!
    least = Math.min(least, pValues[index]! * factor(rank))
    adjusted[index] = least
  }
  return adjusted
}

/** Adjusted p-values of a step-down procedure: from the smallest p-value up, each at least the one before. */
export function stepDown(pValues: readonly number[], factor: (rank: number) => number): number[] {
  const adjusted = new Array<number>(pValues.length)
  let most = 0
  for (const [position, index] of ascendingOrder(pValues).entries()) {
    most = Math.max(most, Math.min(1, pValues[index]! * factor(position + 1)))
    adjusted[index] = most
  }
  return adjusted
}

function ascendingOrder(pValues: readonly number[]): number[] {
  return pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!)
}
