import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: ExperimentFilter, $orderBy: ExperimentOrder) {
  experiments(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    totalCount edges { cursor node { key } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`
const MINUTE = 60_000
const START = Date.parse('2026-03-01T00:00:00Z')

interface List {
  totalCount: number
  edges: Array<{ cursor: string; node: { key: string } }>
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

let server: TestServer
let bench: Workbench
let now = START
const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString()
const list = async (variables: object = {}): Promise<List> => (await bench.query(LIST, { ...variables })).experiments
const keys = (page: List) => page.edges.map(({ node }) => node.key)

// a to g, created a minute after each other; c runs since minute 10, d is paused since 11, e completed since 12.
beforeAll(async () => {
  server = await startTestServer({ clock: () => new Date(now) })
  bench = await Workbench.open(server)
  const names = ['Delta', 'delta', 'Alpha', 'Échelle', '100%', 'x_y', 'alpha']
  for (const [index, key] of ['a', 'b', 'c', 'd', 'e', 'f', 'g'].entries()) {
    now = START + index * MINUTE
    await bench.experiment(key, {
      name: names[index],
      tags: index % 2 ? ['odd', 'checkout'] : ['even'],
      hypothesis: key === 'g' ? 'Fewer CLICKS' : null,
    })
  }
  for (const [index, key] of ['c', 'd', 'e'].entries()) {
    now = START + (10 + index) * MINUTE
    await bench.done('startExperiment', { experimentKey: key })
  }
  await bench.done('pauseExperiment', { experimentKey: 'd' })
  await bench.done('completeExperiment', { experimentKey: 'e' })
  const other = await Workbench.open(server)
  await other.experiment('foreign', { tags: ['even'] })
})
afterAll(() => server?.stop())

describe('filters', () => {
  const cases: Array<[string, object, string[]]> = [
    ['nothing: all of the organization', {}, ['g', 'f', 'e', 'd', 'c', 'b', 'a']],
    ['one status', { status: ['RUNNING'] }, ['c']],
    ['several statuses', { status: ['PAUSED', 'COMPLETED'] }, ['e', 'd']],
    ['no status at all', { status: [] }, []],
    ['a tag', { tag: 'odd' }, ['f', 'd', 'b']],
    ['a tag that is part of another', { tag: 'check' }, []],
    ['text in the name, in any case', { text: 'DELTA' }, ['b', 'a']],
    ['text in the hypothesis', { text: 'clicks' }, ['g']],
    ['text with accents', { text: 'échelle' }, ['d']],
    ['a per cent sign as itself', { text: '%' }, ['e']],
    ['an underscore as itself', { text: '_' }, ['f']],
    ['created: from inclusive, to exclusive', { createdBetween: { from: at(1), to: at(3) } }, ['c', 'b']],
    ['created, open at one end', { createdBetween: { from: at(5) } }, ['g', 'f']],
    ['started: leaves drafts out', { startedBetween: {} }, ['e', 'd', 'c']],
    ['started in a span', { startedBetween: { from: at(11), to: at(12) } }, ['d']],
    ['all conditions together', { tag: 'even', status: ['DRAFT'], createdBetween: { to: at(6) } }, ['a']],
  ]
  test.each(cases)('%s', async (_name, filter, expected) => {
    const page = await list({ filter })
    expect(keys(page)).toEqual(expected)
    expect(page.totalCount).toBe(expected.length)
  })

  test('refuse text that cannot be searched', async () => {
    for (const text of ['', 'x'.repeat(201), 'a\u0000']) {
      const { errors } = await server.send(bench.seed.keys.adminKey, LIST, { filter: { text } })
      expect(errors?.[0]?.extensions.code).toMatch(/BAD_USER_INPUT|TEXT_INVALID/)
    }
  })
})

describe('order', () => {
  const cases: Array<[object, string[]]> = [
    [{ field: 'CREATED' }, ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    [{ field: 'KEY', direction: 'DESC' }, ['g', 'f', 'e', 'd', 'c', 'b', 'a']],
    [{ field: 'STARTED' }, ['c', 'd', 'e', 'a', 'b', 'f', 'g']],
    [{ field: 'STARTED', direction: 'DESC' }, ['e', 'd', 'c', 'g', 'f', 'b', 'a']],
    [{ field: 'NAME' }, ['e', 'c', 'a', 'g', 'b', 'f', 'd']],
  ]
  test.each(cases)('%o', async (orderBy, expected) => {
    expect(keys(await list({ orderBy }))).toEqual(expected)
  })
})

describe('pages', () => {
  const ORDERS = [
    { field: 'CREATED', direction: 'ASC' },
    { field: 'CREATED', direction: 'DESC' },
    { field: 'STARTED', direction: 'ASC' },
    { field: 'STARTED', direction: 'DESC' },
    { field: 'NAME', direction: 'ASC' },
    { field: 'KEY', direction: 'DESC' },
  ]
  test.each(ORDERS)('walk %o forwards and backwards without gap or repeat', async (orderBy) => {
    const all = keys(await list({ orderBy }))
    for (const size of [1, 2, 3, 7]) {
      const forwards: string[] = []
      let page = await list({ orderBy, first: size })
      for (;;) {
        forwards.push(...keys(page))
        expect(page.totalCount).toBe(7)
        expect(page.pageInfo.hasPreviousPage).toBe(forwards.length > size)
        if (!page.pageInfo.hasNextPage) break
        page = await list({ orderBy, first: size, after: page.pageInfo.endCursor })
      }
      expect(forwards).toEqual(all)
      const backwards: string[] = []
      page = await list({ orderBy, last: size })
      for (;;) {
        backwards.unshift(...keys(page))
        expect(page.pageInfo.hasNextPage).toBe(backwards.length > size)
        if (!page.pageInfo.hasPreviousPage) break
        page = await list({ orderBy, last: size, before: page.pageInfo.startCursor })
      }
      expect(backwards).toEqual(all)
    }
  })

  test('hold their place while others are created', async () => {
    const orderBy = { field: 'CREATED', direction: 'DESC' }
    const first = await list({ orderBy, first: 3, filter: { text: 'a' } })
    const own = await Workbench.open(server)
    now = START + 100 * MINUTE
    await own.experiment('a-new')
    const rest = await list({ orderBy, first: 3, after: first.pageInfo.endCursor, filter: { text: 'a' } })
    expect(keys(first).filter((key) => keys(rest).includes(key))).toEqual([])
  })

  test('refuse wrong sizes and cursors that this list has not issued', async () => {
    const code = async (variables: object) =>
      (await server.send(bench.seed.keys.adminKey, LIST, { ...variables })).errors?.[0]?.extensions.code
    for (const size of [{ first: 0 }, { first: 101 }, { last: -1 }, { first: 1, last: 1 }]) {
      expect(await code(size)).toBe('PAGE_SIZE_INVALID')
    }
    const { pageInfo } = await list({ first: 2, orderBy: { field: 'KEY' } })
    expect(await code({ after: pageInfo.endCursor, orderBy: { field: 'NAME' } })).toBe('INVALID_CURSOR')
    for (const after of ['', 'garbage', Buffer.from('["x","y"]').toString('base64url')]) {
      expect(await code({ after })).toBe('INVALID_CURSOR')
    }
  })

  test('are empty, not broken, where there is nothing', async () => {
    expect(await list({ filter: { tag: 'none' } })).toEqual({
      totalCount: 0,
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    })
  })
})
