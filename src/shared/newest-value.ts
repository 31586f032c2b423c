/**
 * An async iterator of which a slow reader gets only the newest value, never a queue of old ones.
 * One reader; it ends by its own return, or with the error that it is failed with.
 */
export class NewestValue<T> implements AsyncIterableIterator<T> {
  readonly #endListeners: Array<() => void>
  #pending: { value: T } | null = null
  #waiting: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void } | null = null
  #failure: { error: unknown } | null = null
  #isDone = false

  /** @param onEnd - called once, when nobody reads any more */
  constructor(onEnd: () => void) {
    this.#endListeners = [onEnd]
  }

  /** Ends with a session: the reader gets the reason of its signal as the error. */
  endWith(session: AbortSignal | undefined): this {
    if (!session) return this
    const end = () => this.fail(session.reason)
    if (session.aborted) end()
    session.addEventListener('abort', end, { once: true })
    this.#endListeners.push(() => session.removeEventListener('abort', end))
    return this
  }

  push(value: T): void {
    if (this.#isDone || this.#failure) return
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting) waiting.resolve({ done: false, value })
    else this.#pending = { value }
  }

  /** The reader gets this error next, in place of anything that it has not read. */
  fail(error: unknown): void {
    if (this.#isDone || this.#failure) return
    this.#failure = { error }
    this.#pending = null
    if (this.#waiting) this.#throwTo(this.#waiting)
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#pending) {
      const { value } = this.#pending
      this.#pending = null
      return Promise.resolve({ done: false, value })
    }
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      if (this.#failure) this.#throwTo(this.#waiting)
    })
  }

  return(): Promise<IteratorResult<T>> {
    this.#end()
    this.#waiting?.resolve({ done: true, value: undefined })
    this.#waiting = null
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #throwTo(reader: { reject(error: unknown): void }): void {
    this.#waiting = null
    this.#end()
    reader.reject(this.#failure!.error)
  }

  #end(): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#pending = null
    for (const listener of this.#endListeners) listener()
  }
}
