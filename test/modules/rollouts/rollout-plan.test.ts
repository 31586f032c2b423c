import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RolloutBench } from '../../support/rollout-bench.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

let server: TestServer
let bench: RolloutBench
beforeAll(async () => {
  server = await startTestServer()
  bench = await RolloutBench.open(server)
  await bench.seed.metric({ key: 'crashes', kind: 'PROPORTION', direction: 'DECREASE' })
  await bench.seed.metric({ key: 'spent', kind: 'MEAN' })
})
afterAll(() => server?.stop())

describe('createRollout', () => {
  it('makes a draft with the default stages', async () => {
    const draft = await bench.done('createRollout', { key: 'plain', name: 'Plain', versionLabel: 'v2' })
    expect(draft).toMatchObject({
      status: 'DRAFT',
      shareBasisPoints: 0,
      alpha: 0.05,
      maximumSampleAgeSeconds: 300,
      unitType: 'user',
      health: null,
      healthChecks: [],
      transitions: [],
      version: 1,
    })
    expect(
      draft.stages.map(({ shareBasisPoints, minimumDurationSeconds }: Record<string, number>) => [
        shareBasisPoints,
        minimumDurationSeconds! / 3_600,
      ]),
    ).toEqual([
      [500, 2],
      [2_500, 4],
      [5_000, 8],
      [7_500, 12],
      [10_000, 0],
    ])
  })

  it('fills in the health checks', async () => {
    const { healthChecks } = await bench.create('checked', {
      healthChecks: [
        { signal: 'ERROR_RATE' },
        { signal: 'LATENCY' },
        { signal: 'QUALITY' },
        { signal: 'LATENCY', quantile: 0.95, limit: 400, key: 'p95' },
        { signal: 'ERROR_RATE', comparison: 'CONTROL', onFailure: 'PAUSE', minimumSample: 50 },
        { signal: 'METRIC', comparison: 'CONTROL', metricKey: 'crashes' },
        { signal: 'METRIC', metricKey: 'spent', limit: 3.5 },
      ],
    })
    expect(healthChecks).toMatchObject([
      { key: 'error_rate-threshold', limit: 0.05, isHigherWorse: true, minimumSample: 1_000, onFailure: 'ROLL_BACK' },
      { key: 'latency-threshold', limit: 200, isHigherWorse: true, quantile: null },
      { key: 'quality-threshold', limit: 0.75, isHigherWorse: false },
      { key: 'p95', limit: 400, quantile: 0.95 },
      { key: 'error_rate-control', limit: 0, onFailure: 'PAUSE', minimumSample: 50, metric: null },
      { key: 'crashes-control', limit: 0, isHigherWorse: true, minimumSample: 100, metric: { key: 'crashes' } },
      { key: 'spent-threshold', limit: 3.5, isHigherWorse: false, metricVersion: null },
    ])
  })

  const stage = (shareBasisPoints: number, minimumDurationSeconds = 1) => ({ shareBasisPoints, minimumDurationSeconds })
  const check = (fields: Record<string, unknown>) => ({ healthChecks: [fields] })
  const refusals: Array<[string, Record<string, unknown>, string]> = [
    ['a broken key', { key: 'a b' }, 'KEY_INVALID'],
    ['an empty name', { name: ' ' }, 'BAD_USER_INPUT'],
    ['an empty version', { versionLabel: '' }, 'BAD_USER_INPUT'],
    ['no stages', { stages: [] }, 'STAGES_INVALID'],
    ['stages that fall', { stages: [stage(500), stage(400), stage(10_000)] }, 'STAGES_INVALID'],
    ['stages that end early', { stages: [stage(500), stage(9_999)] }, 'STAGES_INVALID'],
    ['a share of nobody', { stages: [stage(0), stage(10_000)] }, 'BAD_USER_INPUT'],
    ['a negative duration', { stages: [stage(10_000, -1)] }, 'BAD_USER_INPUT'],
    ['a start in the past', { startsAt: '2020-01-01T00:00:00Z' }, 'STARTS_AT_INVALID'],
    ['alpha of 0.9', { alpha: 0.9 }, 'BAD_USER_INPUT'],
    ['targeting without sense', { targeting: { a: { $nonsense: 1 } } }, 'TARGETING_INVALID'],
    ['an error rate of 5', check({ signal: 'ERROR_RATE', limit: 5 }), 'HEALTH_CHECK_INVALID'],
    ['a negative margin', check({ signal: 'LATENCY', comparison: 'CONTROL', limit: -1 }), 'BAD_USER_INPUT'],
    ['a quantile of errors', check({ signal: 'ERROR_RATE', quantile: 0.9 }), 'HEALTH_CHECK_INVALID'],
    ['a quantile beyond 1', check({ signal: 'LATENCY', quantile: 95 }), 'HEALTH_CHECK_INVALID'],
    ['a metric that is missing', check({ signal: 'METRIC' }), 'HEALTH_CHECK_INVALID'],
    ['a metric that does not exist', check({ signal: 'METRIC', metricKey: 'no' }), 'METRIC_NOT_FOUND'],
    ['a metric without its limit', check({ signal: 'METRIC', metricKey: 'spent' }), 'HEALTH_CHECK_INVALID'],
    ['a metric for errors', check({ signal: 'ERROR_RATE', metricKey: 'spent' }), 'HEALTH_CHECK_INVALID'],
    ['checks of one name', { healthChecks: [{ signal: 'LATENCY' }, { signal: 'LATENCY' }] }, 'HEALTH_CHECK_INVALID'],
  ]
  for (const [index, [name, plan, code]] of refusals.entries()) {
    it(`refuses ${name} with ${code}`, async () => {
      const input = { key: `refused-${index}`, name: 'x', versionLabel: 'v', ...plan }
      expect(await bench.mutate('createRollout', input)).toMatchObject({ code })
      expect(await bench.read(`refused-${index}`)).toBeNull()
    })
  }

  it('takes a key once, also after deletion', async () => {
    await bench.create('once')
    expect(await bench.mutate('createRollout', { key: 'once', name: 'x', versionLabel: 'v' })).toMatchObject({
      __typename: 'ConflictError',
      code: 'KEY_TAKEN',
    })
    await bench.done('deleteRollout', { rolloutKey: 'once' })
    expect(await bench.read('once')).toBeNull()
    expect((await bench.mutate('createRollout', { key: 'once', name: 'x', versionLabel: 'v' })).code).toBe('KEY_TAKEN')
  })
})

