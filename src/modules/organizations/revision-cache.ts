import type { EntityManager } from '@mikro-orm/postgresql'
import { Organization } from './organization.entity.ts'

/** How long what is remembered is used before the revision of its organization is looked at again, in milliseconds. */
const TRUSTED_MS = 400

interface Entry<T> {
  revision: number
  value: T
  checkedAt: number
}

/**
 * What an organization has defined, in memory, for the hot paths. A change by this process is seen at once; one by another
 * process within half a second, because every change of a definition raises the revision of its organization in the same
 * transaction.
 */
export class RevisionCache<T> {
  readonly #scoped: (organizationId: string) => EntityManager
  readonly #find: (em: EntityManager) => Promise<T>
  readonly #entries = new Map<string, Entry<T>>()
  readonly #loading = new Map<string, Promise<T>>()

  /** @param find - reads it all, in the transaction that reads the revision */
  constructor(scoped: (organizationId: string) => EntityManager, find: (em: EntityManager) => Promise<T>) {
    this.#scoped = scoped
    this.#find = find
  }

  of(organizationId: string): T | Promise<T> {
    const entry = this.#entries.get(organizationId)
    if (entry && performance.now() - entry.checkedAt < TRUSTED_MS) return entry.value
    return this.#loading.get(organizationId) ?? this.#refresh(organizationId)
  }

  /** Drops what is remembered, after a change. */
  forget(organizationId: string): void {
    this.#entries.delete(organizationId)
    this.#loading.delete(organizationId)
  }

  /** Drops everything, after changes may have been missed. */
  forgetAll(): void {
    this.#entries.clear()
    this.#loading.clear()
  }

  #refresh(organizationId: string): Promise<T> {
    const checkedAt = performance.now()
    // What was read before a change of this process is not remembered: forget() has taken it off the list.
    const isCurrent = () => this.#loading.get(organizationId) === loading
    const loading = this.#load(organizationId)
      .then(({ revision, value }) => {
        if (isCurrent()) this.#entries.set(organizationId, { revision, value, checkedAt })
        return value
      })
      .finally(() => {
        if (isCurrent()) this.#loading.delete(organizationId)
      })
    this.#loading.set(organizationId, loading)
    return loading
  }

  #load(organizationId: string): Promise<{ revision: number; value: T }> {
    const known = this.#entries.get(organizationId)
    return this.#scoped(organizationId).transactional(
      async (em) => {
        const revision = (await em.findOne(Organization, { id: organizationId }, { refresh: true }))?.revision ?? 0
        return known?.revision === revision ? known : { revision, value: await this.#find(em as EntityManager) }
      },
      { readOnly: true },
    )
  }
}
