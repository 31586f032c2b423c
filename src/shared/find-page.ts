import {
  CursorError,
  DriverException,
  type EntityManager,
  type EntityName,
  type FilterQuery,
  type QueryOrderMap,
} from '@mikro-orm/core'
import type { Page, PageRequest } from './connection.ts'
import { DomainError } from './domain-error.ts'

/** One page by keyset cursor; `orderBy` must end in a unique column. */
export async function findPage<T extends object>(
  em: EntityManager,
  entity: EntityName<T>,
  where: FilterQuery<T>,
  orderBy: QueryOrderMap<T>,
  { after, before, ...size }: PageRequest,
): Promise<Page<T>> {
  const order = JSON.stringify(orderBy)
  const bounds = {
    ...(after !== undefined && { after: toInner(order, after) }),
    ...(before !== undefined && { before: toInner(order, before) }),
  }
  try {
    const cursor = await em.findByCursor(entity, { where, orderBy, ...size, ...bounds } as never)
    const page = cursor as unknown as {
      items: T[]
      totalCount: number
      hasNextPage: boolean
      hasPrevPage: boolean
      from(item: T): string
    }
    const edges = page.items.map((node) => ({ cursor: toOuter(order, page.from(node)), node }))
    return {
      edges,
      totalCount: page.totalCount,
      pageInfo: {
        hasNextPage: page.hasNextPage,
        hasPreviousPage: page.hasPrevPage,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    }
  } catch (error) {
    if ((after ?? before) !== undefined && isAboutCursor(error)) throw notIssued((after ?? before)!)
    throw error
  }
}

/** What clients see: the ORM's cursor and the order that it belongs to. */
export function toOuter(order: string, inner: string): string {
  return Buffer.from(JSON.stringify([order, inner])).toString('base64url')
}

/** @throws DomainError INVALID_CURSOR for anything that a list in this order has not issued */
export function toInner(order: string, outer: string): string {
  try {
    const [itsOrder, inner] = JSON.parse(Buffer.from(outer, 'base64url').toString('utf8')) as [string, string]
    const values = JSON.parse(Buffer.from(inner, 'base64url').toString('utf8')) as unknown[]
    const plain = Array.isArray(values) && values.every((value) => value === null || typeof value !== 'object')
    if (itsOrder === order && plain) return inner
  } catch {
    // Falls through: not JSON, or not of this shape.
  }
  throw notIssued(outer)
}

/** A value inside the cursor that does not fit its column: PostgreSQL's class 22, data exception. */
function isAboutCursor(error: unknown): boolean {
  return error instanceof CursorError || (error instanceof DriverException && String(error.code).startsWith('22'))
}

export function notIssued(cursor: string): DomainError {
  return new DomainError('INVALID_CURSOR', `The cursor ${cursor.slice(0, 200)} was not issued by this list.`)
}
