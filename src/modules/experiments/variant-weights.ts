/** Weights and traffic are integers in basis points: 10,000 is everything. */
export const ALL_BASIS_POINTS = 10_000

export function weightsSum(variants: ReadonlyArray<{ weightBasisPoints: number }>): number {
  return variants.reduce((sum, variant) => sum + variant.weightBasisPoints, 0)
}
