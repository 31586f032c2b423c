/**
 * Sizes of the values that events carry and of what caps them, 0 aside. Their squares and products, summed over units and
 * weighted, stay far within what a float8 holds, so that the statistics meet neither overflow nor underflow.
 */
export const AMOUNTS = { smallest: 1e-30, largest: 1e12 } as const
