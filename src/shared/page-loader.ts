import type { EntityManager } from '@mikro-orm/postgresql'
import DataLoader from 'dataloader'
import type { Page, PageRequest } from './connection.ts'
import { findPages, type ListOf } from './find-pages.ts'
import type { ScopedEntity } from './scoped.entity.ts'

interface PageKey {
  parentId: number
  request: PageRequest
  where: object
}

/** Pages of lists that belong to parents: those that one moment asks of many parents are read together. */
export class PageLoader<T extends ScopedEntity> {
  readonly #pages: DataLoader<PageKey, Page<T>>

  constructor(em: EntityManager, { entity, parent, where: always = {} }: ListOf<T>) {
    this.#pages = new DataLoader(
      async (keys) => {
        const answers = new Map<PageKey, Page<T> | Error>()
        for (const alike of Map.groupBy(keys, ({ request, where }) => JSON.stringify([request, where])).values()) {
          const { request, where } = alike[0]!
          const parentIds = alike.map(({ parentId }) => parentId)
          const list = { entity, parent, where: { ...always, ...where } }
          const pages = await findPages(em, list, parentIds, request).catch((error: Error) => error)
          for (const [index, key] of alike.entries()) answers.set(key, pages instanceof Error ? pages : pages[index]!)
        }
        return keys.map((key) => answers.get(key)!)
      },
      // A list grows while a subscription lives.
      { cache: false },
    )
  }

  /** @throws DomainError INVALID_CURSOR */
  load(parentId: number, request: PageRequest, where: object = {}): Promise<Page<T>> {
    return this.#pages.load({ parentId, request, where })
  }
}
