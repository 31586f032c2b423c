import { ALL_BASIS_POINTS } from './variant-weights.ts'

/** Half-open: from `start` up to and without `end`, on the line from 0 to 1. */
export type BucketRange = readonly [start: number, end: number]

/** FNV-1a with 32 bits over UTF-16 code units, as the GrowthBook SDKs compute it. */
function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

/**
 * Where a unit stands on the line from 0 to 1, in steps of 1/10,000: hash version 2 of the GrowthBook SDKs.
 * @see https://docs.growthbook.io/lib/build-your-own#hashing
 */
export function bucketOf(seed: string, unitId: string): number {
  return (fnv1a32(String(fnv1a32(seed + unitId))) % 10_000) / 10_000
}

/** Hash version 1, which GrowthBook keeps for namespaces: steps of 1/1,000. */
export function bucketOfVersion1(seed: string, unitId: string): number {
  return (fnv1a32(unitId + seed) % 1_000) / 1_000
}

/**
 * The range of each variant. Traffic takes a share of *each variant's own* range, so that raising it moves nobody.
 * The arithmetic is that of the SDKs, operation by operation: a boundary rounded otherwise would decide some units otherwise.
 * @param coverage - share of units enrolled, 0 to 1
 * @param weights - shares of the variants, summing to about 1; equal shares replace any that do not
 */
export function bucketRanges(count: number, coverage: number, weights: readonly number[] | null): BucketRange[] {
  const share = Math.min(1, Math.max(0, coverage))
  const equal = Array.from({ length: count }, () => 1 / count)
  const sum = weights?.reduce((total, weight) => total + weight, 0) ?? 0
  const fit = weights?.length === count && sum >= 0.99 && sum <= 1.01
  let cumulative = 0
  return (fit ? weights : equal).map((weight) => {
    const start = cumulative
    cumulative += weight
    return [start, start + share * weight]
  })
}

/** Index of the range that a bucket lies in; -1 when in none. */
export function chooseRange(bucket: number, ranges: readonly BucketRange[]): number {
  return ranges.findIndex(([start, end]) => bucket >= start && bucket < end)
}

/** Index of the variant that the hash gives, or -1 for a unit that is not enrolled. */
export function hashVariant(
  seed: string,
  unitId: string,
  weightsBasisPoints: readonly number[],
  trafficBasisPoints: number,
): number {
  const weights = weightsBasisPoints.map((weight) => weight / ALL_BASIS_POINTS)
  return chooseRange(
    bucketOf(seed, unitId),
    bucketRanges(weights.length, trafficBasisPoints / ALL_BASIS_POINTS, weights),
  )
}
