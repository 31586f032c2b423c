import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const OPERATIONS = 1_000
const MOST_GROWTH_BYTES = 20 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

type Body = string | { query?: unknown; variables?: unknown; operationName?: unknown; extensions?: unknown }

const TRACK = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted rejected { code } } }'
const CREATE =
  'mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { __typename ... on Error { code } } }'
const METRIC =
  'mutation ($input: CreateMetricInput!) { createMetric(input: $input) { __typename ... on Error { code } } }'
const ASSIGN = 'mutation ($input: AssignInput!) { assign(input: $input) { reason } }'

/** Malformed, oversized, deep, wrongly typed and hostile, each in as many variations as there are numbers. */
const HOSTILE: Array<(n: number) => Body> = [
  (n) => '{"query": "{'.repeat((n % 5) + 1),
  (n) => '['.repeat(n + 1),
  () => 'null',
  (n) => ({ query: n }),
  (n) => ({ query: '{'.repeat(n) }),
  (n) => ({ query: `{ ${'node(id: "x") { '.repeat(n)} id ${'}'.repeat(n)} }` }),
  (n) => ({ query: `{ ${'a: __typename '.repeat(4_000)}b${n}: nothing }` }),
  (n) => ({ query: `{ ${Array.from({ length: 900 + n }, (_, i) => `a${i}: __typename`).join(' ')} }` }),
  (n) => ({ query: `query ${'@a'.repeat(n + 1)} { __typename }` }),
  () => ({ query: 'fragment A on Query { ...B } fragment B on Query { ...A } { ...A }' }),
  (n) => ({ query: `"${'\u0000'.repeat(n)}"` }),
  (n) => ({ query: `{ experiment(key: "${'x'.repeat(n * 100)}") { id } }` }),
  (n) => ({ query: `{ experiments(first: ${n * 1_000_000}) { totalCount } }` }),
  (n) => ({ query: `{ experiments(first: -${n + 1}) { totalCount } }` }),
  (n) => ({ query: `{ experiments(first: 1, after: "${Buffer.from(`x${n}`).toString('base64')}") { totalCount } }` }),
  (n) => ({ query: `{ node(id: "${Buffer.from(`Experiment:${'9'.repeat(n)}`).toString('base64url')}") { id } }` }),
  (n) => ({ query: '{ __typename }', operationName: 'nothing'.repeat(n + 1) }),
  (n) => ({ query: '{ __typename }', variables: n }),
  (n) => ({ query: 'query ($a: Int!) { experiments(first: $a) { totalCount } }', variables: { a: `${n}` } }),
  (n) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: 'f'.repeat(n) } } }),
  (n) => ({ query: TRACK, variables: { input: { events: Array.from({ length: 5_001 + n }, () => ({})) } } }),
  (n) => ({
    query: TRACK,
    variables: {
      input: { events: [{ idempotencyKey: '\u0000', unitId: 'a\ud800', name: 'x'.repeat(n * 50), value: 1e300 }] },
    },
  }),
  (n) => ({
    query: TRACK,
    variables: {
      input: { events: [{ idempotencyKey: `${n}`, unitId: `u${n}`, name: 'e', properties: nested(100 * (n + 1)) }] },
    },
  }),
  (n) => ({ query: TRACK, variables: { input: { sentAt: 'yesterday', events: [n] } } }),
  (n) => ({ query: CREATE, variables: { input: { key: `k'; drop table experiment; -- ${n}`, name: 'x' } } }),
  (n) => ({
    query: CREATE,
    variables: { input: { key: `t${n}`, name: 'x', targeting: { a: { $regex: `${'(a+)+'.repeat(n + 1)}(?<=b)` } } } },
  }),
  (n) => ({ query: CREATE, variables: { input: { key: `d${n}`, name: 'x', targeting: nested(n * 50 + 50) } } }),
  (n) => ({ query: CREATE, variables: { input: { key: `z${n}`, name: '\u0000', timeZone: "UTC'; select 1" } } }),
  (n) => ({
    query: CREATE,
    variables: {
      input: {
        key: `s${n}`,
        name: 'x',
        configSchema: { $ref: 'http://169.254.169.254/latest' },
        variants: [{ key: 'a', config: {} }],
      },
    },
  }),
  (n) => ({
    query: METRIC,
    variables: { input: { key: `m${n}`, name: 'x', kind: 'PROPORTION', eventName: '\u0000'.repeat(n + 1) } },
  }),
  (n) => ({
    query: METRIC,
    variables: { input: { key: 'm', name: 'x', kind: 'MEAN', eventName: 'e', conversionWindowHours: -n - 1 } },
  }),
  (n) => ({ query: ASSIGN, variables: { input: { experimentKey: `nothing${n}`, unitId: 'x'.repeat(n * 1_000) } } }),
  (n) => ({
    query: ASSIGN,
    variables: {
      input: { experimentKey: 'a', unitId: '__proto__', attributes: JSON.parse(`{"__proto__": {"n": ${n}}}`) },
    },
  }),
]

it(`answers ${OPERATIONS} hostile operations with a reason, never with a fault of its own, and keeps nothing of them`, async () => {
  const { adminKey } = await server.organization()
  await sendAll(adminKey, 100)
  collect()
  const before = process.memoryUsage().heapUsed
  const answers = await sendAll(adminKey, OPERATIONS)
  collect()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(MOST_GROWTH_BYTES)
  expect(answers.filter(({ isFault }) => isFault)).toEqual([])
  expect(answers.filter(({ isRefused }) => !isRefused)).toEqual([])
})

interface Answer {
  body: string
  isFault: boolean
  isRefused: boolean
}

async function sendAll(key: string, count: number): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let n = 0; n < count; n += 10) {
    answers.push(...(await Promise.all(Array.from({ length: 10 }, (_, i) => send(key, n + i)))))
  }
  return answers
}

async function send(key: string, n: number): Promise<Answer> {
  const given = HOSTILE[n % HOSTILE.length]!(Math.floor(n / HOSTILE.length))
  const body = typeof given === 'string' ? given : JSON.stringify(given)
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body,
  })
  const text = await response.text()
  return {
    // A copy: a slice would keep the whole text alive.
    body: Buffer.from(`${body.slice(0, 150)} → ${text.slice(0, 150)}`).toString(),
    isFault: response.status >= 500 || text.includes('INTERNAL_SERVER_ERROR'),
    // A 4xx, an error with a code, a member of a result union or receipt that is one, or nothing found.
    isRefused: response.status >= 400 || /"code":"[A-Z_]+"|^\{"data":\{"\w+":null\}\}\s*$/.test(text),
  }
}

function nested(levels: number): object {
  let value: object = {}
  for (let level = 0; level < levels; level++) value = { a: value }
  return value
}
