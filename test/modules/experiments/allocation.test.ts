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

const weights = (control: number, treatment: number) => [
  { variantKey: 'control', weightBasisPoints: control },
  { variantKey: 'treatment', weightBasisPoints: treatment },
]
const seen = (control: number, treatment: number) => [
  { variant: { key: 'control' }, weightBasisPoints: control },
  { variant: { key: 'treatment' }, weightBasisPoints: treatment },
]

describe('updateAllocation', () => {
  test('opens no epoch in a draft, where weights may be anything for a while', async () => {
    await bench.experiment('draft')
    const changed = await bench.done('updateAllocation', {
      experimentKey: 'draft',
      trafficBasisPoints: 100,
      weights: [{ variantKey: 'control', weightBasisPoints: 1 }],
    })
    expect(changed).toMatchObject({ trafficBasisPoints: 100, epochs: [], variants: [{ weightBasisPoints: 1 }, {}] })
    expect(await bench.refused('startExperiment', { experimentKey: 'draft' })).toBe('WEIGHTS_SUM')
  })

  test('opens an epoch for each change of weights, traffic and targeting while running or paused', async () => {
    await bench.experiment('epochs', { start: true, trafficBasisPoints: 5_000 })
    const input = { experimentKey: 'epochs' }
    await bench.done('updateAllocation', { ...input, weights: weights(2_000, 8_000) })
    await bench.done('updateAllocation', { ...input, trafficBasisPoints: 9_000 })
    await bench.done('pauseExperiment', input)
    const targeting = { country: 'DE' }
    const { epochs } = await bench.done('updateAllocation', { ...input, targeting })
    expect(epochs).toMatchObject([
      { number: 1, trafficBasisPoints: 5_000, targeting: null, weights: seen(5_000, 5_000) },
      { number: 2, trafficBasisPoints: 5_000, targeting: null, weights: seen(2_000, 8_000) },
      { number: 3, trafficBasisPoints: 9_000, targeting: null, weights: seen(2_000, 8_000) },
      { number: 4, trafficBasisPoints: 9_000, targeting, weights: seen(2_000, 8_000) },
    ])
    const times = epochs.map((epoch: { startedAt: string }) => Date.parse(epoch.startedAt))
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect((await bench.done('updateAllocation', { ...input, targeting: null })).epochs).toHaveLength(5)
  })

  test('opens none for what changes nothing, nor for texts', async () => {
    await bench.experiment('still', { start: true, targeting: { country: 'DE' } })
    const input = { experimentKey: 'still' }
    await bench.done('updateAllocation', { ...input, weights: weights(5_000, 5_000), trafficBasisPoints: 10_000 })
    await bench.done('updateAllocation', { ...input, targeting: { country: 'DE' } })
    await bench.done('updateExperiment', { ...input, name: 'Still' })
    await bench.done('updateVariant', { ...input, variantKey: 'control', name: 'Same' })
    expect((await bench.read('still')).epochs).toHaveLength(1)
  })

  test('refuses weights that do not sum to 10,000, and leaves everything as it was', async () => {
    await bench.experiment('sum', { start: true })
    const before = await bench.read('sum')
    expect(await bench.refused('updateAllocation', { experimentKey: 'sum', weights: weights(5_000, 5_001) })).toBe(
      'WEIGHTS_SUM',
    )
    expect(await bench.refused('updateAllocation', { experimentKey: 'sum', weights: [{ ...weights(1, 1)[0] }] })).toBe(
      'WEIGHTS_SUM',
    )
    expect(await bench.read('sum')).toEqual(before)
  })

  test('refuses an unknown variant, one named twice, a wrong share and a condition that is none', async () => {
    await bench.experiment('wrong', { start: true })
    const refused = (part: object) => bench.refused('updateAllocation', { experimentKey: 'wrong', ...part })
    expect(await refused({ weights: [{ variantKey: 'x', weightBasisPoints: 0 }] })).toBe('VARIANT_NOT_FOUND')
    expect(await refused({ weights: [weights(5_000, 0)[0], weights(5_000, 0)[0]] })).toBe('BAD_USER_INPUT')
    expect(await refused({ trafficBasisPoints: -1 })).toBe('BAD_USER_INPUT')
    expect(await refused({ targeting: { $nor: 1 } })).toBe('TARGETING_INVALID')
  })

  test('is over when the experiment has ended', async () => {
    for (const [key, end] of [
      ['over', 'completeExperiment'],
      ['off', 'cancelExperiment'],
    ] as const) {
      await bench.experiment(key, { start: true })
      await bench.done(end, { experimentKey: key })
      expect(await bench.refused('updateAllocation', { experimentKey: key, trafficBasisPoints: 1 })).toBe(
        'EXPERIMENT_ENDED',
      )
    }
  })
})

describe('an experiment that SDKs evaluate locally', () => {
  test('takes HASH and no overrides', async () => {
    const local = { key: 'local', name: 'Local', localEvaluation: true }
    expect(await bench.refused('createExperiment', { ...local, assignmentAlgorithm: 'RANDOM' })).toBe(
      'LOCAL_EVALUATION_RULE',
    )
    await bench.experiment('local', { localEvaluation: true })
    const override = { experimentKey: 'local', unitId: 'qa', variantKey: 'control' }
    expect(await bench.refused('setOverride', override)).toBe('LOCAL_EVALUATION_RULE')
    await bench.experiment('overridden')
    await bench.done('setOverride', { ...override, experimentKey: 'overridden' })
    expect(await bench.refused('updateExperiment', { experimentKey: 'overridden', localEvaluation: true })).toBe(
      'LOCAL_EVALUATION_RULE',
    )
  })

  test('keeps its weights once it runs, and its traffic only rises', async () => {
    await bench.experiment('rising', { localEvaluation: true, trafficBasisPoints: 1_000, start: true })
    const input = { experimentKey: 'rising' }
    expect(await bench.refused('updateAllocation', { ...input, weights: weights(4_000, 6_000) })).toBe(
      'LOCAL_EVALUATION_RULE',
    )
    expect(await bench.refused('updateAllocation', { ...input, trafficBasisPoints: 999 })).toBe('LOCAL_EVALUATION_RULE')
    const raised = await bench.done('updateAllocation', { ...input, trafficBasisPoints: 2_000 })
    expect(raised).toMatchObject({ trafficBasisPoints: 2_000, epochs: [{ number: 1 }, { number: 2 }] })
  })
})
