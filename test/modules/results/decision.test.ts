import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const RESULTS = `query ($key: String!) { experiment(key: $key) { results {
  metrics { comparisons { isSignificant test { isSignificant } alwaysValid { isSignificant } } }
  health { sampleRatioMismatch { pValue isMismatch } }
  decision { recommendation winner { key } reasons { code message } }
} } }`

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

async function resultsOf(seed: Seed, key: string) {
  return (await server.graphql(seed.keys.serverKey, RESULTS, { key })).experiment.results
}

describe('what results advise', () => {
  it('has no verdict during the burn-in, whatever the test alone says', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'early', metrics: [{ key: 'rare', kind: 'PROPORTION' }] })
    await seed.arms('early', [
      { variantKey: 'control', units: 200, events: { rare: { units: 1 } } },
      { variantKey: 'treatment', units: 200, events: { rare: { units: 60 } } },
    ])
    const { metrics, decision } = await resultsOf(seed, 'early')
    expect(metrics[0].comparisons[0]).toMatchObject({
      isSignificant: false,
      test: { isSignificant: true },
      alwaysValid: { isSignificant: true },
    })
    expect(decision).toMatchObject({ recommendation: 'KEEP_RUNNING', winner: null, reasons: [{ code: 'BURN_IN' }] })
  })

  it.each([
    ['PROPORTION', {}, '25 conversions and 25 units without one'],
    ['MEAN', {}, '100 units'],
    ['QUANTILE', { quantile: 0.5 }, '100 units and 25 values on either side of the quantile'],
  ] as const)('says what the burn-in of a %s waits for', async (kind, parts, needed) => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'waiting',
      metrics: [{ key: 'seen', kind, ...parts }],
      analysis: { minimumSampleSize: 0 },
    })
    await seed.arms('waiting', [
      { variantKey: 'control', units: 30, events: { seen: { units: 3, value: 1 } } },
      { variantKey: 'treatment', units: 30, events: { seen: { units: 4, value: 2 } } },
    ])
    const { decision } = await resultsOf(seed, 'waiting')
    expect(decision.reasons).toEqual([
      { code: 'BURN_IN', message: `treatment on seen: for the test to hold, both variants need ${needed}.` },
    ])
  })

  it('does not decide on units that did not arrive as weighted', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'srm', metrics: [{ key: 'bought-srm', kind: 'PROPORTION' }] })
    await seed.arms('srm', [
      { variantKey: 'control', units: 1_000, events: { 'bought-srm': { units: 100 } } },
      { variantKey: 'treatment', units: 1_200, events: { 'bought-srm': { units: 300 } } },
    ])
    const { health, decision } = await resultsOf(seed, 'srm')
    // scipy.stats.chisquare([1000, 1200]).pvalue = 2.00e-05
    expect(health.sampleRatioMismatch.isMismatch).toBe(true)
    expect(health.sampleRatioMismatch.pValue).toBeCloseTo(2.0e-5, 6)
    expect(decision).toMatchObject({
      recommendation: 'HOLD',
      winner: null,
      reasons: [{ code: 'SAMPLE_RATIO_MISMATCH' }],
    })
  })

  it('holds a winner back when a guardrail is worse, and recommends a roll-back when all treatments lose', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'guarded',
      metrics: [
        { key: 'signed-up', kind: 'PROPORTION' },
        { key: 'crashed', kind: 'PROPORTION', role: 'GUARDRAIL', direction: 'DECREASE' },
      ],
    })
    await seed.arms('guarded', [
      { variantKey: 'control', units: 1_000, events: { 'signed-up': { units: 100 }, crashed: { units: 50 } } },
      { variantKey: 'treatment', units: 1_000, events: { 'signed-up': { units: 200 }, crashed: { units: 150 } } },
    ])
    expect((await resultsOf(seed, 'guarded')).decision).toMatchObject({
      recommendation: 'HOLD',
      winner: null,
      reasons: [{ code: 'GUARDRAIL_WORSE' }],
    })
    await seed.experiment({ key: 'worse', metrics: [{ key: 'stayed', kind: 'PROPORTION' }] })
    await seed.arms('worse', [
      { variantKey: 'control', units: 1_000, events: { stayed: { units: 300 } } },
      { variantKey: 'treatment', units: 1_000, events: { stayed: { units: 200 } } },
    ])
    expect((await resultsOf(seed, 'worse')).decision).toMatchObject({
      recommendation: 'ROLL_BACK',
      winner: null,
      reasons: [{ code: 'WORSE_THAN_CONTROL' }],
    })
  })

  it('does not call a difference a winner that the plan finds too small', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'small',
      metrics: [{ key: 'clicked', kind: 'PROPORTION' }],
      analysis: { minimumDetectableEffect: 0.2 },
    })
    await seed.arms('small', [
      { variantKey: 'control', units: 1_000, events: { clicked: { units: 100 } } },
      { variantKey: 'treatment', units: 1_000, events: { clicked: { units: 200 } } },
    ])
    expect((await resultsOf(seed, 'small')).decision).toMatchObject({
      recommendation: 'KEEP_RUNNING',
      winner: null,
      reasons: [{ code: 'BELOW_MINIMUM_DETECTABLE_EFFECT' }],
    })
  })
})
