import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const LIVE = `fragment Live on ExperimentResults {
  id version computedAt exposedUnits
  metrics {
    metric { key kind } role
    variants { variant { key isControl } units total mean interval { lower upper level } }
    comparisons {
      variant { key } isSignificant
      difference { estimate interval { lower upper level } }
      relativeLift { estimate interval { lower upper level } }
      test { name statistic pValue adjustedPValue isSignificant }
      alwaysValid { pValue isSignificant interval { lower upper level } }
      effectSize { name value }
      notComputable { code message }
    }
    overall { statistic degreesOfFreedom pValue cramersV }
    series { day variant { key } events numerator denominator }
  }
  performance { variant { key } impressions clicks conversions spend revenue clickThroughRate conversionRate costPerClick costPerAcquisition returnOnInvestment }
  health { sampleRatioMismatch { pValue isMismatch epochs { epoch pValue variants { units expectedUnits } } } multipleVariantUnits }
  decision { recommendation winner { key } reasons { code message } }
}`
const RESULTS = `query ($key: String!) { experiment(key: $key) { key status results { ...Live } } } ${LIVE}`

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

async function resultsOf(seed: Seed, key: string) {
  return (await server.graphql(seed.keys.serverKey, RESULTS, { key })).experiment.results
}

describe('experiment.results', () => {
  it('is null for a draft, and has no numbers but reasons before the first unit', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'draft', start: false })
    await seed.experiment({ key: 'empty' })
    expect(await resultsOf(seed, 'draft')).toBeNull()
    const results = await resultsOf(seed, 'empty')
    expect(results).toMatchObject({
      exposedUnits: 0,
      health: { sampleRatioMismatch: { pValue: null, isMismatch: false }, multipleVariantUnits: 0 },
      decision: { recommendation: 'KEEP_RUNNING', winner: null, reasons: [{ code: 'NO_UNITS' }] },
    })
    expect(results.metrics[0].variants[0]).toMatchObject({ units: 0, mean: null, interval: null })
    expect(results.metrics[0].comparisons[0]).toMatchObject({
      isSignificant: false,
      test: null,
      notComputable: { code: 'NO_UNITS' },
    })
  })

  it('of a page of experiments come from all that have them, also when those of one cannot be computed', async () => {
    const seed = await Seed.organization(server)
    for (const key of ['well', 'broken', 'fine']) await seed.experiment({ key })
    const { organizationId, serverKey } = seed.keys
    const owner = new Client(server.database.owner)
    await owner.connect()
    await owner.query("update experiment set analysis = '{}' where organization_id = $1 and key = 'broken'", [
      organizationId,
    ])
    await owner.end()
    server.platform.definitions.forget(organizationId)
    const page = '{ experiments(first: 10) { edges { node { key results { exposedUnits } } } } }'
    const { data, errors } = await server.send(serverKey, page)
    expect(errors).toMatchObject([{ path: ['experiments', 'edges', 1, 'node', 'results'] }])
    expect(data.experiments.edges.map(({ node }: { node: object }) => node)).toEqual([
      { key: 'fine', results: { exposedUnits: 0 } },
      { key: 'broken', results: null },
      { key: 'well', results: { exposedUnits: 0 } },
    ])
  })

  it('tells the mean of a single unit, of which no interval can be told', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'one',
      metrics: [
        { key: 'paid', kind: 'MEAN' },
        { key: 'per-visit', kind: 'RATIO', eventName: 'paid', denominatorEventName: 'visit' },
      ],
    })
    await seed.arms('one', [
      { variantKey: 'control', units: 1, events: { paid: { units: 1, value: 8 }, visit: { units: 1, value: 2 } } },
    ])
    const [paid, perVisit] = (await resultsOf(seed, 'one')).metrics
    expect(paid.variants).toMatchObject([
      { units: 1, total: 8, mean: 8, interval: null },
      { units: 0, mean: null, interval: null },
    ])
    expect(perVisit.variants).toMatchObject([
      { units: 1, total: 8, mean: 4, interval: null },
      { units: 0, mean: null },
    ])
  })

  it('gives the pooled z-test of two proportions, Fieller’s lift and Cohen’s h', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'z', metrics: [{ key: 'bought', kind: 'PROPORTION' }] })
    await seed.arms('z', [
      { variantKey: 'control', units: 1_000, events: { bought: { units: 100 } } },
      { variantKey: 'treatment', units: 1_000, events: { bought: { units: 150 } } },
    ])
    const results = await resultsOf(seed, 'z')
    const [metric] = results.metrics
    expect(
      metric.variants.map(({ units, total, mean }: { units: number; total: number; mean: number }) => [
        units,
        total,
        mean,
      ]),
    ).toEqual([
      [1_000, 100, 0.1],
      [1_000, 150, 0.15],
    ])
    const [comparison] = metric.comparisons
    // statsmodels.stats.proportion.proportions_ztest([150, 100], [1000, 1000]): z = 3.380617, p = 0.000723231
    expect(comparison.test).toMatchObject({ name: 'TWO_PROPORTION_Z', isSignificant: true })
    expect(comparison.test.statistic).toBeCloseTo(3.380617, 6)
    expect(comparison.test.pValue).toBeCloseTo(0.000723231, 8)
    expect(comparison.effectSize).toMatchObject({ name: 'COHENS_H' })
    expect(comparison.effectSize.value).toBeCloseTo(2 * Math.asin(Math.sqrt(0.15)) - 2 * Math.asin(Math.sqrt(0.1)), 12)
    expect(comparison.difference.estimate).toBeCloseTo(0.05, 12)
    expect(comparison.relativeLift.estimate).toBeCloseTo(0.5, 12)
    const { interval } = comparison.relativeLift
    expect(interval.lower > 0 || interval.upper < 0).toBe(comparison.isSignificant)
    expect(comparison.isSignificant).toBe(comparison.alwaysValid.isSignificant)
    expect(metric.overall.statistic).toBeCloseTo(comparison.test.statistic ** 2, 8)
    expect(results.decision.recommendation).toBe('SHIP')
    expect(results.decision.winner).toEqual({ key: 'treatment' })
  })

  it('shows no effect where there is none in any epoch, however the weights shifted between them', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'shift',
      metrics: [
        { key: 'joined', kind: 'PROPORTION' },
        { key: 'spent', kind: 'MEAN' },
      ],
    })
    const arm = (variantKey: string, from: number, units: number, share: number) => ({
      variantKey,
      from,
      units,
      events: { joined: { units: units * share }, spent: { units: units * share, value: 3 } },
    })
    await seed.arms('shift', [arm('control', 0, 500, 0.1), arm('treatment', 0, 500, 0.1)])
    await seed.admin(
      'mutation ($input: UpdateAllocationInput!) { updateAllocation(input: $input) { __typename ... on Error { code message } } }',
      {
        experimentKey: 'shift',
        weights: [
          { variantKey: 'control', weightBasisPoints: 1_000 },
          { variantKey: 'treatment', weightBasisPoints: 9_000 },
        ],
      },
    )
    await seed.arms('shift', [arm('control', 500, 100, 0.5), arm('treatment', 500, 900, 0.5)])
    for (const { comparisons } of (await resultsOf(seed, 'shift')).metrics) {
      expect(comparisons[0].difference.estimate).toBeCloseTo(0, 12)
      expect(comparisons[0].effectSize.value).toBeCloseTo(0, 12)
    }
  })

  it('compares means by Welch and ratios by the delta method', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'means',
      metrics: [
        { key: 'spent', kind: 'MEAN' },
        {
          key: 'per-visit',
          kind: 'RATIO',
          eventName: 'spent',
          denominatorEventName: 'visited',
          denominatorAggregate: 'COUNT',
        },
      ],
    })
    const events = (value: number) => ({ spent: { units: 150, value }, visited: { units: 200 } })
    await seed.arms('means', [
      { variantKey: 'control', units: 200, events: events(4) },
      { variantKey: 'treatment', units: 200, events: events(6) },
    ])
    const { metrics } = await resultsOf(seed, 'means')
    const [mean, ratio] = metrics
    // 150 of 200 units spend 4 (6), the others nothing: mean 3 (4.5), sample variance 200/199 · (0.75 · 16 − 9) = 3.0151 (6.7839)
    const variance = (value: number) => (200 / 199) * (0.75 * value ** 2 - (0.75 * value) ** 2)
    const t = 1.5 / Math.sqrt(variance(4) / 200 + variance(6) / 200)
    expect(mean.comparisons[0].test).toMatchObject({ name: 'WELCH_T' })
    expect(mean.comparisons[0].test.statistic).toBeCloseTo(t, 10)
    expect(mean.comparisons[0].effectSize.value).toBeCloseTo(1.5 / Math.sqrt((variance(4) + variance(6)) / 2), 10)
    expect(ratio.comparisons[0].test).toMatchObject({ name: 'DELTA_METHOD_Z' })
    // Every unit visits once, so that the ratio is the mean and its variance too.
    expect(ratio.comparisons[0].test.statistic).toBeCloseTo(t, 10)
    expect(ratio.variants[1].mean).toBeCloseTo(4.5, 12)
    expect(ratio.comparisons[0].effectSize).toBeNull()
  })

  it('sums a campaign up per variant', async () => {
    const seed = await Seed.organization(server)
    await seed.admin(
      'mutation ($input: CreateMarketingMetricsInput!) { createMarketingMetrics(input: $input) { __typename ... on Error { code message } } }',
      {
        keyPrefix: 'ad_',
        impressionEventName: 'impression',
        clickEventName: 'click',
        conversionEventName: 'conversion',
        spendEventName: 'spend',
        revenueEventName: 'revenue',
      },
    )
    await seed.experiment({
      key: 'campaign',
      metrics: [],
      useMetrics: ['ad_ctr', 'ad_conversion_rate', 'ad_cpc', 'ad_cpa', 'ad_roi'],
    })
    const events = {
      impression: { units: 100 },
      click: { units: 40 },
      conversion: { units: 10 },
      spend: { units: 40, value: 0.5 },
      revenue: { units: 10, value: 3 },
    }
    await seed.arms('campaign', [
      { variantKey: 'control', units: 100, events },
      { variantKey: 'treatment', units: 100, events: { ...events, click: { units: 50 } } },
    ])
    const { performance } = await resultsOf(seed, 'campaign')
    expect(performance[0]).toEqual({
      variant: { key: 'control' },
      impressions: 100,
      clicks: 40,
      conversions: 10,
      spend: 20,
      revenue: 30,
      clickThroughRate: 0.4,
      conversionRate: 0.25,
      costPerClick: 0.5,
      costPerAcquisition: 2,
      returnOnInvestment: expect.closeTo(0.5, 12),
    })
    expect(performance[1]).toMatchObject({ clicks: 50, clickThroughRate: 0.5, conversionRate: 0.2 })
  })
})
