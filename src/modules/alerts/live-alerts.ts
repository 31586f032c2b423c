import { NewestValue } from '../../shared/newest-value.ts'

/** Who waits for alerts of an organization to be raised or cleared. */
export class LiveAlerts {
  readonly #subscribers = new Map<string, Set<NewestValue<true>>>()

  subscribe(organizationId: string): NewestValue<true> {
    const subscribers = this.#subscribers.get(organizationId) ?? new Set()
    this.#subscribers.set(organizationId, subscribers)
    const subscriber = new NewestValue<true>(() => {
      subscribers.delete(subscriber)
      if (subscribers.size === 0 && this.#subscribers.get(organizationId) === subscribers) {
        this.#subscribers.delete(organizationId)
      }
    })
    subscribers.add(subscriber)
    subscriber.push(true)
    return subscriber
  }

  changed(organizationId: string): void {
    for (const subscriber of this.#subscribers.get(organizationId) ?? []) subscriber.push(true)
  }

  /** Anything may have changed. */
  changedAll(): void {
    for (const organizationId of this.#subscribers.keys()) this.changed(organizationId)
  }
}
