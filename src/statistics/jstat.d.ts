/** The part of jStat 1.9.6 that the distributions adapter uses; the package ships no types. */
declare module 'jstat' {
  interface NormalDistribution {
    cdf(x: number, mean: number, standardDeviation: number): number
    pdf(x: number, mean: number, standardDeviation: number): number
  }
  const jStat: { readonly normal: NormalDistribution }
  export default jStat
}
