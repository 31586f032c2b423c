import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed, type SeedArm } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const RESULTS = `query ($key: String!) { experiment(key: $key) {
  analysis { decisionMethod inWords correction maximumSampleSize }
  results { exposedUnits decision { recommendation winner { key } }
    metrics { metric { key } role multipleTesting { correction comparisons alpha alphaPerComparison } comparisons {
      variant { key } isSignificant
      test { pValue adjustedPValue isSignificant statistic }
      alwaysValid { pValue adjustedPValue isSignificant interval { level } }
      difference { estimate interval { lower upper level } }
      relativeLift { estimate interval { lower upper } informationFraction }
      sequential { informationFraction looksTaken criticalValue statistic isSignificant verdictDifference interval { lower upper } }
      bayesian { chanceToBeatControl expectedLoss interval { lower upper } }
      cuped { theta varianceReduction }
    } }
  }
} }`

let server: TestServer
let other: TestServer
beforeAll(async () => {
  server = await startTestServer()
  other = await startTestServer({ database: server.database })
})
afterAll(async () => {
  await other.stop()
  await server.stop()
})

async function experiment(seed: Seed, key: string, on = server) {
  return (await on.graphql(seed.keys.serverKey, RESULTS, { key })).experiment
}

let sent = 0

/** Units who have not come before. */
function arm(variantKey: string, units: number, event: string, converted: number): SeedArm {
  const from = sent
  sent += units
  return { variantKey, units, from, events: { [event]: { units: converted } } }
}

describe('GROUP_SEQUENTIAL', () => {
  it('decides where a maximum sample is committed, looks once at each planned share, and lets the verdict stand', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'gst',
      metrics: [{ key: 'gst-bought', kind: 'PROPORTION' }],
      analysis: { maximumSampleSize: 4_000, looks: 4 },
    })
    expect((await experiment(seed, 'gst')).analysis).toMatchObject({ decisionMethod: 'GROUP_SEQUENTIAL' })
    await seed.arms('gst', [arm('control', 300, 'gst-bought', 40), arm('treatment', 300, 'gst-bought', 45)])
    const comparisonOf = async (on = server) => (await experiment(seed, 'gst', on)).results.metrics[0].comparisons[0]
    expect(await comparisonOf()).toMatchObject({ sequential: null, relativeLift: { informationFraction: null } })
    await seed.arms('gst', [arm('control', 700, 'gst-bought', 110), arm('treatment', 700, 'gst-bought', 195)])
    const [here, there] = await Promise.all([comparisonOf(), comparisonOf(other)])
    expect(here.sequential).toMatchObject({ informationFraction: 0.5, looksTaken: 1 })
    expect(there.sequential).toEqual(here.sequential)
    // Whoever reads it again, before anything comes in, reads the same.
    expect([there, await comparisonOf(), await comparisonOf(other)]).toEqual([here, here, here])
    // rpact: O'Brien–Fleming type spending, two-sided 0.05, first look at half the information: 2.962588
    expect(here.sequential.criticalValue).toBeCloseTo(2.962588, 5)
    expect(here).toMatchObject({ isSignificant: true, sequential: { isSignificant: true } })
    // Between the looks nothing moves, and afterwards the verdict stands.
    await seed.arms('gst', [arm('control', 300, 'gst-bought', 60), arm('treatment', 300, 'gst-bought', 60)])
    expect((await comparisonOf()).sequential).toEqual(here.sequential)
    await seed.arms('gst', [arm('control', 900, 'gst-bought', 280), arm('treatment', 900, 'gst-bought', 180)])
    const { decision, metrics } = (await experiment(seed, 'gst')).results
    const [after] = metrics[0].comparisons
    expect(after).toMatchObject({
      isSignificant: true,
      sequential: { informationFraction: 1, looksTaken: 2, isSignificant: true, verdictDifference: 0.09 },
    })
    // 490 of 2,200 against 480: below the boundary, and on the other side. What was decided is what was seen at the first look.
    expect(after.sequential.statistic).toBeLessThan(0)
    expect(after.difference.estimate).toBeLessThan(0)
    expect(after.relativeLift).toEqual(here.relativeLift)
    expect(after.relativeLift).toMatchObject({ informationFraction: 0.5 })
    expect(after.relativeLift.estimate).toBeCloseTo(0.09 / 0.15, 12)
    expect(after.relativeLift.interval.lower).toBeGreaterThan(0)
    expect(decision).toEqual({ recommendation: 'SHIP', winner: { key: 'treatment' } })
  })

  it('shows the lift of the last look while none has crossed its boundary, whatever came in since', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'open',
      metrics: [{ key: 'open-bought', kind: 'PROPORTION' }],
      analysis: { maximumSampleSize: 4_000, looks: 4 },
    })
    const comparisonOf = async () => (await experiment(seed, 'open')).results.metrics[0].comparisons[0]
    await seed.arms('open', [arm('control', 500, 'open-bought', 75), arm('treatment', 500, 'open-bought', 80)])
    const atLook = await comparisonOf()
    expect(atLook).toMatchObject({
      isSignificant: false,
      relativeLift: { informationFraction: 0.25 },
      sequential: { looksTaken: 1, verdictDifference: atLook.difference.estimate },
    })
    expect(atLook.relativeLift.interval.lower).toBeLessThan(0)
    // A difference that any other test calls significant, between two looks.
    await seed.arms('open', [arm('control', 400, 'open-bought', 20), arm('treatment', 400, 'open-bought', 140)])
    const between = await comparisonOf()
    expect(between).toMatchObject({ isSignificant: false, alwaysValid: { isSignificant: true } })
    expect(between.relativeLift).toEqual(atLook.relativeLift)
    await seed.arms('open', [arm('control', 100, 'open-bought', 5), arm('treatment', 100, 'open-bought', 35)])
    const next = await comparisonOf()
    expect(next).toMatchObject({ isSignificant: true, relativeLift: { informationFraction: 0.5 } })
    expect(next.relativeLift.interval.lower).toBeGreaterThan(0)
  })

  it('stores looks that nobody can change', async () => {
    const app = new Client(server.database.app)
    await app.connect()
    await expect(app.query('update analysis_look set estimate = 0')).rejects.toThrow('permission denied')
    await expect(app.query('delete from analysis_look')).rejects.toThrow('permission denied')
    await app.end()
  })

  it('is refused without a maximum', async () => {
    const seed = await Seed.organization(server)
    await expect(
      seed.experiment({ key: 'no-maximum', analysis: { decisionMethod: 'GROUP_SEQUENTIAL' } }),
    ).rejects.toThrow('ANALYSIS_INVALID: analysis.maximumSampleSize')
    await expect(
      seed.experiment({ key: 'beyond', analysis: { maximumSampleSize: 1_000, plannedSampleSize: 1_001 } }),
    ).rejects.toThrow('ANALYSIS_INVALID: analysis.plannedSampleSize is 1001')
  })
})

