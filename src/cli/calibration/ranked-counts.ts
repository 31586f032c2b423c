/** Counts of small whole numbers with quick order statistics. @see Fenwick (1994), Software: Practice and Experience 24, 327–336 */
export class RankedCounts {
  total = 0
  readonly #sums: Int32Array

  /** @param size - a power of two above the largest value */
  constructor(size: number) {
    this.#sums = new Int32Array(size + 1)
  }

  /** Values beyond the size count as the largest. */
  add(value: number): void {
    this.total++
    const last = this.#sums.length - 1
    for (let index = Math.min(value + 1, last); index <= last; index += index & -index) this.#sums[index]!++
  }

  /** The value of this rank. @param rank - 1 for the smallest */
  valueAt(rank: number): number {
    let position = 0
    let rest = rank
    for (let step = this.#sums.length - 1; step > 0; step >>= 1) {
      const next = position + step
      if (next < this.#sums.length && this.#sums[next]! < rest) {
        position = next
        rest -= this.#sums[next]!
      }
    }
    return position
  }
}