describe('updateRollout', () => {
  it('changes the plan of a draft, and clears what it is told to clear', async () => {
    await bench.create('draft', { targeting: { a: 1 }, healthChecks: [{ signal: 'LATENCY' }] })
    const changed = await bench.done('updateRollout', {
      rolloutKey: 'draft',
      expectedVersion: 1,
      name: 'Better',
      versionLabel: 'v3',
      targeting: null,
      config: null,
      healthChecks: [{ signal: 'QUALITY' }],
      stages: [{ shareBasisPoints: 10_000, minimumDurationSeconds: 5 }],
    })
    expect(changed).toMatchObject({
      name: 'Better',
      versionLabel: 'v3',
      targeting: null,
      config: null,
      controlConfig: { color: 'old' },
      version: 2,
      healthChecks: [{ signal: 'QUALITY' }],
      stages: [{ shareBasisPoints: 10_000 }],
    })
    expect(await bench.mutate('updateRollout', { rolloutKey: 'draft', expectedVersion: 1, name: 'x' })).toMatchObject({
      __typename: 'ConflictError',
      code: 'VERSION_CONFLICT',
      currentVersion: 2,
    })
  })

  it('changes texts alone once it runs', async () => {
    await bench.started('moving')
    const renamed = await bench.done('updateRollout', { rolloutKey: 'moving', name: 'Renamed', description: 'Why.' })
    expect(renamed).toMatchObject({ name: 'Renamed', description: 'Why.', status: 'RUNNING' })
    for (const change of [
      { config: {} },
      { stages: null },
      { healthChecks: [] },
      { versionLabel: 'v9' },
      { alpha: 0.1 },
    ]) {
      expect((await bench.mutate('updateRollout', { rolloutKey: 'moving', ...change })).code).toBe('ONLY_IN_DRAFT')
    }
    expect((await bench.read('moving')).version).toBe(renamed.version)
  })
})

