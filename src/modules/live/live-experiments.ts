import { NewestValue } from '../../shared/newest-value.ts'

/** Who waits for changes of an experiment's status or definition. */
export class LiveExperiments {
  readonly #subscribers = new Map<string, Set<NewestValue<number>>>()

  /** The id of the experiment: at once, and after each change. */
  subscribe(organizationId: string, experimentId: number): NewestValue<number> {
    const name = `${organizationId}:${experimentId}`
    const subscribers = this.#subscribers.get(name) ?? new Set()
    this.#subscribers.set(name, subscribers)
    const subscriber = new NewestValue<number>(() => {
      subscribers.delete(subscriber)
      if (subscribers.size === 0 && this.#subscribers.get(name) === subscribers) this.#subscribers.delete(name)
    })
    subscribers.add(subscriber)
    subscriber.push(experimentId)
    return subscriber
  }

  changed(organizationId: string, experimentIds: readonly number[]): void {
    for (const experimentId of experimentIds) {
      for (const subscriber of this.#subscribers.get(`${organizationId}:${experimentId}`) ?? []) {
        subscriber.push(experimentId)
      }
    }
  }

  /** Anything may have changed. */
  changedAll(): void {
    for (const [name, subscribers] of this.#subscribers) {
      for (const subscriber of subscribers) subscriber.push(Number(name.split(':')[1]))
    }
  }
}
