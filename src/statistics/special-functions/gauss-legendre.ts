export interface Quadrature {
  /** Nodes in (−1, 1), ascending. */
  readonly nodes: readonly number[]
  readonly weights: readonly number[]
}

/** Legendre polynomial of the given degree and its derivative at x, |x| < 1. */
function legendre(degree: number, x: number): { value: number; derivative: number } {
  let previous = 1
  let value = x
  for (let n = 2; n <= degree; n++) {
    const next = ((2 * n - 1) * x * value - (n - 1) * previous) / n
    previous = value
    value = next
  }
  return { value, derivative: (degree * (x * value - previous)) / (x * x - 1) }
}

/**
 * Nodes and weights of Gauss–Legendre quadrature on [−1, 1], by Newton's method on the Legendre polynomial.
 * @param count - number of nodes, at least 2; polynomials up to degree 2·count − 1 are integrated exactly
 */
export function gaussLegendre(count: number): Quadrature {
  const nodes: number[] = []
  const weights: number[] = []
  for (let index = 0; index < count; index++) {
    let node = -Math.cos((Math.PI * (index + 0.75)) / (count + 0.5))
    for (let step = 0; step < 6; step++) {
      const { value, derivative } = legendre(count, node)
      node -= value / derivative
    }
    const { derivative } = legendre(count, node)
    nodes.push(node)
    weights.push(2 / ((1 - node * node) * derivative * derivative))
  }
  return { nodes, weights }
}

const PANEL = gaussLegendre(16)

/**
 * ∫ f over [from, to] by equal panels of 16 nodes.
 * @param panels - number of panels; each should span no more than about one standard deviation of f
 */
export function integrate(f: (x: number) => number, from: number, to: number, panels: number): number {
  const half = (to - from) / panels / 2
  let sum = 0
  for (let panel = 0; panel < panels; panel++) {
    const middle = from + (2 * panel + 1) * half
    for (let index = 0; index < PANEL.nodes.length; index++) {
      sum += PANEL.weights[index]! * f(middle + half * PANEL.nodes[index]!)
    }
  }
  return sum * half
}