describe('deleteRollout', () => {
  it('is never while it is under way', async () => {
    await bench.started('alive')
    expect((await bench.mutate('deleteRollout', { rolloutKey: 'alive' })).code).toBe('ROLLOUT_RUNNING')
    await bench.done('pauseRollout', { rolloutKey: 'alive' })
    expect((await bench.mutate('deleteRollout', { rolloutKey: 'alive' })).code).toBe('ROLLOUT_RUNNING')
    await bench.done('rollBackRollout', { rolloutKey: 'alive' })
    await bench.done('deleteRollout', { rolloutKey: 'alive' })
    expect(await bench.read('alive')).toBeNull()
  })
})

describe('rollouts', () => {
  it('are listed by filter, order and page', async () => {
    const own = await RolloutBench.open(server)
    for (const key of ['b', 'a', 'c']) await own.create(key, { description: `about ${key}` })
    await own.done('startRollout', { rolloutKey: 'a' })
    const list = async (args: string) =>
      (
        await own.query(
          `{ rollouts(${args}) { totalCount pageInfo { hasNextPage endCursor } edges { node { key } } } }`,
        )
      ).rollouts
    const keys = (page: { edges: Array<{ node: { key: string } }> }) => page.edges.map(({ node }) => node.key)
    expect(keys(await list('first: 10'))).toEqual(['c', 'a', 'b'])
    expect(keys(await list('filter: { status: [RUNNING] }'))).toEqual(['a'])
    expect(keys(await list('filter: { versionLabel: "c-v2" }'))).toEqual(['c'])
    expect(keys(await list('filter: { text: "ABOUT B" }'))).toEqual(['b'])
    const first = await list('first: 2, orderBy: { field: KEY }')
    expect([keys(first), first.totalCount, first.pageInfo.hasNextPage]).toEqual([['a', 'b'], 3, true])
    expect(keys(await list(`first: 2, after: "${first.pageInfo.endCursor}", orderBy: { field: KEY }`))).toEqual(['c'])
  })

  it('are nodes', async () => {
    const { id } = await bench.create('node')
    expect(
      (await bench.query('query ($id: ID!) { node(id: $id) { id ... on Rollout { key } } }', { id })).node,
    ).toEqual({
      id,
      key: 'node',
    })
    expect((await bench.query('query ($id: ID!) { rollout(id: $id) { key } }', { id })).rollout).toEqual({
      key: 'node',
    })
  })
})

it('a metric that a rollout watches is not deleted', async () => {
  await bench.create('watching', { healthChecks: [{ signal: 'METRIC', comparison: 'CONTROL', metricKey: 'spent' }] })
  const { deleteMetric } = await bench.query(
    'mutation { deleteMetric(input: { metricKey: "spent" }) { __typename ... on Error { code } } }',
  )
  expect(deleteMetric).toMatchObject({ code: 'METRIC_IN_USE' })
})

it('keys that only read may not change a rollout', async () => {
  await bench.create('locked')
  for (const mutation of ['startRollout', 'rollBackRollout', 'deleteRollout', 'updateRollout']) {
    const { errors } = await server.send(
      bench.seed.keys.serverKey,
      `mutation { ${mutation}(input: { rolloutKey: "locked" }) { __typename } }`,
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  }
})
