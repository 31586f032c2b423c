import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/cli/simulation/random.ts'
import { watchOrganization } from '../../../src/server/jobs/watch-organization.ts'
import { RecomputationBench, type SeenEvent } from '../../support/recomputation-bench.ts'
import type { SeedExperiment } from '../../support/seed.ts'
import { TestClock } from '../../support/test-clock.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const STEP_S = 12 * 3_600
const STEPS = 6
const UNITS_A_STEP = 120

let server: TestServer
let bench: RecomputationBench
const clock = new TestClock()
beforeAll(async () => {
  server = await startTestServer({ clock: clock.read })
})
afterAll(() => server.stop())
beforeEach(async () => {
  bench = await RecomputationBench.open(server)
})

const METRICS: SeedExperiment['metrics'] = [
  { key: 'bought', kind: 'PROPORTION' },
  { key: 'spent', kind: 'MEAN', capPerUnit: 40, covariateWindowHours: 48 },
  { key: 'opened', kind: 'COUNT', conversionWindowHours: 30 },
  { key: 'per-open', kind: 'RATIO', eventName: 'spent', denominatorEventName: 'opened' },
  { key: 'p90', kind: 'QUANTILE', eventName: 'spent', quantile: 0.9 },
  { key: 'back', kind: 'RETENTION', eventName: 'opened', windowStartHours: 6, conversionWindowHours: 18 },
]
const NAMES = ['bought', 'spent', 'opened']

const DESIGNS: ReadonlyArray<{ name: string; design: Omit<SeedExperiment, 'key'>; hasEpochs: boolean }> = [
  { name: 'the confidence sequence, over two epochs', design: {}, hasEpochs: true },
  {
    name: 'looks at planned shares of a maximum sample',
    design: { analysis: { decisionMethod: 'GROUP_SEQUENTIAL', maximumSampleSize: 500, looks: 5 } },
    hasEpochs: false,
  },
  { name: 'a Bayesian plan', design: { analysis: { decisionMethod: 'BAYESIAN' } }, hasEpochs: false },
  {
    name: 'the confidence sequence within strata',
    design: { analysis: { dimensions: [{ key: 'platform', values: ['ios', 'android'] }], stratifyBy: 'platform' } },
    hasEpochs: false,
  },
  { name: 'adaptive allocation', design: { assignmentAlgorithm: 'THOMPSON' }, hasEpochs: false },
]

/** New units and events of some of all units so far, within the half day that has just passed. */
async function halfADay(key: string, step: number, random: () => number): Promise<void> {
  const start = clock.read().getTime()
  const moment = () => new Date(start + Math.floor(random() * (STEP_S - 60) * 1_000))
  clock.advance(STEP_S)
  const unit = () => `u${Math.floor(random() * (step + 1.5) * UNITS_A_STEP)}`
  const arms = { control: [] as string[], treatment: [] as string[] }
  for (let n = 0; n < UNITS_A_STEP; n++)
    arms[random() < 0.5 ? 'control' : 'treatment'].push(`u${step * UNITS_A_STEP + n}`)
  await bench.expose(key, 'control', arms.control, moment())
  await bench.expose(key, 'treatment', arms.treatment, moment())
  const events: SeenEvent[] = Array.from({ length: 900 }, () => ({
    unitId: unit(),
    name: NAMES[Math.floor(random() * NAMES.length)]!,
    value: Math.round(random() * 2_500) / 100,
    occurredAt: moment(),
  }))
  await bench.track(events)
}

const withoutChangeCounter = ({ id: _id, version: _version, ...rest }: Record<string, unknown>) => rest
const withoutId = ({ id: _id, ...rest }: Record<string, unknown>) => rest

