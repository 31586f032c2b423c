/** A clock that stands still until it is moved. */
export class TestClock {
  #now: number

  constructor(start = Date.parse('2026-03-01T00:00:00Z')) {
    this.#now = start
  }

  readonly read = (): Date => new Date(this.#now)

  advance(seconds: number): Date {
    this.#now += seconds * 1_000
    return this.read()
  }
}
