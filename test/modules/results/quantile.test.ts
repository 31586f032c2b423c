import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { normalDraw, seededRandom } from '../../../src/cli/simulation/random.ts'
import { normalCriticalValue } from '../../../src/statistics/distributions.ts'
import { histogramOf, histogramQuantile } from '../../../src/statistics/quantile/value-histogram.ts'
import { computed } from '../../support/computed.ts'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const RESULTS = `{ experiment(key: "speed") { results { metrics {
  variants { variant { key } units total mean interval { lower upper } }
  comparisons {
    isSignificant effectSize { name } notComputable { code }
    difference { estimate interval { lower upper } }
    relativeLift { estimate }
    test { name statistic pValue }
    alwaysValid { pValue interval { lower upper } }
    bayesian { chanceToBeatControl }
  }
} } } }`
const CREATE = `mutation ($input: CreateMetricInput!) { createMetric(input: $input) {
  ... on CreateMetricSuccess { metric { kind definition { quantile } } } ... on Error { code message }
} }`

const VARIANTS = ['control', 'treatment'] as const

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

/** Latencies in milliseconds of the units of each variant, which cluster by unit; the treatment is a fifth slower. */
function latencies(): Record<(typeof VARIANTS)[number], number[][]> {
  const random = seededRandom(11)
  const unit = (factor: number) => {
    const level = 100 * factor * Math.exp(0.4 * normalDraw(random))
    return Array.from({ length: Math.floor(random() * 5) }, () => level * Math.exp(0.5 * normalDraw(random)))
  }
  const arm = (factor: number) => Array.from({ length: 1_000 }, () => unit(factor))
  return { control: arm(1), treatment: arm(1.2) }
}

async function measured(analysis: object = {}, assignmentAlgorithm = 'HASH') {
  const seed = await Seed.organization(server)
  await seed.experiment({
    key: 'speed',
    metrics: [
      { key: 'called', kind: 'PROPORTION', eventName: 'call' },
      { key: 'p90', kind: 'QUANTILE', eventName: 'call', quantile: 0.9, direction: 'DECREASE' },
    ],
    analysis,
    assignmentAlgorithm,
  })
  const given = latencies()
  for (const variantKey of VARIANTS) {
    const unitIds = given[variantKey].map((_, index) => `${variantKey}-${index}`)
    await seed.exposures(unitIds.map((unitId) => ({ experimentKey: 'speed', variantKey, unitId })))
    await seed.events(
      given[variantKey].flatMap((values, index) =>
        values.map((value, turn) => ({
          idempotencyKey: `${unitIds[index]}:${turn}`,
          unitId: unitIds[index],
          name: 'call',
          value,
        })),
      ),
    )
  }
  // A call whose latency is not known says nothing.
  await seed.events([{ idempotencyKey: 'unknown', unitId: 'control-1', name: 'call' }])
  return { given, metric: (await server.graphql(seed.keys.serverKey, RESULTS)).experiment.results.metrics[1] }
}

describe('a metric of kind QUANTILE', () => {
  it('compares the quantiles of values of events, clustered by unit, to 1 %', async () => {
    const { given, metric } = await measured()
    const [control, treatment] = VARIANTS.map((key) => {
      const estimate = computed(histogramQuantile(histogramOf(given[key]), 0.9))
      return { ...estimate, variance: estimate.unitVariance / estimate.units, values: given[key].flat() }
    })
    for (const [index, arm] of [control!, treatment!].entries()) {
      const shown = metric.variants[index]
      expect(shown).toMatchObject({ units: 1_000, total: arm.values.length })
      expect(shown.mean).toBeCloseTo(arm.mean, 9)
      const exact = arm.values.sort((a, b) => a - b)[Math.ceil(0.9 * arm.values.length) - 1]!
      expect(Math.abs(shown.mean / exact - 1)).toBeLessThan(0.01)
      expect(shown.interval.lower).toBeLessThan(shown.mean)
      expect(shown.interval.upper).toBeGreaterThan(shown.mean)
    }
    const [comparison] = metric.comparisons
    const z = (treatment!.mean - control!.mean) / Math.sqrt(control!.variance + treatment!.variance)
    expect(comparison.test).toMatchObject({ name: 'QUANTILE_Z' })
    expect(comparison.test.statistic).toBeCloseTo(z, 9)
    expect(comparison.difference.estimate).toBeCloseTo(treatment!.mean - control!.mean, 9)
    const halfWidth = (comparison.difference.interval.upper - comparison.difference.interval.lower) / 2
    expect(halfWidth).toBeCloseTo(normalCriticalValue(0.05) * Math.sqrt(control!.variance + treatment!.variance), 9)
    expect(comparison.isSignificant).toBe(true)
    // A fifth slower is worse: a decrease is wanted.
    expect(comparison.bayesian.chanceToBeatControl).toBeLessThan(0.01)
    expect(comparison).toMatchObject({ effectSize: null, notComputable: null })
  })

  it('has reasons instead of numbers where values are too few, and where the allocation adapts', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'speed',
      metrics: [
        { key: 'first', kind: 'PROPORTION' },
        { key: 'p99', kind: 'QUANTILE', quantile: 0.99 },
      ],
    })
    const values = { p99: { units: 30, value: 4 } }
    await seed.arms('speed', [
      { variantKey: 'control', units: 30, events: values },
      { variantKey: 'treatment', units: 30, events: values },
    ])
    const [, few] = (await server.graphql(seed.keys.serverKey, RESULTS)).experiment.results.metrics
    expect(few.variants[0].mean).toBeCloseTo(4, 1)
    expect(few.comparisons[0]).toMatchObject({
      difference: null,
      isSignificant: false,
      notComputable: { code: 'INSUFFICIENT_VALUES' },
    })
    const { metric } = await measured({}, 'THOMPSON')
    expect(metric.comparisons[0]).toMatchObject({ difference: null, notComputable: { code: 'ADAPTIVE_ALLOCATION' } })
  })

  it('cannot be what THOMPSON learns from', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'learning',
      metrics: [{ key: 'p50', kind: 'QUANTILE', quantile: 0.5 }],
      assignmentAlgorithm: 'THOMPSON',
      start: false,
    })
    await expect(
      seed.admin(
        'mutation ($input: StartExperimentInput!) { startExperiment(input: $input) { ... on Error { code message } } }',
        { experimentKey: 'learning' },
      ),
    ).rejects.toThrow(/ALGORITHM_METRIC: The first primary metric, p50, is a QUANTILE/)
  })

  it('has a quantile between 0.001 and 0.999, and other kinds have none', async () => {
    const seed = await Seed.organization(server)
    const create = async (input: object) =>
      (
        await server.graphql(seed.keys.adminKey, CREATE, {
          input: { key: 'made', name: 'made', eventName: 'call', ...input },
        })
      ).createMetric
    expect(await create({ kind: 'QUANTILE' })).toMatchObject({ code: 'METRIC_DEFINITION_INVALID' })
    expect(await create({ kind: 'QUANTILE', quantile: 1 })).toMatchObject({ message: expect.stringContaining('is 1;') })
    expect(await create({ kind: 'MEAN', quantile: 0.5 })).toMatchObject({ code: 'METRIC_DEFINITION_INVALID' })
    expect(await create({ kind: 'QUANTILE', quantile: 0.5, covariateWindowHours: 24 })).toMatchObject({
      code: 'METRIC_DEFINITION_INVALID',
    })
    expect(await create({ kind: 'QUANTILE', quantile: 0.999 })).toMatchObject({
      metric: { kind: 'QUANTILE', definition: { quantile: 0.999 } },
    })
  })
})
