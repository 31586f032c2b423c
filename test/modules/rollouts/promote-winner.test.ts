import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RolloutBench, type SeenRollout } from '../../support/rollout-bench.ts'
import type { SeedMetric } from '../../support/seed.ts'
import { TestClock } from '../../support/test-clock.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const COMPLETE =
  'mutation ($input: CompleteExperimentInput!) { completeExperiment(input: $input) { __typename ... on Error { code message } } }'

const clock = new TestClock()
let server: TestServer
let bench: RolloutBench
beforeAll(async () => {
  server = await startTestServer({ clock: clock.read })
})
beforeEach(async () => {
  bench = await RolloutBench.open(server)
})
afterAll(() => server?.stop())

describe('promoteWinner', () => {
  const start = async (
    key: string,
    winnerVariantKey: string | null,
    complete = true,
    nonInferiorityMargin: SeedMetric['nonInferiorityMargin'] = null,
  ) => {
    await bench.seed.metric({ key: `${key}-crash`, kind: 'PROPORTION', direction: 'DECREASE' })
    await bench.seed.experiment({
      key,
      name: `Experiment ${key}`,
      targeting: { country: 'DE' },
      variants: [
        { key: 'old', isControl: true, weightBasisPoints: 5_000, config: { level: 30 } },
        { key: 'new', name: 'The new one', weightBasisPoints: 5_000, config: { level: 40 } },
      ],
      metrics: [
        { key: `${key}-buys`, kind: 'PROPORTION', role: 'PRIMARY' },
        { key: `${key}-speed`, kind: 'MEAN', role: 'GUARDRAIL', nonInferiorityMargin },
      ],
    })
    if (!complete) return
    await bench.seed.admin(COMPLETE, { experimentKey: key, winnerVariantKey })
  }

  it('makes a draft of the winner, in sensible stages, guarded as the experiment was', async () => {
    await start('level', 'new')
    const draft: SeenRollout = await bench.done('promoteWinner', { experimentKey: 'level' })
    expect(draft).toMatchObject({
      key: 'level',
      name: 'Experiment level: The new one',
      status: 'DRAFT',
      versionLabel: 'level:new',
      config: { level: 40 },
      controlConfig: { level: 30 },
      targeting: { country: 'DE' },
      promotedFrom: { key: 'level' },
      healthChecks: [{ signal: 'METRIC', comparison: 'CONTROL', limit: 0, metric: { key: 'level-speed' } }],
    })
    expect(draft.stages.map(({ shareBasisPoints }: SeenRollout) => shareBasisPoints)).toEqual([
      500, 2_500, 5_000, 7_500, 10_000,
    ])
    expect((await bench.mutate('promoteWinner', { experimentKey: 'level' })).code).toBe('KEY_TAKEN')
    expect(await bench.done('promoteWinner', { experimentKey: 'level', key: 'again', name: 'Again' })).toMatchObject({
      key: 'again',
      name: 'Again',
    })
    expect(await bench.done('startRollout', { rolloutKey: 'level' })).toMatchObject({ status: 'RUNNING' })
  })

  it('takes over the margins of the guardrails', async () => {
    await start('lenient', 'new', true, { value: 2.5, scale: 'ABSOLUTE' })
    const { healthChecks } = await bench.done('promoteWinner', { experimentKey: 'lenient' })
    expect(healthChecks).toMatchObject([{ limit: 2.5, metric: { key: 'lenient-speed' } }])
    await start('moving', null, false, { value: 0.1, scale: 'RELATIVE' })
    const speed = (units: number, value: number) => ({ 'moving-speed': { units, value } })
    await bench.seed.arms('moving', [
      { variantKey: 'old', units: 100, events: speed(50, 80) },
      { variantKey: 'new', units: 100, events: speed(50, 90) },
    ])
    // What comes at the very end does not count.
    clock.advance(1)
    await bench.seed.admin(COMPLETE, { experimentKey: 'moving', winnerVariantKey: 'new' })
    const moving = await bench.done('promoteWinner', { experimentKey: 'moving' })
    // A tenth of the mean of the control, 40.
    expect(moving.healthChecks).toMatchObject([{ limit: 4, metric: { key: 'moving-speed' } }])
  })

  it('takes every experiment: long names, margins beyond what a rate can lose, guardrails of nearly one name', async () => {
    const long = 'g'.repeat(54)
    const rate = { kind: 'PROPORTION' as const, role: 'GUARDRAIL' as const }
    const margin = (value: number, scale: 'ABSOLUTE' | 'RELATIVE') => ({ nonInferiorityMargin: { value, scale } })
    const metrics = [
      { key: 'wide-buys', kind: 'PROPORTION' as const, role: 'PRIMARY' as const },
      { key: `${long}-first`, ...rate, ...margin(1, 'ABSOLUTE') },
      { key: `${long}-second`, ...rate, ...margin(0.995, 'ABSOLUTE') },
      { key: 'wide-relative', ...rate, ...margin(3, 'RELATIVE') },
      { key: 'wide-beyond', ...rate, ...margin(1.5, 'ABSOLUTE') },
    ]
    await bench.seed.experiment({
      key: 'wide',
      name: 'n'.repeat(195),
      metrics,
      variants: [
        { key: 'old', isControl: true, weightBasisPoints: 5_000 },
        { key: 'new', name: 'bb😀😀', weightBasisPoints: 5_000 },
      ],
    })
    const events = { 'wide-relative': { units: 60 } }
    await bench.seed.arms('wide', [
      { variantKey: 'old', units: 100, events },
      { variantKey: 'new', units: 100, events },
    ])
    clock.advance(1)
    await bench.seed.admin(COMPLETE, { experimentKey: 'wide', winnerVariantKey: 'new' })
    const draft = await bench.done('promoteWinner', { experimentKey: 'wide' })
    expect(draft.name).toBe(`${'n'.repeat(195)}: bb`)
    expect(draft.healthChecks.map(({ limit }: SeenRollout) => limit)).toEqual([1, 0.995, 1, 1])
    const keys: string[] = draft.healthChecks.map(({ key }: SeenRollout) => key)
    expect(keys.slice(2)).toEqual(['wide-relative-control', 'wide-beyond-control'])
    expect(keys.slice(0, 2)).toEqual([
      expect.stringMatching(/^g{45}-[0-9a-f]{8}-control$/),
      expect.stringMatching(/^g/),
    ])
    expect(keys[0]).not.toBe(keys[1])
    expect(await bench.done('startRollout', { rolloutKey: 'wide' })).toMatchObject({ status: 'RUNNING' })
  })

  it('refuses without a winner beside the control', async () => {
    await start('running', null, false)
    await start('drawn', null)
    await start('kept', 'old')
    for (const experimentKey of ['running', 'drawn', 'kept']) {
      expect(await bench.mutate('promoteWinner', { experimentKey })).toMatchObject({
        __typename: 'RuleError',
        code: 'NO_WINNER',
      })
    }
    expect((await bench.mutate('promoteWinner', { experimentKey: 'nothing' })).code).toBe('EXPERIMENT_NOT_FOUND')
  })
})
