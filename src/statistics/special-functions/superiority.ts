import { type Posterior, type PosteriorGrid, posteriorGrid } from './posterior-grid.ts'

/**
 * P(each distribution gives the largest value), for independent distributions: ∫ f_i Π_{j≠i} F_j.
 * @param minimise - the smallest value instead: ∫ f_i Π_{j≠i} (1 − F_j)
 * @returns probabilities that sum to 1
 */
export function superiority(posteriors: readonly Posterior[], minimise: boolean): number[] {
  return posteriors.length === 0 ? [] : superiorityOn(posteriorGrid(posteriors), minimise)
}

/** The same of distributions that have been evaluated already. */
export function superiorityOn(grid: PosteriorGrid, minimise: boolean): number[] {
  const tails = minimise ? grid.upperTail : grid.lowerTail
  const k = grid.density.length
  const masses = new Array<number>(k).fill(0)
  const productBefore = new Float64Array(k + 1).fill(1)
  for (let index = 0; index < grid.x.length; index++) {
    for (let i = 0; i < k; i++) productBefore[i + 1] = productBefore[i]! * tails[i]![index]!
    let productAfter = grid.weight[index]!
    for (let i = k - 1; i >= 0; i--) {
      masses[i]! += grid.density[i]![index]! * productBefore[i]! * productAfter
      productAfter *= tails[i]![index]!
    }
  }
  const total = masses.reduce((sum, mass) => sum + mass, 0)
  return masses.map((mass) => mass / total)
}
