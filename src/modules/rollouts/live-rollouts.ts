import { DomainError } from '../../shared/domain-error.ts'
import { NewestValue } from '../../shared/newest-value.ts'

/** Least time between two pushes of one rollout, in milliseconds: four a second at the most. */
const PACE_MS = 250

interface Subject {
  organizationId: string
  rolloutId: number
  subscribers: Set<NewestValue<number>>
  pushedAt: number
  timer: NodeJS.Timeout | null
}

/** Who waits for steps and samples of a rollout. */
export class LiveRollouts {
  readonly #exists: (organizationId: string, rolloutId: number) => Promise<boolean>
  readonly #subjects = new Map<string, Subject>()

  constructor(exists: (organizationId: string, rolloutId: number) => Promise<boolean>) {
    this.#exists = exists
  }

  /** The id of the rollout: at once, and after changes. Ends with ROLLOUT_DELETED. */
  subscribe(organizationId: string, rolloutId: number): NewestValue<number> {
    const name = `${organizationId}:${rolloutId}`
    const subject = this.#subjects.get(name) ?? {
      organizationId,
      rolloutId,
      subscribers: new Set(),
      pushedAt: Number.NEGATIVE_INFINITY,
      timer: null,
    }
    this.#subjects.set(name, subject)
    const subscriber = new NewestValue<number>(() => {
      subject.subscribers.delete(subscriber)
      if (subject.subscribers.size > 0) return
      clearTimeout(subject.timer ?? undefined)
      if (this.#subjects.get(name) === subject) this.#subjects.delete(name)
    })
    subject.subscribers.add(subscriber)
    subscriber.push(rolloutId)
    return subscriber
  }

  /** Whether anybody waits for a rollout of the organization. */
  isWatched(organizationId: string): boolean {
    for (const subject of this.#subjects.values()) if (subject.organizationId === organizationId) return true
    return false
  }

  changed(organizationId: string, rolloutIds: readonly number[]): void {
    for (const rolloutId of rolloutIds) {
      const subject = this.#subjects.get(`${organizationId}:${rolloutId}`)
      if (subject) void this.#push(subject)
    }
  }

  /** Anything may have changed. */
  changedAll(): void {
    for (const subject of this.#subjects.values()) void this.#push(subject)
  }

  async #push(subject: Subject): Promise<void> {
    if (subject.timer) return
    const wait = subject.pushedAt + PACE_MS - performance.now()
    if (wait > 0) {
      subject.timer = setTimeout(() => {
        subject.timer = null
        void this.#push(subject)
      }, wait)
      return
    }
    subject.pushedAt = performance.now()
    // Where the database does not answer, the subscriber's own look at the rollout tells so.
    const exists = await this.#exists(subject.organizationId, subject.rolloutId).catch(() => true)
    for (const subscriber of subject.subscribers) {
      if (exists) subscriber.push(subject.rolloutId)
      else subscriber.fail(new DomainError('ROLLOUT_DELETED', 'The rollout was deleted.'))
    }
  }
}
