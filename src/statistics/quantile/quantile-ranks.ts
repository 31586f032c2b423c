import { assertCount, assertOpenFraction } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { binomialLogTails } from '../special-functions/binomial.ts'

export interface QuantileRanks {
  /** 1-based ranks of the order statistics. */
  lowerRank: number
  upperRank: number
  /** Exact probability that the quantile of a continuous distribution lies between them. */
  coverage: number
}

/**
 * Exact interval of a quantile whatever the distribution: the values of these ranks.
 * @see Conover (1999), Practical Nonparametric Statistics, section 3.2
 * @returns NotComputable: NO_UNITS, INSUFFICIENT_UNITS where a rank would lie outside the sample
 * @throws RangeError if a number is out of range
 */
export function quantileRanks(count: number, quantile: number, level: number): QuantileRanks | NotComputable {
  assertCount(count, 'count')
  assertOpenFraction(quantile, 'quantile')
  assertOpenFraction(level, 'level')
  if (count === 0) return new NotComputable('NO_UNITS')
  const tail = (1 - level) / 2
  const lowerRank = binomialQuantile(tail, count, quantile)
  const upperRank = binomialQuantile(1 - tail, count, quantile) + 1
  if (lowerRank < 1 || upperRank > count) return new NotComputable('INSUFFICIENT_UNITS')
  const atMost = (k: number) => Math.exp(binomialLogTails(k, count, quantile).lower)
  return { lowerRank, upperRank, coverage: atMost(upperRank - 1) - atMost(lowerRank - 1) }
}

/** Smallest k with P(X ≤ k) ≥ p, by halving. */
function binomialQuantile(p: number, count: number, quantile: number): number {
  // Ties by rounding count as reached.
  const isReached = (k: number) => Math.exp(binomialLogTails(k, count, quantile).lower) >= p * (1 - 1e-14)
  let low = -1
  let high = count
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isReached(middle)) high = middle
    else low = middle
  }
  return high
}
