declare module 'jstat' {
  /** The part of jStat that the adapter uses. */
  export const jStat: { gammaln(x: number): number }
}