describe.each(DESIGNS)('judged by $name', ({ design, hasEpochs }) => {
  // There are no weighted quantiles.
  const canCompare = (key: string) => key !== 'p90' || design.assignmentAlgorithm !== 'THOMPSON'

  test('a recomputation says what the results said then, and now what they say now', async () => {
    const random = seededRandom(20_260_301)
    await bench.started('past', { metrics: METRICS, ...design })
    const seen: Array<{ at: Date; results: Record<string, unknown> }> = []
    const look = async () => {
      const at = clock.advance(1)
      seen.push({ at, results: await bench.live('past') })
    }
    for (let step = 0; step < STEPS; step++) {
      await halfADay('past', step, random)
      await look()
      if (step === 2 && hasEpochs) {
        const weights = [
          { variantKey: 'control', weightBasisPoints: 3_000 },
          { variantKey: 'treatment', weightBasisPoints: 7_000 },
        ]
        await bench.bench.done('updateAllocation', { experimentKey: 'past', weights })
      }
      if (step === 3) await bench.bench.done('pauseExperiment', { experimentKey: 'past' })
      if (step === 3) await bench.bench.done('resumeExperiment', { experimentKey: 'past' })
    }
    await bench.bench.done('completeExperiment', { experimentKey: 'past' })
    await look()
    expect(new Set(seen.map(({ results }) => JSON.stringify(withoutChangeCounter(results)))).size).toBe(STEPS + 1)

    for (const { at, results } of seen) {
      expect(withoutChangeCounter(await bench.recomputed('past', at))).toEqual(withoutChangeCounter(results))
    }
    const { at, results } = seen.at(-1)!
    expect(withoutId(await bench.recomputed('past', at))).toEqual(withoutId(results))
    const compared = (results.metrics as Array<{ metric: string; comparisons: Array<{ difference: unknown }> }>).filter(
      ({ comparisons }) => comparisons[0]!.difference,
    )
    expect(compared.map(({ metric }) => metric)).toEqual(METRICS!.map(({ key }) => key).filter(canCompare))

    // What a decision rests on, as it was stored, gives the same results too.
    await watchOrganization(server.platform, bench.organizationId)
    const { experiment } = await bench.bench.query(
      '{ experiment(key: "past") { decisions { edges { node { id kind summaries } } } } }',
    )
    expect(experiment.decisions.edges.length).toBeGreaterThan(0)
    for (const { node } of experiment.decisions.edges) {
      const query = 'query ($id: ID!) { verifyDecision(id: $id) { isSame differenceCount } }'
      expect((await bench.bench.query(query, { id: node.id })).verifyDecision).toEqual({
        isSame: true,
        differenceCount: 0,
      })
    }
  })
})

test('what arrived late counts as of when it happened, unlike in the results that were stored then', async () => {
  await bench.started('late', { metrics: [{ key: 'bought', kind: 'PROPORTION' }] })
  clock.advance(10)
  const early = clock.read()
  await bench.expose('late', 'control', ['a', 'b'])
  const noon = clock.advance(60)
  await watchOrganization(server.platform, bench.organizationId)
  clock.advance(60)
  await bench.track([{ unitId: 'a', name: 'bought', occurredAt: new Date(early.getTime() + 1_000) }])
  await bench.track([{ unitId: 'b', name: 'bought', occurredAt: noon }])
  await bench.expose('late', 'treatment', ['c'], new Date(early.getTime() + 2_000))

  const shown = (results: { metrics: Array<{ variants: Array<{ units: number; total: number }> }> }) =>
    results.metrics[0]!.variants.map(({ units, total }) => [units, total])
  const query = `query ($asOf: DateTime!) { experiment(key: "late") { results(asOf: $asOf) { metrics { variants { units total } } } } }`
  const stored = (await bench.bench.query(query, { asOf: noon.toISOString() })).experiment.results
  expect(shown(stored)).toEqual([
    [2, 0],
    [0, 0],
  ])
  // Not what happened at the very moment.
  expect(shown(await bench.recomputed('late', noon))).toEqual([
    [2, 1],
    [1, 0],
  ])
  expect(shown(await bench.recomputed('late', new Date(noon.getTime() + 1)))).toEqual([
    [2, 2],
    [1, 0],
  ])
})

test('as of its start nothing is known of an experiment', async () => {
  const start = clock.read()
  await bench.started('fresh')
  await bench.expose('fresh', 'control', ['a'])
  expect(await bench.recomputed('fresh', start)).toMatchObject({
    exposedUnits: 0,
    computedAt: start.toISOString(),
    decision: { recommendation: 'KEEP_RUNNING', reasons: [{ code: 'NO_UNITS' }] },
  })
})

test('of a unit that has been seen in several variants since, nothing counts before that either', async () => {
  await bench.started('mixed')
  await bench.expose('mixed', 'control', ['a', 'b'])
  const before = clock.advance(60)
  expect((await bench.recomputed('mixed', before)).exposedUnits).toBe(2)
  await bench.expose('mixed', 'treatment', ['a'])
  expect((await bench.recomputed('mixed', before)).exposedUnits).toBe(1)
})
