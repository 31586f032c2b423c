import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

let server: TestServer
let bench: Workbench
beforeAll(async () => {
  server = await startTestServer()
  bench = await Workbench.open(server)
})
afterAll(() => server?.stop())

const STEPS = {
  start: 'startExperiment',
  pause: 'pauseExperiment',
  resume: 'resumeExperiment',
  complete: 'completeExperiment',
  cancel: 'cancelExperiment',
} as const
type Step = keyof typeof STEPS

/** How to bring a draft to each status, and what each step leads to from there. */
const ARROWS: Record<string, { path: Step[]; to: Partial<Record<Step, string>> }> = {
  DRAFT: { path: [], to: { start: 'RUNNING', cancel: 'CANCELLED' } },
  RUNNING: { path: ['start'], to: { pause: 'PAUSED', complete: 'COMPLETED', cancel: 'CANCELLED' } },
  PAUSED: { path: ['start', 'pause'], to: { resume: 'RUNNING', complete: 'COMPLETED', cancel: 'CANCELLED' } },
  COMPLETED: { path: ['start', 'complete'], to: {} },
  CANCELLED: { path: ['cancel'], to: {} },
}

describe('the state machine', () => {
  for (const [status, { path, to }] of Object.entries(ARROWS)) {
    for (const [step, mutation] of Object.entries(STEPS)) {
      const next = to[step as Step]
      test(`${status} → ${step} → ${next ?? 'refused'}`, async () => {
        const key = `${status}-${step}`
        await bench.experiment(key)
        for (const before of path) await bench.done(STEPS[before], { experimentKey: key })
        expect((await bench.read(key)).status).toBe(status)
        const answer = await bench.mutate(mutation, { experimentKey: key })
        if (next) expect(answer.experiment).toMatchObject({ status: next })
        else expect(answer).toMatchObject({ __typename: 'RuleError', code: 'INVALID_TRANSITION' })
        expect((await bench.read(key)).status).toBe(next ?? status)
      })
    }
  }
})