describe('BAYESIAN', () => {
  it('decides by the chance to be better, which it gives for every plan', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'bayes',
      metrics: [{ key: 'bayes-bought', kind: 'PROPORTION' }],
      analysis: { decisionMethod: 'BAYESIAN' },
    })
    await seed.arms('bayes', [arm('control', 500, 'bayes-bought', 50), arm('treatment', 500, 'bayes-bought', 75)])
    const { results } = await experiment(seed, 'bayes')
    const [comparison] = results.metrics[0].comparisons
    // Beta(76, 426) against Beta(51, 451), by the midpoint rule with 200,000 steps: 0.99152259
    expect(comparison.bayesian.chanceToBeatControl).toBeCloseTo(0.99152259, 7)
    expect(comparison.isSignificant).toBe(true)
    expect(comparison.alwaysValid.isSignificant).toBe(false)
    expect(comparison.bayesian.expectedLoss).toBeGreaterThan(0)
  })

  it('pulls a lift towards the prior', async () => {
    const seed = await Seed.organization(server)
    for (const [key, prior] of [
      ['plain', null],
      ['sceptic', { mean: 0, standardDeviation: 0.05 }],
    ] as const) {
      await seed.experiment({ key, metrics: [{ key: `${key}-bought`, kind: 'PROPORTION' }], analysis: { prior } })
      await seed.arms(key, [arm('control', 500, `${key}-bought`, 50), arm('treatment', 500, `${key}-bought`, 75)])
    }
    const chance = async (key: string) =>
      (await experiment(seed, key)).results.metrics[0].comparisons[0].bayesian.chanceToBeatControl
    expect(await chance('sceptic')).toBeLessThan((await chance('plain')) - 0.1)
  })

  it('lets the data speak alone while nobody of the control has converted, of whom no lift is known', async () => {
    const seed = await Seed.organization(server)
    const early: unknown[] = []
    for (const [key, prior] of [
      ['no-belief', null],
      ['belief', { mean: 0, standardDeviation: 0.05 }],
    ] as const) {
      await seed.experiment({ key, metrics: [{ key: `${key}-paid`, kind: 'MEAN' }], analysis: { prior } })
      await seed.arms(key, [arm('control', 200, `${key}-paid`, 0)])
      await seed.arms(key, [{ ...arm('treatment', 200, '', 0), events: { [`${key}-paid`]: { units: 5, value: 3 } } }])
      early.push((await experiment(seed, key)).results.metrics[0].comparisons[0].bayesian)
    }
    expect(early[0]).toMatchObject({ chanceToBeatControl: expect.closeTo(0.987, 2) })
    expect(early[1]).toEqual(early[0])
  })
})

