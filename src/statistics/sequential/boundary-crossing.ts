import { logNormalUpper, normalUpper } from '../distributions.ts'
import { gaussLegendre } from '../special-functions/gauss-legendre.ts'
import { solveDecreasing } from '../special-functions/solve-tail.ts'

const PANEL = gaussLegendre(10)
/** Beyond this many standard deviations a path is not followed: less than 1e-32 of the probability. */
const REACH = 12
/** Beyond this many standard deviations a single step adds less than 1e-18 of what the nearest ones add. */
const STEP_REACH = 9
const HALF_LOG_TWO_PI = Math.log(2 * Math.PI) / 2

/**
 * The score process of a test, B(t) = Z√t with drift θ per unit of information, while it has not crossed any boundary yet:
 * Brownian motion observed at the looks only. The density is carried from look to look on Gauss–Legendre panels about one
 * standard deviation wide.
 * @see Armitage, McPherson, Rowe (1969), Journal of the Royal Statistical Society A 132, 235–244
 */
export class BoundaryCrossing {
  readonly #sides: 1 | 2
  readonly #drift: number
  #fraction = 0
  /** Nodes, and weight × density at them; the process starts in 0. */
  #nodes: Float64Array = Float64Array.of(0)
  #masses: Float64Array = Float64Array.of(1)

  /** @param drift - expected Z at information fraction 1 */
  constructor(sides: 1 | 2, drift = 0) {
    this.#sides = sides
    this.#drift = drift
  }

  /** Probability of crossing at this look and not before. @param criticalValue - of Z; Infinity for no boundary */
  crossing(fraction: number, criticalValue: number): { upper: number; lower: number } {
    const limit = criticalValue * Math.sqrt(fraction)
    return { upper: this.#beyond(fraction, limit, 1), lower: this.#sides === 2 ? this.#beyond(fraction, limit, -1) : 0 }
  }

  /** The critical value whose crossing at this look, on all sides, has this probability, without drift. */
  criticalValueFor(fraction: number, probability: number): number {
    const target = Math.log(probability / this.#sides)
    if (target === -Infinity) return Infinity
    const root = Math.sqrt(fraction)
    const step = Math.sqrt(fraction - this.#fraction)
    return solveDecreasing(
      (criticalValue) => {
        let tail = 0
        let slope = 0
        for (let index = 0; index < this.#nodes.length; index++) {
          const z = (criticalValue * root - this.#nodes[index]!) / step
          tail += this.#masses[index]! * normalUpper(z)
          slope -= this.#masses[index]! * Math.exp(-0.5 * z * z - HALF_LOG_TWO_PI)
        }
        // Far out both underflow; a straight line of the right sign leads the search back.
        if (!(tail > 0)) return { value: -1e4 - criticalValue, slope: -1 }
        return { value: Math.log(tail) - target, slope: (slope * root) / step / tail }
      },
      -REACH,
      40,
      Math.min(38, initialGuess(target)),
    )
  }

  /** Goes on to a look without having crossed there. @param nextFraction - of the look after, which the grid must resolve */
  proceed(fraction: number, criticalValue: number, nextFraction: number): void {
    const spread = Math.sqrt(fraction)
    const centre = this.#drift * fraction
    const limit = criticalValue * spread
    const to = Math.min(limit, centre + REACH * spread)
    const from = Math.max(this.#sides === 2 ? -limit : -Infinity, centre - REACH * spread)
    const step = Math.sqrt(fraction - this.#fraction)
    const width = Math.min(step, Math.sqrt(Math.max(nextFraction - fraction, 0)) || step)
    const panels = Math.max(1, Math.ceil((to - from) / width))
    const half = (to - from) / panels / 2
    const nodes = new Float64Array(panels * PANEL.nodes.length)
    const masses = new Float64Array(nodes.length)
    let position = 0
    for (let panel = 0; panel < panels; panel++) {
      const middle = from + (2 * panel + 1) * half
      for (let index = 0; index < PANEL.nodes.length; index++) {
        const x = middle + half * PANEL.nodes[index]!
        nodes[position] = x
        masses[position++] = half * PANEL.weights[index]! * this.#density(x, fraction, step)
      }
    }
    this.#nodes = nodes
    this.#masses = masses
    this.#fraction = fraction
  }

  #density(x: number, fraction: number, step: number): number {
    const moved = x - this.#drift * (fraction - this.#fraction)
    const [from, to] = indicesBetween(this.#nodes, moved - STEP_REACH * step, moved + STEP_REACH * step)
    let sum = 0
    for (let index = from; index < to; index++) {
      const z = (moved - this.#nodes[index]!) / step
      sum += this.#masses[index]! * Math.exp(-0.5 * z * z)
    }
    return sum / (step * Math.sqrt(2 * Math.PI))
  }

  #beyond(fraction: number, limit: number, direction: 1 | -1): number {
    if (limit === Infinity) return 0
    const step = Math.sqrt(fraction - this.#fraction)
    const moved = direction * this.#drift * (fraction - this.#fraction)
    let sum = 0
    for (let index = 0; index < this.#nodes.length; index++) {
      sum += this.#masses[index]! * normalUpper((limit - direction * this.#nodes[index]! - moved) / step)
    }
    return sum
  }
}

/** z with about this logarithm of its upper tail. */
function initialGuess(logTail: number): number {
  const z = Math.sqrt(Math.max(0, -2 * (logTail + 1)))
  return Math.max(0, z - (logNormalUpper(z) > logTail ? -0.1 : 0.1))
}

/** Indices of the ascending values within the limits. */
function indicesBetween(values: Float64Array, lower: number, upper: number): [from: number, to: number] {
  const first = (limit: number) => {
    let low = 0
    let high = values.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (values[middle]! < limit) low = middle + 1
      else high = middle
    }
    return low
  }
  return [first(lower), first(upper)]
}