describe('startExperiment', () => {
  const equal = [
    { key: 'control', isControl: true, weightBasisPoints: 5_000 },
    { key: 'treatment', weightBasisPoints: 5_000 },
  ]
  const refusals: Array<[string, Record<string, unknown>, string]> = [
    ['a single variant', { variants: [{ ...equal[0], weightBasisPoints: 10_000 }] }, 'TOO_FEW_VARIANTS'],
    ['no control', { variants: equal.map((variant) => ({ ...variant, isControl: false })) }, 'CONTROL_COUNT'],
    ['two controls', { variants: equal.map((variant) => ({ ...variant, isControl: true })) }, 'CONTROL_COUNT'],
    ['weights below 10,000', { variants: [equal[0], { ...equal[1], weightBasisPoints: 4_900 }] }, 'WEIGHTS_SUM'],
    ['weights above 10,000', { variants: [equal[0], { ...equal[1], weightBasisPoints: 5_001 }] }, 'WEIGHTS_SUM'],
    ['no metric', { metrics: [] }, 'NO_PRIMARY_METRIC'],
    [
      'no primary metric',
      { metrics: [{ key: 'only-guards', kind: 'PROPORTION', role: 'GUARDRAIL' }] },
      'NO_PRIMARY_METRIC',
    ],
    ['a variant without the config that the schema asks for', { configSchema: { type: 'object' } }, 'CONFIG_INVALID'],
  ]
  for (const [index, [name, design, code]] of refusals.entries()) {
    test(`refuses ${name} with ${code}`, async () => {
      const key = `not-ready-${index}`
      await bench.experiment(key, design)
      const answer = await bench.mutate('startExperiment', { experimentKey: key })
      expect(answer).toMatchObject({ __typename: 'RuleError', code })
      expect(answer.problems!.map((problem) => problem.code)).toContain(code)
      expect(await bench.read(key)).toMatchObject({ status: 'DRAFT', startedAt: null, version: 1, epochs: [] })
    })
  }

  test('names every broken rule at once', async () => {
    await bench.experiment('broken', { variants: [{ key: 'a', weightBasisPoints: 1 }], metrics: [] })
    const { problems } = await bench.mutate('startExperiment', { experimentKey: 'broken' })
    expect(problems!.map(({ code }) => code)).toEqual([
      'TOO_FEW_VARIANTS',
      'CONTROL_COUNT',
      'WEIGHTS_SUM',
      'NO_PRIMARY_METRIC',
    ])
  })

  test('refuses a metric that was archived after it joined', async () => {
    await bench.experiment('dusty', { metrics: [{ key: 'dusty-metric', kind: 'PROPORTION' }] })
    await bench.query(
      'mutation ($input: ArchiveMetricInput!) { archiveMetric(input: $input) { __typename ... on Error { code } } }',
      { input: { metricKey: 'dusty-metric' } },
    )
    expect(await bench.refused('startExperiment', { experimentKey: 'dusty' })).toBe('METRIC_ARCHIVED')
  })

  test('freezes the version of each metric and opens epoch 1', async () => {
    await bench.experiment('frozen')
    const update = `mutation ($input: UpdateMetricInput!) { updateMetric(input: $input) { __typename ... on Error { code message } } }`
    const change = (hours: number) =>
      bench.query(update, { input: { metricKey: 'frozen-converted', conversionWindowHours: hours } })
    await change(10)
    const started = await bench.done('startExperiment', { experimentKey: 'frozen' })
    expect(started.metrics).toEqual([
      { role: 'PRIMARY', nonInferiorityMargin: null, metricVersion: 2, metric: { key: 'frozen-converted' } },
    ])
    expect(started.epochs).toEqual([
      {
        number: 1,
        startedAt: started.startedAt,
        trafficBasisPoints: 10_000,
        targeting: null,
        weights: [
          { variant: { key: 'control' }, weightBasisPoints: 5_000 },
          { variant: { key: 'treatment' }, weightBasisPoints: 5_000 },
        ],
      },
    ])
    await change(20)
    expect((await bench.read('frozen')).metrics[0].metricVersion).toBe(2)
  })

  test('takes a start in the past from an admin key, and never one in the future', async () => {
    await bench.experiment('imported')
    const past = new Date(Date.now() - 86_400_000).toISOString()
    const future = new Date(Date.now() + 60_000).toISOString()
    expect(await bench.refused('startExperiment', { experimentKey: 'imported', startedAt: future })).toBe(
      'STARTED_AT_INVALID',
    )
    const started = await bench.done('startExperiment', { experimentKey: 'imported', startedAt: past })
    expect(started).toMatchObject({ startedAt: past, epochs: [{ startedAt: past }] })
  })

  test('is not for keys that only read', async () => {
    await bench.experiment('locked')
    const { errors } = await server.send(
      bench.seed.keys.serverKey,
      'mutation { startExperiment(input: { experimentKey: "locked" }) { __typename } }',
    )
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('completeExperiment', () => {
  test('takes a winner only from its own variants', async () => {
    await bench.experiment('won', { start: true })
    await bench.experiment('other', { variants: [{ key: 'elsewhere', weightBasisPoints: 10_000 }] })
    expect(await bench.refused('completeExperiment', { experimentKey: 'won', winnerVariantKey: 'elsewhere' })).toBe(
      'WINNER_NOT_A_VARIANT',
    )
    expect(await bench.read('won')).toMatchObject({ status: 'RUNNING', endedAt: null, winner: null })
    const won = await bench.done('completeExperiment', { experimentKey: 'won', winnerVariantKey: 'treatment' })
    expect(won).toMatchObject({ status: 'COMPLETED', winner: { key: 'treatment' }, endedAt: expect.any(String) })
  })

  test('may end without a winner', async () => {
    await bench.experiment('drawn', { start: true })
    expect(await bench.done('completeExperiment', { experimentKey: 'drawn' })).toMatchObject({ winner: null })
  })
})

test('an experiment that does not exist has no steps', async () => {
  for (const mutation of Object.values(STEPS)) {
    expect(await bench.mutate(mutation, { experimentKey: 'nowhere' })).toMatchObject({
      __typename: 'NotFoundError',
      code: 'EXPERIMENT_NOT_FOUND',
    })
  }
})
