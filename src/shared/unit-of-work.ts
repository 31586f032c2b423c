import { OptimisticLockError, UniqueConstraintViolationException } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import { DomainError } from './domain-error.ts'
import type { DomainEvent, DomainEvents } from './domain-events.ts'

export type RecordEvent = (event: DomainEvent) => void

/** The transactions of one operation, within the organization of its viewer. */
export class UnitOfWork {
  readonly em: EntityManager
  readonly #events: DomainEvents

  constructor(em: EntityManager, events: DomainEvents) {
    this.em = em
    this.#events = events
  }

  /**
   * Runs `work` in one transaction. Domain events that it records are written with it, and told to others after commit.
   * @throws DomainError VERSION_CONFLICT when another transaction changed a versioned row first
   */
  async transaction<T>(work: (em: EntityManager, record: RecordEvent) => Promise<T>): Promise<T> {
    const recorded: DomainEvent[] = []
    // A fork of its own: what a failed transaction left changed in memory is not written by the next one.
    const answer = await this.em
      .fork()
      .transactional(async (em) => {
        const result = await work(em as EntityManager, (event) => recorded.push(event))
        await em.flush()
        for (const event of recorded) await this.#events.record(em as EntityManager, event)
        return result
      })
      .catch((error: unknown) => {
        throw asConflict(error)
      })
    for (const event of recorded) this.#events.announce(event)
    return answer
  }
}

function asConflict(error: unknown): unknown {
  if (error instanceof OptimisticLockError) {
    return new DomainError(
      'VERSION_CONFLICT',
      'Somebody else changed it at the same moment; read it again and repeat the change.',
    )
  }
  if (error instanceof UniqueConstraintViolationException) {
    return new DomainError('KEY_TAKEN', 'Somebody else has just taken this key.')
  }
  return error
}

/** Refuses a change that was made looking at an older version than the stored one. */
export function assertVersion(what: string, expected: number | null | undefined, current: number): void {
  if (expected != null && expected !== current) {
    throw new DomainError(
      'VERSION_CONFLICT',
      `expectedVersion is ${expected}, but the ${what} has version ${current}.`,
      {
        currentVersion: current,
      },
    )
  }
}
