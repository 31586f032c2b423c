import type { EntityName } from '@mikro-orm/core'
import { type EntityManager, raw } from '@mikro-orm/postgresql'
import type { Page, PageRequest } from './connection.ts'
import { notIssued, toInner, toOuter } from './find-page.ts'
import type { ScopedEntity } from './scoped.entity.ts'

const NEWEST_FIRST = { id: 'desc' } as const
const ORDER = JSON.stringify(NEWEST_FIRST)
const GREATEST_ID = 2 ** 31 - 1

/** Which rows a list holds: those that refer to its parent and meet the conditions. */
export interface ListOf<T> {
  entity: EntityName<T>
  /** Property that refers to the parent. */
  parent: keyof T & string
  where?: object
}

/**
 * The same page of several lists, newest first, in the order of their parents: two statements, however many lists there are.
 * @throws DomainError INVALID_CURSOR
 */
export async function findPages<T extends ScopedEntity>(
  em: EntityManager,
  { entity, parent, where = {} }: ListOf<T>,
  parentIds: readonly number[],
  request: PageRequest,
): Promise<Array<Page<T>>> {
  const { after, before, first, last } = request
  const builder = async (parents: object) => {
    const rows = em.createQueryBuilder<ScopedEntity>(entity as EntityName<ScopedEntity>)
    await rows.applyFilters()
    return rows.andWhere({ ...where, [parent]: parents })
  }
  const bounds = [
    ...(after === undefined ? [] : [{ id: { $lt: idIn(after) } }]),
    ...(before === undefined ? [] : [{ id: { $gt: idIn(before) } }]),
  ]
  const [page, ...pages] = await Promise.all(
    parentIds.map(async (id) => {
      const list = await builder({ $eq: id })
      // One more than is shown: whether there is more.
      const most = (last ?? first)! + 1
      return list
        .andWhere({ $and: bounds })
        .select('id')
        .orderBy({ id: last ? 'asc' : 'desc' })
        .limit(most)
    }),
  )
  if (!page) return []
  const found = (await em.find(entity, { id: { $in: page.unionAll(...pages) } } as never, {
    orderBy: NEWEST_FIRST as never,
  })) as T[]
  const counted = await (await builder({ $in: [...parentIds] }))
    .select([parent as never, raw('count(*)::int as total')])
    .groupBy(parent as never)
    .execute<Array<Record<string, number>>>('all')
  const rows = Map.groupBy(found, (row) => idOf(row[parent]))
  const totals = new Map(counted.map((row) => [row[parent], row.total ?? 0]))
  return parentIds.map((id) => pageOf(rows.get(id) ?? [], totals.get(id) ?? 0, request))
}

function pageOf<T extends ScopedEntity>(
  found: readonly T[],
  totalCount: number,
  { after, before, first, last }: PageRequest,
): Page<T> {
  const shown = last === undefined ? found.slice(0, first) : found.slice(-last)
  const hasMore = found.length > shown.length
  const edges = shown.map((node) => ({ cursor: cursorOf(node), node }))
  return {
    edges,
    totalCount,
    pageInfo: {
      hasNextPage: last === undefined ? hasMore : before !== undefined,
      hasPreviousPage: last === undefined ? after !== undefined : hasMore,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

function idOf(reference: unknown): number {
  return typeof reference === 'number' ? reference : (reference as { id: number }).id
}

function cursorOf({ id }: ScopedEntity): string {
  return toOuter(ORDER, Buffer.from(JSON.stringify([id])).toString('base64url'))
}

/** @throws DomainError INVALID_CURSOR */
function idIn(cursor: string): number {
  const [id] = JSON.parse(Buffer.from(toInner(ORDER, cursor), 'base64url').toString('utf8')) as [unknown]
  if (typeof id === 'number' && Number.isInteger(id) && Math.abs(id) <= GREATEST_ID) return id
  throw notIssued(cursor)
}
