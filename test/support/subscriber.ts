import type { Sink } from 'graphql-ws'

// biome-ignore lint/suspicious/noExplicitAny: the answers of the graph are of any shape.
export type Pushed = { data: any; errors?: Array<{ message: string; extensions?: Record<string, unknown> }> }

/** Keeps what a subscription has pushed, and waits for what is to come. */
export class Subscriber {
  readonly seen: Pushed[] = []
  /** What the subscription ended with: errors, a close event, or null for completion. */
  readonly ended: Promise<unknown>
  readonly stop: () => void
  readonly #waiting = new Set<{ wanted: (pushed: Pushed) => boolean; resolve: (pushed: Pushed) => void }>()

  constructor(subscribe: (sink: Sink<Pushed>) => () => void) {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    this.ended = promise
    this.stop = subscribe({
      next: (pushed) => {
        const answer = pushed as Pushed
        this.seen.push(answer)
        for (const waiting of this.#waiting) if (waiting.wanted(answer)) waiting.resolve(answer)
      },
      error: (error) => resolve(error),
      complete: () => resolve(null),
    })
  }

  first(): Promise<Pushed> {
    return this.until(() => true)
  }

  /** The first push, past or to come, that is wanted; fails when the subscription ends before. */
  async until(wanted: (pushed: Pushed) => boolean): Promise<Pushed> {
    const known = this.seen.find(wanted)
    if (known) return known
    const { promise, resolve } = Promise.withResolvers<Pushed>()
    this.#waiting.add({ wanted, resolve })
    return Promise.race([
      promise,
      this.ended.then((end) => {
        throw new Error(`The subscription ended: ${JSON.stringify(end)}`)
      }),
    ])
  }
}
