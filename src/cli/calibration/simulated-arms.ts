import { NotComputable } from '../../statistics/not-computable.ts'
import { estimateQuantile, MANY_LOOKS_REACH, quantileBounds } from '../../statistics/quantile/quantile-estimate.ts'
import { type ArmEstimate, estimateProportion } from '../../statistics/sample-summary.ts'
import { binomialDraw, normalDraw } from '../simulation/random.ts'
import { RankedCounts } from './ranked-counts.ts'

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

/** Whole numbers, log-normal around a median, such as latencies in milliseconds. */
export class LatencyArm implements SimulatedArm {
  readonly values = new RankedCounts(4096)
  readonly median: number
  readonly logDeviation: number
  readonly quantile: number

  constructor(median: number, logDeviation: number, quantile: number) {
    this.median = median
    this.logDeviation = logDeviation
    this.quantile = quantile
  }

  add(random: Random, units: number): void {
    for (let unit = 0; unit < units; unit++) {
      this.values.add(Math.round(this.median * Math.exp(this.logDeviation * normalDraw(random))))
    }
  }

  estimate(): ArmEstimate | NotComputable {
    const count = this.values.total
    if (count === 0) return new NotComputable('NO_UNITS')
    const bounds = quantileBounds(this.quantile, count, MANY_LOOKS_REACH)
    const at = (share: number) => this.values.valueAt(Math.min(count, Math.max(1, Math.ceil(share * count))))
    const summary = { value: at(this.quantile), lower: at(bounds.lower), upper: at(bounds.upper) }
    return estimateQuantile({ count, boundsCount: count, ...summary }, this.quantile, MANY_LOOKS_REACH)
  }
}

/** @see Knuth (1997), The Art of Computer Programming 2, section 3.4.1 */
export function poissonDraw(random: Random, mean: number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count++
  return count
}
