import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { watchOrganization } from '../../../src/server/jobs/watch-organization.ts'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const DECISIONS = `query ($key: String!) { experiment(key: $key) { decisions(first: 50) { totalCount edges { node {
  id kind decidedAt recommendation winner { key } reasons { code } action actor engineVersion exposedUnits
  analysis { alpha decisionMethod } summaries
} } } } }`
const HISTORY = `query ($key: String!, $metric: String!, $from: DateTime, $to: DateTime) {
  resultsHistory(experimentKey: $key, metricKey: $metric, from: $from, to: $to) {
    computedAt version exposedUnits recommendation
    variants { variant { key } units mean interval { lower upper level } }
    comparisons { variant { key } isSignificant difference { estimate } alwaysValid { pValue } notComputable { code } }
  } }`
const VERIFY = `query ($id: ID!) { verifyDecision(id: $id) {
  isSame engineVersion differenceCount differences { path stored recomputed } decision { id } } }`

let server: TestServer
let now: Date
beforeAll(async () => {
  server = await startTestServer({ clock: () => now })
})
beforeEach(() => {
  now = new Date()
})
afterAll(() => server?.stop())

const EVEN = [
  { variantKey: 'control', units: 500, events: { bought: { units: 50 } } },
  { variantKey: 'treatment', units: 500, events: { bought: { units: 55 } } },
]
const MORE_OF_CONTROL = [{ variantKey: 'control', from: 500, units: 2_000, events: { bought: { units: 200 } } }]
const MORE_OF_TREATMENT = [{ variantKey: 'treatment', from: 500, units: 2_000, events: { bought: { units: 400 } } }]

async function open(key: string, design: object = {}) {
  const bench = await Workbench.open(server)
  await bench.experiment(key, { metrics: [{ key: 'bought', kind: 'PROPORTION' }], start: true, ...design })
  return {
    bench,
    watch: () => watchOrganization(server.platform, bench.seed.keys.organizationId),
    decisions: async () => {
      const { experiment } = await bench.query(DECISIONS, { key })
      // biome-ignore lint/suspicious/noExplicitAny: tests look at any part of it.
      return experiment.decisions.edges.map(({ node }: any) => node).reverse() as any[]
    },
    history: async (range: object = {}) =>
      (await bench.query(HISTORY, { key, metric: 'bought', ...range })).resultsHistory,
  }
}

