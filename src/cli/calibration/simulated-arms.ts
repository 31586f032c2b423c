import type { NotComputable } from '../../statistics/not-computable.ts'
import { bucketOf, histogramQuantile } from '../../statistics/quantile/value-histogram.ts'
import { type ArmEstimate, estimateProportion } from '../../statistics/sample-summary.ts'
import { binomialDraw, normalDraw } from '../simulation/random.ts'

export type Random = () => number

/** The units of one arm as they arrive. */
export interface SimulatedArm {
  add(random: Random, units: number): void
}

export class RateArm implements SimulatedArm {
  units = 0
  conversions = 0
  readonly rate: number

  constructor(rate: number) {
    this.rate = rate
  }

  add(random: Random, units: number): void {
    this.units += units
    this.conversions += binomialDraw(random, units, this.rate)
  }

  estimate(): ArmEstimate | NotComputable {
    return estimateProportion(this.units, this.conversions)
  }
}

/** Values of units, each with one from before exposure for CUPED. */
export class ValueArm implements SimulatedArm {
  count = 0
  sum = 0
  sumOfSquares = 0
  preSum = 0
  preSumOfSquares = 0
  crossProduct = 0
  readonly draw: (random: Random) => readonly [value: number, before: number]

  constructor(draw: (random: Random) => readonly [value: number, before: number]) {
    this.draw = draw
  }

  add(random: Random, units: number): void {
    this.count += units
    for (let unit = 0; unit < units; unit++) {
      const [value, before] = this.draw(random)
      this.sum += value
      this.sumOfSquares += value * value
      this.preSum += before
      this.preSumOfSquares += before * before
      this.crossProduct += value * before
    }
  }
}

/** How latencies come about: users with a level of their own, each with one measurement or more. */
export interface LatencyModel {
  median: number
  /** Standard deviations of the logarithm, between users and within one. */
  betweenUsers: number
  withinUser: number
  /** Of a user, beyond the first. */
  furtherValues: number
}

/** Whole numbers, such as latencies in milliseconds, log-normal and clustered by user; counted as the aggregates count them. */
export class LatencyArm implements SimulatedArm {
  units = 0
  values = 0
  #valuesSquared = 0
  readonly #histogram = {
    buckets: [] as number[],
    counts: [] as number[],
    products: [] as number[],
    squares: [] as number[],
  }
  /** Where each bucket stands in the histogram, by its number. */
  readonly #places: number[] = []
  readonly #model: LatencyModel
  readonly #quantile: number

  constructor(model: LatencyModel, quantile: number) {
    this.#model = model
    this.#quantile = quantile
  }

  add(random: Random, units: number): void {
    const { median, betweenUsers, withinUser, furtherValues } = this.#model
    for (let unit = 0; unit < units; unit++) {
      const level = median * Math.exp(betweenUsers * normalDraw(random))
      const values: number[] = []
      for (let left = poissonDraw(random, furtherValues); left >= 0; left--) {
        values.push(bucketOf(Math.round(level * Math.exp(withinUser * normalDraw(random)))))
      }
      this.#count(values.sort((a, b) => a - b))
    }
  }

  /** @param buckets - of the values of one unit, ascending */
  #count(buckets: readonly number[]): void {
    const { counts, products, squares } = this.#histogram
    this.units++
    this.values += buckets.length
    this.#valuesSquared += buckets.length ** 2
    for (let below = 0; below < buckets.length; below++) {
      const place = this.#placeOf(buckets[below]!)
      counts[place]! += 1
      products[place]! += buckets.length
      squares[place]! += (below + 1) ** 2 - below ** 2
    }
  }

  #placeOf(bucket: number): number {
    const known = this.#places[bucket]
    if (known !== undefined) return known
    const { buckets, counts, products, squares } = this.#histogram
    const next = buckets.findIndex((other) => other > bucket)
    const place = next < 0 ? buckets.length : next
    buckets.splice(place, 0, bucket)
    for (const sums of [counts, products, squares]) sums.splice(place, 0, 0)
    for (const [index, each] of buckets.entries()) this.#places[each] = index
    return place
  }

  estimate(): ArmEstimate | NotComputable {
    const { units, values } = this
    const arm = { units, values, valuesSquared: this.#valuesSquared, histogram: this.#histogram }
    return histogramQuantile(arm, this.#quantile)
  }
}

/** @see Knuth (1997), The Art of Computer Programming 2, section 3.4.1 */
export function poissonDraw(random: Random, mean: number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count++
  return count
}
