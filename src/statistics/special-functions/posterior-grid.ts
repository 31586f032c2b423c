import { gaussLegendre } from './gauss-legendre.ts'

/** A continuous distribution on the whole line, smooth on the length of its scale. */
export interface Posterior {
  readonly centre: number
  /** About one standard deviation, or less where the density bends faster. */
  readonly scale: number
  readonly logDensity: (x: number) => number
}

/** Densities and both tails of several distributions at common quadrature nodes. */
export interface PosteriorGrid {
  /** Nodes, ascending. */
  readonly x: Float64Array
  readonly weight: Float64Array
  /** Per distribution, at each node. */
  readonly density: readonly Float64Array[]
  readonly lowerTail: readonly Float64Array[]
  readonly upperTail: readonly Float64Array[]
}

const NODES = 16
const { nodes, weights } = gaussLegendre(NODES)
/** Beyond a density this many e-folds below its peak, a distribution counts as zero: 1e-22 of its mass. */
const LOG_CUTOFF = 50

/** By rows: contribution of the value at node j (column) to the integral from −1 to node i (row). */
const CUMULATIVE = cumulativeMatrix()

/** Integrates the Legendre interpolant: ∫ P_k from −1 to x is (P_{k+1}(x) − P_{k−1}(x))/(2k + 1). */
function cumulativeMatrix(): Float64Array {
  const polynomials = nodes.map((x) => {
    const values = [1, x]
    for (let k = 2; k <= NODES; k++) values.push(((2 * k - 1) * x * values[k - 1]! - (k - 1) * values[k - 2]!) / k)
    return values
  })
  const rows = polynomials.flatMap((at) =>
    nodes.map((_, j) => {
      let sum = (weights[j]! / 2) * (at[1]! + 1)
      for (let k = 1; k < NODES; k++) sum += (weights[j]! / 2) * polynomials[j]![k]! * (at[k + 1]! - at[k - 1]!)
      return sum
    }),
  )
  return Float64Array.from(rows)
}

/** How far from the centre the density stays above the cutoff, in one direction. */
export function reachOf({ centre, scale, logDensity }: Posterior, direction: 1 | -1): number {
  const peak = logDensity(centre)
  let steps = 8
  while (peak - logDensity(centre + direction * steps * scale) < LOG_CUTOFF && steps < 1e6) steps *= 1.25
  return steps * scale
}

/** Evaluates all distributions on panels of about one scale of whichever is narrowest there. */
export function posteriorGrid(posteriors: readonly Posterior[]): PosteriorGrid {
  const supports = posteriors.map((posterior) => ({
    from: posterior.centre - reachOf(posterior, -1),
    to: posterior.centre + reachOf(posterior, 1),
  }))
  const edges = panelEdges(posteriors, supports)
  const size = (edges.length - 1) * NODES
  const columns = () => posteriors.map(() => new Float64Array(size))
  const grid = {
    x: new Float64Array(size),
    weight: new Float64Array(size),
    density: columns(),
    lowerTail: columns(),
    upperTail: columns(),
  }
  for (let panel = 0; panel + 1 < edges.length; panel++) {
    const half = (edges[panel + 1]! - edges[panel]!) / 2
    for (let node = 0; node < NODES; node++) {
      const index = panel * NODES + node
      grid.x[index] = edges[panel]! + half * (1 + nodes[node]!)
      grid.weight[index] = half * weights[node]!
      posteriors.forEach(({ logDensity }, which) => {
        const { from, to } = supports[which]!
        const x = grid.x[index]!
        if (x > from && x < to) grid.density[which]![index] = Math.exp(logDensity(x))
      })
    }
  }
  posteriors.forEach((_, which) => {
    accumulate(edges, grid.density[which]!, grid.lowerTail[which]!, 1)
    accumulate(edges, grid.density[which]!, grid.upperTail[which]!, -1)
  })
  return grid
}

/** Running integral of the density into `tail`, from the left (1) or from the right (−1). */
function accumulate(edges: readonly number[], density: Float64Array, tail: Float64Array, direction: 1 | -1): void {
  const panels = edges.length - 1
  const values = new Float64Array(NODES)
  let total = 0
  for (let step = 0; step < panels; step++) {
    const panel = direction === 1 ? step : panels - 1 - step
    const half = (edges[panel + 1]! - edges[panel]!) / 2
    // The nodes are symmetric, so the matrix serves both directions.
    const first = panel * NODES + (direction === 1 ? 0 : NODES - 1)
    let mass = 0
    for (let j = 0; j < NODES; j++) {
      values[j] = density[first + direction * j]!
      mass += half * weights[j]! * values[j]!
    }
    for (let i = 0; i < NODES; i++) {
      let sum = 0
      if (mass > 0) for (let j = 0; j < NODES; j++) sum += CUMULATIVE[i * NODES + j]! * values[j]!
      tail[first + direction * i] = Math.max(0, total + half * sum)
    }
    total += mass
  }
}

function panelEdges(
  posteriors: readonly Posterior[],
  supports: readonly { readonly from: number; readonly to: number }[],
): number[] {
  const breaks = [...new Set(supports.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  const edges = breaks.slice(0, 1)
  for (let index = 1; index < breaks.length; index++) {
    const [from, to] = [breaks[index - 1]!, breaks[index]!]
    let narrowest = Infinity
    posteriors.forEach(({ scale }, which) => {
      const support = supports[which]!
      if (support.from <= from && support.to >= to) narrowest = Math.min(narrowest, scale)
    })
    // Between supports that do not meet, one panel will do.
    const count = Math.max(1, Math.ceil((to - from) / narrowest))
    for (let panel = 1; panel < count; panel++) {
      const edge = from + ((to - from) * panel) / count
      if (edge > edges.at(-1)!) edges.push(edge)
    }
    edges.push(to)
  }
  return edges
}