describe('an experiment that nobody watches', () => {
  test('gets a point of history whenever its numbers changed, and a decision when the recommendation did', async () => {
    const { bench, watch, decisions, history } = await open('unwatched')
    await watch()
    await bench.seed.arms('unwatched', EVEN)
    await watch()
    await watch()
    expect(await history()).toMatchObject([
      { exposedUnits: 0, comparisons: [{ variant: { key: 'treatment' }, difference: null }] },
      { exposedUnits: 1_000, variants: [{ variant: { key: 'control' }, units: 500, mean: 0.1 }, { mean: 0.11 }] },
    ])
    expect(await decisions()).toMatchObject([
      { kind: 'RECOMMENDED', recommendation: 'KEEP_RUNNING', reasons: [{ code: 'NO_UNITS' }], action: null },
    ])
    await bench.seed.arms('unwatched', [...MORE_OF_CONTROL, ...MORE_OF_TREATMENT])
    await watch()
    expect((await decisions()).slice(1)).toMatchObject([
      {
        kind: 'RECOMMENDED',
        recommendation: 'SHIP',
        winner: { key: 'treatment' },
        exposedUnits: 5_000,
        analysis: { alpha: 0.05 },
      },
    ])
    const [, shipped] = await decisions()
    const units = shipped.summaries.exposures.map((cell: { units: number }) => cell.units)
    expect(units).toEqual([2_500, 2_500])
  })

  test('several processes at once store everything once', async () => {
    const { bench, watch, decisions, history } = await open('contended')
    await bench.seed.arms('contended', EVEN)
    await Promise.all(Array.from({ length: 8 }, watch))
    expect(await history()).toHaveLength(1)
    expect(await decisions()).toHaveLength(1)
  })

  test('steps that are taken are decisions at once, by who takes them, with the results right before', async () => {
    const { bench, watch, decisions } = await open('done')
    const { createApiKey } = await bench.query(
      `mutation { createApiKey(input: { name: "second", kind: ADMIN }) {
        ... on CreateApiKeySuccess { secret apiKey { id } } } }`,
    )
    const experimentKey = 'done'
    const taken = async () => (await decisions()).filter(({ kind }) => kind === 'TAKEN')
    await bench.seed.arms('done', EVEN)
    await bench.done('pauseExperiment', { experimentKey })
    const pausedAt = now.toISOString()
    // Nothing has evaluated the experiment yet.
    const [paused] = await decisions()
    expect(paused).toMatchObject({ kind: 'TAKEN', action: 'PAUSED', decidedAt: pausedAt, exposedUnits: 1_000 })
    expect(paused).toMatchObject({ recommendation: 'KEEP_RUNNING', reasons: [{ code: 'NOT_SIGNIFICANT' }] })
    now = new Date(now.getTime() + 60_000)
    await bench.mutate('resumeExperiment', { experimentKey }, createApiKey.secret)
    await bench.seed.arms('done', [...MORE_OF_CONTROL, ...MORE_OF_TREATMENT])
    await bench.done('completeExperiment', { experimentKey, winnerVariantKey: 'control' })
    const completedAt = now.toISOString()
    now = new Date(now.getTime() + 60_000)
    await bench.mutate('updateExperiment', { experimentKey, description: 'Done.' }, createApiKey.secret)
    await watch()
    await watch()
    const [, resumed, completed] = await taken()
    expect(await taken()).toHaveLength(3)
    expect(resumed).toMatchObject({ action: 'RESUMED', exposedUnits: 1_000 })
    expect(completed).toMatchObject({
      action: 'COMPLETED',
      actor: paused.actor,
      decidedAt: completedAt,
      exposedUnits: 5_000,
      recommendation: 'SHIP',
      winner: { key: 'treatment' },
    })
    expect(paused.actor).toMatch(/^key:\d+$/)
    expect(resumed.actor).toMatch(/^key:\d+$/)
    expect(resumed.actor).not.toBe(paused.actor)
    for (const { id } of await taken()) {
      expect((await bench.query(VERIFY, { id })).verifyDecision).toMatchObject({ isSame: true })
    }
  })

  test('a step that is refused leaves no decision, and neither does a draft that is cancelled', async () => {
    const { bench, decisions } = await open('refused')
    const input = { experimentKey: 'refused' }
    await bench.refused('completeExperiment', { ...input, winnerVariantKey: 'nobody' })
    await bench.refused('resumeExperiment', input)
    await bench.refused('cancelExperiment', { ...input, expectedVersion: 1 })
    expect(await decisions()).toEqual([])
    await bench.done('cancelExperiment', input)
    expect(await decisions()).toMatchObject([{ action: 'CANCELLED', reasons: [{ code: 'NO_UNITS' }] }])
    await bench.experiment('unstarted', { useMetrics: ['bought'], metrics: [] })
    await bench.done('cancelExperiment', { experimentKey: 'unstarted' })
    const { experiment } = await bench.query(DECISIONS, { key: 'unstarted' })
    expect(experiment.decisions.edges).toEqual([])
  })

  test('history is read by time', async () => {
    const { bench, watch, history } = await open('ranges')
    const start = now.getTime()
    for (const minute of [0, 1, 2]) {
      now = new Date(start + minute * 60_000)
      await bench.seed.arms('ranges', [{ variantKey: 'control', from: minute, units: 1 }])
      await watch()
    }
    const at = (minute: number) => new Date(start + minute * 60_000).toISOString()
    expect((await history()).map(({ computedAt }: { computedAt: string }) => computedAt)).toEqual([at(0), at(1), at(2)])
    expect(await history({ from: at(1), to: at(2) })).toHaveLength(1)
    expect(await history({ from: at(3) })).toEqual([])
  })
})

