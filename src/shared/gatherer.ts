/** How many batches of one group may be under way at once. */
const CONCURRENT = 2

interface Waiting<In, Out> {
  item: In
  resolve: (out: Out) => void
  reject: (error: unknown) => void
}

interface Group<In, Out> {
  waiting: Array<Waiting<In, Out>>
  running: number
  scheduled: boolean
}

/**
 * Gathers single calls of one group (an organization) into batches: what arrives while others are under way goes
 * together. A call waits for no timer: with nothing under way it leaves at the end of this turn of the event loop.
 */
export class CallGatherer<In, Out> {
  readonly #run: (group: string, items: readonly In[]) => Promise<readonly Out[]>
  readonly #most: number
  readonly #sizeOf: (item: In) => number
  #waiting = 0
  readonly #groups = new Map<string, Group<In, Out>>()

  /**
   * @param run - answers a batch, in its order; a rejection rejects every call of the batch
   * @param most - size of one batch at the most; a single call beyond it goes alone
   * @param sizeOf - size of a call; one unless told
   */
  constructor(
    run: (group: string, items: readonly In[]) => Promise<readonly Out[]>,
    most: number,
    sizeOf: (item: In) => number = () => 1,
  ) {
    this.#run = run
    this.#most = most
    this.#sizeOf = sizeOf
  }

  /** Size of all that waits or is under way. */
  get load(): number {
    return this.#waiting
  }

  call(group: string, item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      const state = this.#groups.get(group) ?? { waiting: [], running: 0, scheduled: false }
      this.#groups.set(group, state)
      state.waiting.push({ item, resolve, reject })
      this.#waiting += this.#sizeOf(item)
      this.#schedule(group, state)
    })
  }

  #schedule(group: string, state: Group<In, Out>): void {
    if (state.scheduled || state.running >= CONCURRENT || state.waiting.length === 0) return
    state.scheduled = true
    setImmediate(() => {
      state.scheduled = false
      void this.#leave(group, state)
    })
  }

  async #leave(group: string, state: Group<In, Out>): Promise<void> {
    const batch = this.#take(state)
    if (batch.length === 0) return
    state.running++
    this.#schedule(group, state)
    try {
      const answers = await this.#run(
        group,
        batch.map((waiting) => waiting.item),
      )
      for (const [index, waiting] of batch.entries()) waiting.resolve(answers[index]!)
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
    } finally {
      for (const { item } of batch) this.#waiting -= this.#sizeOf(item)
      state.running--
      if (state.waiting.length > 0) this.#schedule(group, state)
      else if (state.running === 0) this.#groups.delete(group)
    }
  }

  #take(state: Group<In, Out>): Array<Waiting<In, Out>> {
    let size = 0
    const end = state.waiting.findIndex((waiting, index) => {
      size += this.#sizeOf(waiting.item)
      return index > 0 && size > this.#most
    })
    return state.waiting.splice(0, end === -1 ? state.waiting.length : end)
  }
}
