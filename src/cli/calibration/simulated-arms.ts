import type { NotComputable } from '../../statistics/not-computable.ts'
import { histogramQuantile, ValueCounter } from '../../statistics/quantile/value-histogram.ts'
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
  readonly counted = new ValueCounter()
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
        values.push(Math.round(level * Math.exp(withinUser * normalDraw(random))))
      }
      this.counted.add(values)
    }
  }

  estimate(): ArmEstimate | NotComputable {
    return histogramQuantile(this.counted, this.#quantile)
  }
}

/** @see Knuth (1997), The Art of Computer Programming 2, section 3.4.1 */
export function poissonDraw(random: Random, mean: number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count++
  return count
}