test('history older than a week is thinned to the last point of each hour', async () => {
  const start = Date.parse('2026-01-05T10:00:00Z')
  now = new Date(start)
  const { bench, watch, history } = await open('thinned')
  const at = (minutes: number) => new Date(start + minutes * 60_000)
  for (const [index, minutes] of [0, 20, 40, 60].entries()) {
    now = at(minutes)
    await bench.seed.arms('thinned', [{ variantKey: 'control', from: index, units: 1 }])
    await watch()
  }
  const thin = () => server.platform.evaluator.thinHistory(server.platform.scopedTo(bench.seed.keys.organizationId))
  const times = async () => (await history()).map(({ computedAt }: { computedAt: string }) => computedAt)
  now = at(7 * 1_440)
  expect(await thin()).toBe(0)
  now = at(8 * 1_440)
  // Two points of the metric, and the two states that they belong to.
  expect(await thin()).toBe(4)
  expect(await times()).toEqual([at(40).toISOString(), at(60).toISOString()])
})

describe('verifyDecision', () => {
  test('finds every number the same to the bit', async () => {
    const { bench, watch, decisions } = await open('exact')
    await bench.seed.arms('exact', [...EVEN, ...MORE_OF_TREATMENT])
    await watch()
    const [decision] = await decisions()
    const { verifyDecision } = await bench.query(VERIFY, { id: decision.id })
    expect(verifyDecision).toEqual({
      isSame: true,
      engineVersion: decision.engineVersion,
      differenceCount: 0,
      differences: [],
      decision: { id: decision.id },
    })
  })

  test('knows the looks of a group-sequential test that had been taken', async () => {
    const { bench, watch, decisions } = await open('looked', { analysis: { maximumSampleSize: 10_000, looks: 10 } })
    await bench.seed.arms('looked', EVEN)
    await watch()
    await bench.seed.arms('looked', [...MORE_OF_CONTROL, ...MORE_OF_TREATMENT])
    await watch()
    await bench.done('pauseExperiment', { experimentKey: 'looked' })
    await watch()
    const taken = await decisions()
    expect(taken.map(({ recommendation }) => recommendation)).toEqual(['KEEP_RUNNING', 'SHIP', 'SHIP'])
    for (const { id } of taken) {
      expect((await bench.query(VERIFY, { id })).verifyDecision).toMatchObject({ isSame: true, differences: [] })
    }
  })

  test('finds one that was changed by its last bit, and a plan that was changed', async () => {
    const { bench, watch, decisions } = await open('forged')
    await bench.seed.arms('forged', EVEN)
    await watch()
    const [decision] = await decisions()
    const client = new Client(server.database.owner)
    await client.connect()
    try {
      const { rows } = await client.query("select results from decision_record where subject like '%forged%'")
      const results = JSON.parse(rows[0].results)
      const comparison = results.metrics[0].comparisons[0]
      const honest = comparison.alwaysValid.pValue
      comparison.alwaysValid.pValue = nextDown(honest)
      const forge = "update decision_record set results = $1 where subject like '%forged%'"
      await client.query(forge, [JSON.stringify(results)])
      const first = (await bench.query(VERIFY, { id: decision.id })).verifyDecision
      expect(first).toMatchObject({
        isSame: false,
        differences: [
          {
            path: 'metrics.0.comparisons.0.alwaysValid.pValue',
            stored: JSON.stringify(nextDown(honest)),
            recomputed: JSON.stringify(honest),
          },
        ],
      })
      await client.query(forge, [rows[0].results])
      await client.query(
        `update decision_record set subject = replace(subject, '"alpha":0.05', '"alpha":0.04') where subject like '%forged%'`,
      )
      const second = (await bench.query(VERIFY, { id: decision.id })).verifyDecision
      expect(second.isSame).toBe(false)
      expect(second.differenceCount).toBeGreaterThan(2)
    } finally {
      await client.end()
    }
  })

  test("another organization's decision is not found", async () => {
    const { watch, decisions } = await open('mine')
    await watch()
    const [decision] = await decisions()
    const other = await Seed.organization(server)
    const { errors } = await server.send(other.keys.adminKey, VERIFY, { id: decision.id })
    expect(errors?.[0]?.extensions.code).toBe('DECISION_NOT_FOUND')
    const { node } = await server.graphql(other.keys.adminKey, 'query ($id: ID!) { node(id: $id) { id } }', {
      id: decision.id,
    })
    expect(node).toBeNull()
  })
})

/** The double just below a positive one. */
function nextDown(value: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  view.setBigInt64(0, view.getBigInt64(0) - 1n)
  return view.getFloat64(0)
}