describe('corrections', () => {
  const THREE = [
    { key: 'control', isControl: true, weightBasisPoints: 3_334 },
    { key: 'b', weightBasisPoints: 3_333 },
    { key: 'c', weightBasisPoints: 3_333 },
  ]

  async function three(seed: Seed, key: string, analysis: object) {
    await seed.experiment({
      key,
      variants: THREE,
      metrics: [
        { key: `${key}-1`, kind: 'PROPORTION' },
        { key: `${key}-2`, kind: 'PROPORTION', role: 'PRIMARY' },
        { key: `${key}-3`, kind: 'PROPORTION', role: 'SECONDARY' },
      ],
      analysis: { decisionMethod: 'FIXED_HORIZON', ...analysis },
    })
    await seed.arms(key, [
      {
        variantKey: 'control',
        units: 1_000,
        events: { [`${key}-1`]: { units: 100 }, [`${key}-2`]: { units: 100 }, [`${key}-3`]: { units: 100 } },
      },
      {
        variantKey: 'b',
        units: 1_000,
        events: { [`${key}-1`]: { units: 130 }, [`${key}-2`]: { units: 120 }, [`${key}-3`]: { units: 130 } },
      },
      {
        variantKey: 'c',
        units: 1_000,
        events: { [`${key}-1`]: { units: 170 }, [`${key}-2`]: { units: 100 }, [`${key}-3`]: { units: 100 } },
      },
    ])
    return (await experiment(seed, key)).results.metrics as Array<{
      comparisons: Array<{
        isSignificant: boolean
        test: { pValue: number; adjustedPValue: number }
        difference: { interval: { level: number } }
      }>
    }>
  }

  it('share alpha among the treatments of a metric unless told otherwise', async () => {
    const [first] = await three(await Seed.organization(server), 'var', {})
    const [b] = first!.comparisons
    expect(b!.test.adjustedPValue).toBeCloseTo(2 * b!.test.pValue, 12)
    expect(b!.difference.interval.level).toBeCloseTo(0.975, 12)
    // p = 0.035: significant alone, not as one of two.
    expect(b!.isSignificant).toBe(false)
  })

  it('can reach over all metrics of a role, by Holm, with a budget of its own for each role', async () => {
    const metrics = await three(await Seed.organization(server), 'role', {
      correction: 'HOLM',
      correctionScope: 'ROLE',
      secondaryAlpha: 0.1,
    })
    const primary = metrics.slice(0, 2).flatMap((metric) => metric.comparisons)
    const smallest = primary.reduce((a, b) => (b.test.pValue < a.test.pValue ? b : a))
    expect(smallest.test.adjustedPValue).toBeCloseTo(4 * smallest.test.pValue, 12)
    expect(metrics[0]).toMatchObject({
      multipleTesting: { correction: 'HOLM', comparisons: 4, alpha: 0.05, alphaPerComparison: 0.0125 },
    })
    expect(metrics[2]).toMatchObject({ multipleTesting: { comparisons: 2, alpha: 0.1 } })
    const secondary = metrics[2]!.comparisons
    expect(secondary[0]!.test.adjustedPValue).toBeCloseTo(2 * secondary[0]!.test.pValue, 12)
    expect(secondary[0]!.isSignificant).toBe(true)
  })

  it('can be left out', async () => {
    const [first] = await three(await Seed.organization(server), 'none', { correction: 'NONE' })
    const [b] = first!.comparisons
    expect(b).toMatchObject({ isSignificant: true, difference: { interval: { level: 0.95 } } })
    expect(b!.test.adjustedPValue).toBe(b!.test.pValue)
  })
})

it('has beliefs where each arm is of one kind, as among the very first units', async () => {
  const seed = await Seed.organization(server)
  await seed.experiment({ key: 'first', metrics: [{ key: 'first-bought', kind: 'PROPORTION' }] })
  await seed.arms('first', [arm('control', 1, 'first-bought', 0), arm('treatment', 1, 'first-bought', 1)])
  const [comparison] = (await experiment(seed, 'first')).results.metrics[0].comparisons
  // Beta(1, 2) against Beta(2, 1): P(treatment > control) = 5/6.
  expect(comparison.bayesian.chanceToBeatControl).toBeCloseTo(5 / 6, 12)
  // Mean 1/3 and standard deviation 1/3: nothing is certain yet.
  expect(comparison.bayesian.interval.lower).toBeCloseTo((1 - 1.959964) / 3, 6)
  expect(comparison.bayesian.interval.upper).toBeCloseTo((1 + 1.959964) / 3, 6)
})
