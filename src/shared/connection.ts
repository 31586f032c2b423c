import { ArgsType, Field, Int, ObjectType } from 'type-graphql'
import { DomainError } from './domain-error.ts'

const MAX_PAGE = 100
const DEFAULT_PAGE = 20

@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, { nullable: true, description: 'How many from the start: 1 to 100, 20 unless told.' })
  first?: number | null

  @Field(() => String, { nullable: true, description: 'Only what comes after this cursor.' })
  after?: string | null

  @Field(() => Int, { nullable: true, description: 'How many from the end: 1 to 100.' })
  last?: number | null

  @Field(() => String, { nullable: true, description: 'Only what comes before this cursor.' })
  before?: string | null
}

@ObjectType({ description: 'Where a page stands in its list (Relay Cursor Connections).' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follows this page.' })
  hasNextPage!: boolean

  @Field(() => Boolean, { description: 'Whether anything precedes this page.' })
  hasPreviousPage!: boolean

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null on an empty page.' })
  startCursor!: string | null

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge; null on an empty page.' })
  endCursor!: string | null
}

export interface Page<T> {
  edges: Array<{ cursor: string; node: T }>
  pageInfo: PageInfo
  totalCount: number
}

export interface PageRequest {
  first?: number
  after?: string
  last?: number
  before?: string
}

/** Checks the four arguments against each other and fills in the default page size. */
export function pageRequest(args: ConnectionArgs): PageRequest {
  const { first, last, after, before } = args
  if (first != null && last != null) {
    throw new DomainError('PAGE_SIZE_INVALID', `first ${first} and last ${last} exclude each other; give one of them.`)
  }
  for (const [name, size] of [
    ['first', first],
    ['last', last],
  ] as const) {
    if (size != null && (size < 1 || size > MAX_PAGE)) {
      throw new DomainError('PAGE_SIZE_INVALID', `${name} is ${size}; a page takes 1 to ${MAX_PAGE}.`)
    }
  }
  const size = last != null ? { last } : { first: first ?? DEFAULT_PAGE }
  return { ...size, ...(after != null && { after }), ...(before != null && { before }) }
}

/** Edge and connection types of one node type. */
export function connectionOf<T extends object>(Node: new () => T) {
  @ObjectType(`${Node.name}Edge`, { description: `A ${Node.name} and its place in the list.` })
  class Edge {
    @Field(() => String, { description: 'Opaque; for after and before.' })
    cursor!: string

    @Field(() => Node, { nullable: true, description: 'The object.' })
    node!: T
  }

  @ObjectType(`${Node.name}Connection`, { description: `A page of a list of ${Node.name}s.` })
  class Connection implements Page<T> {
    @Field(() => [Edge], { nullable: true, description: 'The objects of this page with their cursors.' })
    edges!: Array<{ cursor: string; node: T }>

    @Field(() => PageInfo, { description: 'Where this page stands.' })
    pageInfo!: PageInfo

    @Field(() => Int, { description: 'How many the whole list holds.' })
    totalCount!: number
  }

  return Connection
}
