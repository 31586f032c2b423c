/** p-values against m tests at once, whatever their dependence. @see Dunn (1961), Journal of the American Statistical Association 56, 52–64 */
export function bonferroni(pValues: readonly number[]): number[] {
  return pValues.map((pValue) => Math.min(1, pValue * pValues.length))
}
