import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/cli/simulation/random.ts'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const COMPARED = `metric { key }
  multipleTesting { comparisons alpha alphaPerComparison }
  variants { variant { key } units total }
  comparisons {
    isSignificant
    difference { estimate interval { lower upper } }
    test { statistic pValue adjustedPValue }
    alwaysValid { adjustedPValue }
    sequential { looksTaken }
    notComputable { code }
  }`
const RESULTS = `query ($key: String!) { experiment(key: $key) { results { exposedUnits version metrics { ${COMPARED} } } } }`
const BY_DIMENSION = `query ($key: String!, $dimension: String!) { experiment(key: $key) {
  resultsByDimension(dimension: $dimension) {
    experimentKey dimension version slices { value exposedUnits metrics { ${COMPARED} series { day } } }
  }
} }`
const CREATE = `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) {
  ... on CreateExperimentSuccess { experiment { analysis { inWords stratifyBy dimensions { key values } } } }
  ... on Error { code message }
} }`

const PLATFORM = { key: 'platform', values: ['ios', 'android'] }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

interface Unit {
  unitId: string
  variantKey: string
  context: Record<string, unknown> | null
  /** What it pays; null: nothing. */
  paid: number | null
}

/** On iOS people pay much, on the rest little; the treatment adds 2 everywhere. */
function units(count: number): Unit[] {
  const random = seededRandom(5)
  return Array.from({ length: count }, (_, index) => {
    const variantKey = random() < 0.5 ? 'control' : 'treatment'
    const platform = ['ios', 'android', 'web', null][Math.floor(random() * 4)]!
    const base = platform === 'ios' ? 100 : platform === 'android' ? 40 : 10
    const paid = base + 10 * random() + (variantKey === 'treatment' ? 2 : 0)
    return { unitId: `u${index}`, variantKey, context: platform === null ? null : { platform }, paid }
  })
}

async function send(seed: Seed, experimentKeys: string[], all: readonly Unit[]): Promise<void> {
  await seed.exposures(
    experimentKeys.flatMap((experimentKey) =>
      all.map(({ unitId, variantKey, context }) => ({ experimentKey, variantKey, unitId, context })),
    ),
  )
  await seed.events(
    all.flatMap(({ unitId, paid }) =>
      paid === null ? [] : [{ idempotencyKey: unitId, unitId, name: 'paid', value: paid }],
    ),
  )
}

async function results(seed: Seed, key: string) {
  return (await server.graphql(seed.keys.serverKey, RESULTS, { key })).experiment.results
}

async function slices(seed: Seed, key: string, dimension = 'platform') {
  return (await server.graphql(seed.keys.serverKey, BY_DIMENSION, { key, dimension })).experiment.resultsByDimension
}

describe('resultsByDimension', () => {
  it('compares within each declared value and the rest, corrected for the comparisons of all of them', async () => {
    const seed = await Seed.organization(server)
    const all = units(800)
    await seed.experiment({
      key: 'sliced',
      metrics: [{ key: 'paid', kind: 'MEAN' }],
      analysis: { dimensions: [PLATFORM], decisionMethod: 'FIXED_HORIZON', plannedSampleSize: 100 },
    })
    await send(seed, ['sliced'], all)
    const whole = await results(seed, 'sliced')
    const answer = await slices(seed, 'sliced')
    expect(answer).toMatchObject({ experimentKey: 'sliced', dimension: 'platform', version: whole.version })
    expect(answer.slices.map(({ value }: { value: string | null }) => value)).toEqual(['ios', 'android', null])
    for (const { value, exposedUnits, metrics } of answer.slices) {
      const own = all.filter(({ context }) => {
        const platform = context?.platform as string | undefined
        return value === null ? !PLATFORM.values.includes(platform ?? '') : platform === value
      })
      expect(exposedUnits).toBe(own.length)
      const [metric] = metrics
      for (const { variant, units: count, total } of metric.variants) {
        const arm = own.filter(({ variantKey }) => variantKey === variant.key)
        expect(count).toBe(arm.length)
        expect(total).toBeCloseTo(
          arm.reduce((sum, unit) => sum + unit.paid!, 0),
          6,
        )
      }
      expect(metric.series).toEqual([])
      expect(metric.multipleTesting).toMatchObject({ comparisons: 3, alpha: 0.05 })
      expect(metric.multipleTesting.alphaPerComparison).toBeCloseTo(0.05 / 3, 12)
      const [{ test, difference }] = metric.comparisons
      expect(test.adjustedPValue).toBeCloseTo(Math.min(1, 3 * test.pValue), 12)
      expect(difference.interval.lower).toBeLessThan(2)
      expect(difference.interval.upper).toBeGreaterThan(2)
    }
  })

  it('takes the value of the first exposure, and puts what was not declared into the rest', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'values', analysis: { dimensions: [{ key: 'n', values: ['1', 'true', 'x'] }] } })
    const expose = (unitId: string, n: unknown) =>
      seed.exposures([{ experimentKey: 'values', variantKey: 'control', unitId, context: { n } }])
    await expose('number', 1)
    await expose('boolean', true)
    await expose('text', 'x')
    await expose('text', '1')
    await expose('list', ['x'])
    await expose('null', null)
    const answer = await slices(seed, 'values', 'n')
    expect(answer.slices.map(({ exposedUnits }: { exposedUnits: number }) => exposedUnits)).toEqual([1, 1, 1, 2])
  })

  it('goes by the confidence sequence where a group-sequential test decides on the whole', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'sequential',
      metrics: [{ key: 'paid', kind: 'MEAN' }],
      analysis: { dimensions: [PLATFORM], maximumSampleSize: 1_600, looks: 1 },
    })
    await send(seed, ['sequential'], units(1_600))
    expect((await results(seed, 'sequential')).metrics[0].comparisons[0].sequential).toEqual({ looksTaken: 1 })
    for (const { metrics } of (await slices(seed, 'sequential')).slices) {
      const [comparison] = metrics[0].comparisons
      expect(comparison.sequential).toBeNull()
      expect(comparison.isSignificant).toBe(comparison.alwaysValid.adjustedPValue <= 0.05)
    }
  })

  it('is null for a draft, and refuses a dimension that was not declared, by name', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'draft', start: false, analysis: { dimensions: [PLATFORM] } })
    expect(await slices(seed, 'draft')).toBeNull()
    await seed.experiment({ key: 'live', analysis: { dimensions: [PLATFORM] } })
    const { data, errors } = await server.send(seed.keys.serverKey, BY_DIMENSION, { key: 'live', dimension: 'city' })
    expect(data).toEqual({ experiment: { resultsByDimension: null } })
    expect(errors).toMatchObject([
      { message: expect.stringContaining('no dimension "city"'), extensions: { code: 'DIMENSION_UNKNOWN' } },
    ])
  })
})

describe('stratifyBy', () => {
  it('takes out the noise that the dimension explains, by averaging over its values', async () => {
    const seed = await Seed.organization(server)
    const all = units(1_200)
    const metrics = [{ key: 'paid', kind: 'MEAN' as const }]
    await seed.experiment({ key: 'plain', metrics })
    await seed.experiment({
      key: 'strata',
      metrics: [],
      useMetrics: ['paid'],
      analysis: { dimensions: [PLATFORM], stratifyBy: 'platform' },
    })
    await send(seed, ['plain', 'strata'], all)
    const [plain] = (await results(seed, 'plain')).metrics[0].comparisons
    const [strata] = (await results(seed, 'strata')).metrics[0].comparisons
    const { estimate, variance } = postStratified(all)
    expect(strata.difference.estimate).toBeCloseTo(estimate, 9)
    expect(strata.test.statistic).toBeCloseTo(estimate / Math.sqrt(variance), 6)
    const width = ({ difference: { interval } }: { difference: { interval: { lower: number; upper: number } } }) =>
      interval.upper - interval.lower
    expect(width(strata)).toBeLessThan(width(plain) / 5)
    expect([plain.isSignificant, strata.isSignificant]).toEqual([false, true])
  })
})

/** Miratrix, Sekhon, Yu (2013): differences within the strata, weighted by their units, whose shares are estimated too. */
function postStratified(all: readonly Unit[]): { estimate: number; variance: number } {
  let [estimate, variance, squares] = [0, 0, 0]
  const strata = Map.groupBy(all, ({ context }) => {
    const platform = String(context?.platform)
    return PLATFORM.values.includes(platform) ? platform : 'rest'
  })
  for (const stratum of strata.values()) {
    const weight = stratum.length / all.length
    const [control, treatment] = ['control', 'treatment'].map((key) => {
      const paid = stratum.filter(({ variantKey }) => variantKey === key).map((unit) => unit.paid!)
      const mean = paid.reduce((sum, one) => sum + one, 0) / paid.length
      const about = paid.reduce((sum, one) => sum + (one - mean) ** 2, 0)
      return { mean, variance: about / (paid.length - 1) / paid.length }
    })
    estimate += weight * (treatment!.mean - control!.mean)
    squares += weight * (treatment!.mean - control!.mean) ** 2
    variance += weight ** 2 * (control!.variance + treatment!.variance)
  }
  return { estimate, variance: variance + (squares - estimate ** 2) / all.length }
}

describe('dimensions of an analysis plan', () => {
  it('are shown with it, also in words', async () => {
    const seed = await Seed.organization(server)
    const { createExperiment } = await server.graphql(seed.keys.adminKey, CREATE, {
      input: { key: 'shown', name: 'shown', analysis: { dimensions: [PLATFORM], stratifyBy: 'platform' } },
    })
    const { analysis } = createExperiment.experiment
    expect(analysis).toMatchObject({ dimensions: [PLATFORM], stratifyBy: 'platform' })
    expect(analysis.inWords).toContain('Results can be grouped by platform, corrected for the number of groups.')
  })

  it('do not speak of a correction where there is none', async () => {
    const seed = await Seed.organization(server)
    const { createExperiment } = await server.graphql(seed.keys.adminKey, CREATE, {
      input: { key: 'plain', name: 'plain', analysis: { dimensions: [PLATFORM], correction: 'NONE' } },
    })
    const { inWords } = createExperiment.experiment.analysis
    expect(inWords).toContain('Several comparisons are not corrected for.')
    expect(inWords).toContain('Results can be grouped by platform.')
  })

  const dimension = (count: number) => ({
    key: `d${count}`,
    values: Array.from({ length: count }, (_, index) => `v${index}`),
  })
  it.each([
    ['more than five', { dimensions: [1, 2, 3, 4, 5, 6].map(dimension) }, /6/],
    ['more than 20 values', { dimensions: [dimension(21)] }, /21/],
    ['no value', { dimensions: [dimension(0)] }, /at least one value/],
    ['a value twice', { dimensions: [{ key: 'p', values: ['a', 'a'] }] }, /"a" twice/],
    ['a key twice', { dimensions: [PLATFORM, PLATFORM] }, /"platform" twice/],
    ['an unknown stratum', { dimensions: [PLATFORM], stratifyBy: 'city' }, /"city"/],
  ])('are refused with %s', async (_name, analysis, message) => {
    const seed = await Seed.organization(server)
    const { createExperiment } = await server.graphql(seed.keys.adminKey, CREATE, {
      input: { key: 'refused', name: 'refused', analysis },
    })
    expect(createExperiment.message).toMatch(message)
  })
})
