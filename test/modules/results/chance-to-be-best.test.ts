import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed, type SeedArm, type SeedMetric } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const METRICS = `metrics { metric { key }
  variants { variant { key } units chanceToBeBest }
  comparisons { variant { key } bayesian { chanceToBeatControl } } }`
const RESULTS = `query ($key: String!) { experiment(key: $key) { results { ${METRICS} } } }`
const SLICES = `query ($key: String!) { experiment(key: $key) {
  resultsByDimension(dimension: "platform") { slices { value ${METRICS} } } } }`

interface Metric {
  variants: Array<{ variant: { key: string }; units: number; chanceToBeBest: number | null }>
  comparisons: Array<{ bayesian: { chanceToBeatControl: number } | null }>
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

async function metricsOf(seed: Seed, key: string): Promise<Metric[]> {
  return (await server.graphql(seed.keys.serverKey, RESULTS, { key })).experiment.results.metrics
}

const chancesIn = ({ variants }: Metric) => variants.map(({ chanceToBeBest }) => chanceToBeBest)
const sumOf = (chances: ReadonlyArray<number | null>) => chances.reduce<number>((sum, chance) => sum + chance!, 0)

const THREE = [
  { key: 'control', isControl: true, weightBasisPoints: 3_334 },
  { key: 'b', weightBasisPoints: 3_333 },
  { key: 'c', weightBasisPoints: 3_333 },
]

function armsOf(units: number, metricKeys: readonly string[], value: number | undefined, done: Record<string, number>) {
  return Object.entries(done).map(
    ([variantKey, count]): SeedArm => ({
      variantKey,
      units,
      events: Object.fromEntries(metricKeys.map((key) => [key, { units: count, value }])),
    }),
  )
}

async function three(key: string, metrics: SeedMetric[], design: object, arms: SeedArm[]): Promise<Metric[]> {
  const seed = await Seed.organization(server)
  await seed.experiment({ key, variants: THREE, metrics, ...design })
  await seed.arms(key, arms)
  return metricsOf(seed, key)
}

describe('chanceToBeBest', () => {
  it('of two variants is the chance to beat the control, and the rest', async () => {
    const seed = await Seed.organization(server)
    const kinds: SeedMetric[] = [
      { key: 'more', kind: 'PROPORTION' },
      { key: 'fewer', kind: 'PROPORTION', direction: 'DECREASE' },
      { key: 'spent', kind: 'MEAN' },
      { key: 'middle', kind: 'QUANTILE', quantile: 0.5 },
    ]
    const keys = kinds.map(({ key }) => key)
    for (const [key, analysis] of [
      ['two', {}],
      ['two-sceptic', { prior: { mean: 0, standardDeviation: 0.05 } }],
    ] as const) {
      await seed.experiment({ key, ...(key === 'two' ? { metrics: kinds } : { useMetrics: keys }), analysis })
      await seed.arms(key, armsOf(600, keys, undefined, { control: 200, treatment: 230 }))
      for (const metric of await metricsOf(seed, key)) {
        const [control, treatment] = chancesIn(metric)
        const chance = metric.comparisons[0]!.bayesian?.chanceToBeatControl
        if (chance === undefined) expect([control, treatment]).toEqual([null, null])
        else {
          expect(Math.abs(treatment! - chance)).toBeLessThan(1e-9)
          expect(Math.abs(control! - (1 - chance))).toBeLessThan(1e-9)
        }
      }
    }
    const [more, fewer] = await metricsOf(seed, 'two')
    expect(chancesIn(more!)[1]).toBeGreaterThan(0.95)
    expect(chancesIn(fewer!)[1]).toBeLessThan(0.05)
  })

  it('of rates is exact, in the direction of the metric', async () => {
    const [more, fewer] = await three(
      'rates',
      [
        { key: 'up', kind: 'PROPORTION' },
        { key: 'down', kind: 'PROPORTION', direction: 'DECREASE' },
      ],
      {},
      armsOf(500, ['up', 'down'], undefined, { control: 50, b: 75, c: 65 }),
    )
    // Beta(51, 451), Beta(76, 426) and Beta(66, 436), by scipy 1.17.1.
    const expected = [
      [more, [0.004005663628912024, 0.8154005318156355, 0.1805938045554522]],
      [fewer, [0.9263678250383531, 0.005705869728431981, 0.06792630523321518]],
    ] as const
    for (const [metric, chances] of expected) {
      for (const [index, chance] of chancesIn(metric!).entries()) expect(chance).toBeCloseTo(chances[index]!, 9)
      expect(sumOf(chancesIn(metric!))).toBeCloseTo(1, 12)
    }
  })

  it('of means shares the error of the control', async () => {
    const arms = armsOf(200, ['paid'], 4, { control: 100, b: 100, c: 110 })
    arms[1]!.events!.paid!.value = 5
    const [paid] = await three('means', [{ key: 'paid', kind: 'MEAN' }], {}, arms)
    // Normal with means 2, 2.5, 2.2 and standard errors 0.1418, 0.1772, 0.1411, by scipy 1.17.1.
    const expected = [0.007683885815857504, 0.9019816530737025, 0.09033446111044009]
    for (const [index, chance] of chancesIn(paid!).entries()) expect(chance).toBeCloseTo(expected[index]!, 10)
  })

  it('is pulled by a prior as the differences are', async () => {
    const metrics: SeedMetric[] = [{ key: 'pulled', kind: 'PROPORTION' }]
    const arms = armsOf(500, ['pulled'], undefined, { control: 50, b: 75, c: 65 })
    const free = (await three('free', metrics, {}, arms))[0]!
    const design = { analysis: { prior: { mean: 0, standardDeviation: 0.05 } } }
    const pulled = (await three('pulled', metrics, design, arms))[0]!
    expect(sumOf(chancesIn(pulled))).toBeCloseTo(1, 12)
    const [control, b, c] = chancesIn(pulled)
    expect(b).toBeLessThan(chancesIn(free)[1]!)
    expect(b).toBeGreaterThan(c!)
    expect(control).toBeGreaterThan(chancesIn(free)[0]!)
    // To be best it must beat the control, and more.
    for (const [index, chance] of [b, c].entries()) {
      expect(chance).toBeLessThan(pulled.comparisons[index]!.bayesian!.chanceToBeatControl)
    }
  })

  it('waits until every variant with units can be compared, and leaves out those without', async () => {
    const metrics: SeedMetric[] = [{ key: 'seen', kind: 'MEAN' }]
    const [nobody] = await three('nobody', metrics, {}, [])
    expect(chancesIn(nobody!)).toEqual([null, null, null])
    const arms = armsOf(200, ['seen'], 4, { control: 90, b: 110 })
    const [without] = await three('without', metrics, {}, arms)
    expect(chancesIn(without!)[1]).toBe(without!.comparisons[0]!.bayesian!.chanceToBeatControl)
    expect(sumOf(chancesIn(without!).slice(0, 2))).toBeCloseTo(1, 12)
    expect(chancesIn(without!)[2]).toBeNull()
    const single = { variantKey: 'c', units: 1, events: { seen: { units: 1, value: 4 } } }
    const [early] = await three('early', metrics, {}, [...arms, single])
    expect(chancesIn(early!)).toEqual([null, null, null])
  })

  it('is told where the allocation adapts, but not of quantiles there', async () => {
    const [adapted, middle] = await three(
      'adapts',
      [
        { key: 'won', kind: 'PROPORTION' },
        { key: 'median', kind: 'QUANTILE', eventName: 'won', quantile: 0.5 },
      ],
      { assignmentAlgorithm: 'THOMPSON' },
      armsOf(300, ['won'], 2, { control: 60, b: 80, c: 70 }),
    )
    expect(sumOf(chancesIn(adapted!))).toBeCloseTo(1, 12)
    expect(chancesIn(middle!)).toEqual([null, null, null])
  })

  it('is told within slices', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'sliced',
      variants: THREE,
      metrics: [{ key: 'tried', kind: 'PROPORTION' }],
      analysis: { dimensions: [{ key: 'platform', values: ['ios'] }] },
    })
    const units = Array.from({ length: 900 }, (_, n) => ({
      experimentKey: 'sliced',
      variantKey: THREE[n % 3]!.key,
      unitId: `u${n}`,
      context: { platform: n % 2 === 0 ? 'ios' : 'web' },
    }))
    await seed.exposures(units)
    const tried = units.filter(({ variantKey }, n) => Math.floor(n / 3) % 10 < (variantKey === 'b' ? 4 : 3))
    await seed.events(tried.map(({ unitId }) => ({ idempotencyKey: unitId, unitId, name: 'tried' })))
    const { slices } = (await server.graphql(seed.keys.serverKey, SLICES, { key: 'sliced' })).experiment
      .resultsByDimension
    expect(slices.map(({ value }: { value: string | null }) => value)).toEqual(['ios', null])
    for (const { metrics } of slices as Array<{ metrics: Metric[] }>) {
      const chances = chancesIn(metrics[0]!)
      expect(sumOf(chances)).toBeCloseTo(1, 12)
      expect(chances[1]).toBe(Math.max(...chances.map(Number)))
    }
  })
})
