import { CursorError, type EntityManager, type EntityName, type FilterQuery, type QueryOrderMap } from '@mikro-orm/core'
import type { Page, PageRequest } from './connection.ts'
import { DomainError } from './domain-error.ts'

/** One page by keyset cursor; `orderBy` must end in a unique column. */
export async function findPage<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  where: FilterQuery<T>,
  orderBy: QueryOrderMap<T>,
  request: PageRequest,
): Promise<Page<T>> {
  try {
    const cursor = await em.findByCursor(entity, { where, orderBy, ...request } as never)
    const page = cursor as unknown as {
      items: T[]
      totalCount: number
      hasNextPage: boolean
      hasPrevPage: boolean
      startCursor: string | null
      endCursor: string | null
      from(item: T): string
    }
    return {
      edges: page.items.map((node) => ({ cursor: page.from(node), node })),
      totalCount: page.totalCount,
      pageInfo: {
        hasNextPage: page.hasNextPage,
        hasPreviousPage: page.hasPrevPage,
        startCursor: page.startCursor,
        endCursor: page.endCursor,
      },
    }
  } catch (error) {
    if (error instanceof CursorError || (error instanceof SyntaxError && (request.after ?? request.before))) {
      throw new DomainError(
        'INVALID_CURSOR',
        `The cursor ${request.after ?? request.before} was not issued by this list.`,
      )
    }
    throw error
  }
}
