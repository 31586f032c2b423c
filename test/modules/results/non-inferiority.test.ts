import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { watchOrganization } from '../../../src/server/jobs/watch-organization.ts'
import type { SeedMetric } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const NON_INFERIORITY = `nonInferiority {
  verdict reason { code message } margin { value scale } absoluteMargin method alpha pValue inferiorityPValue
  distance { estimate interval { lower upper level } }
}`
const RESULTS = `query ($key: String!) { experiment(key: $key) { results {
  decision { recommendation winner { key } reasons { code message } }
  metrics { metric { key } comparisons { variant { key } isSignificant ${NON_INFERIORITY} } }
} } }`

let server: TestServer
let bench: Workbench
beforeAll(async () => {
  server = await startTestServer()
  bench = await Workbench.open(server)
})
afterAll(() => server.stop())

type Margin = SeedMetric['nonInferiorityMargin']
/** Units, how many of them bought, and how many of them failed. */
type Arm = [units: number, bought: number, failed: number]

const absolute = (value: number): Margin => ({ value, scale: 'ABSOLUTE' })
const relative = (value: number): Margin => ({ value, scale: 'RELATIVE' })

let experiments = 0

/** A running experiment with one primary metric and one guardrail, of which less is better. */
async function guarded(margin: Margin, analysis: object = {}, on = bench) {
  const key = `guarded-${experiments++}`
  const [bought, failed] = [`${key}-bought`, `${key}-failed`]
  await on.experiment(key, {
    start: true,
    analysis,
    metrics: [
      { key: bought, kind: 'PROPORTION' },
      { key: failed, kind: 'PROPORTION', role: 'GUARDRAIL', direction: 'DECREASE', nonInferiorityMargin: margin },
    ],
  })
  const results = async () => (await on.query(RESULTS, { key })).experiment.results
  return {
    key,
    failed,
    results,
    arms: (arms: Record<string, Arm>, from = 0) =>
      on.seed.arms(
        key,
        Object.entries(arms).map(([variantKey, [units, some, others]]) => ({
          variantKey,
          units,
          from,
          events: { [bought]: { units: some }, [failed]: { units: others } },
        })),
      ),
    verdict: async () => (await results()).metrics[1].comparisons[0].nonInferiority,
  }
}

const EVEN: Record<string, Arm> = { control: [2_000, 200, 100], treatment: [2_000, 200, 100] }

describe('what is shown about a margin', () => {
  it('is null without one, and inconclusive before there are units', async () => {
    expect(await (await guarded(null)).verdict()).toBeNull()
    expect(await (await guarded(absolute(0.01))).verdict()).toEqual({
      verdict: 'INCONCLUSIVE',
      reason: { code: 'NOT_COMPUTABLE', message: 'There are no units yet.' },
      margin: absolute(0.01),
      absoluteMargin: null,
      method: 'ALWAYS_VALID',
      alpha: 0.025,
      pValue: null,
      inferiorityPValue: null,
      distance: null,
    })
  })

  it('waits for the minimum sample and the burn-in', async () => {
    const { arms, verdict } = await guarded(absolute(0.5))
    await arms({ control: [90, 9, 40], treatment: [90, 9, 40] })
    expect(await verdict()).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reason: { code: 'MINIMUM_SAMPLE_NOT_REACHED' },
      absoluteMargin: 0.5,
    })
    await arms({ control: [910, 90, 0], treatment: [910, 90, 0] }, 90)
    expect((await verdict()).verdict).toBe('NON_INFERIOR')
    const few = await guarded(absolute(0.5))
    await few.arms({ control: [500, 50, 24], treatment: [500, 50, 24] })
    expect(await few.verdict()).toMatchObject({ verdict: 'INCONCLUSIVE', reason: { code: 'BURN_IN' } })
  })

  it('holds at every look under the always-valid plan', async () => {
    const { arms, verdict } = await guarded(absolute(0.02))
    await arms(EVEN)
    // Both rates are 5 %: the distance is the margin, its standard error √(2 · 0.05 · 0.95 / 2000); formulas of the article.
    const seen = await verdict()
    expect(seen).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reason: { code: 'MARGIN_WITHIN_BOUNDS' },
      method: 'ALWAYS_VALID',
      absoluteMargin: 0.02,
      alpha: 0.025,
    })
    expect(seen.distance.estimate).toBeCloseTo(0.02, 12)
    expect(seen.distance.interval.level).toBeCloseTo(0.95, 12)
    expect(seen.distance.interval.lower).toBeCloseTo(-0.0015991942, 8)
    expect(seen.distance.interval.upper).toBeCloseTo(0.0415991942, 8)
    expect(seen.pValue).toBeCloseTo(0.0433258729, 8)
    expect(seen.inferiorityPValue).toBe(1)
    await arms(EVEN, 2_000)
    expect(await verdict()).toMatchObject({ verdict: 'NON_INFERIOR', reason: { code: 'BOUND_INSIDE_MARGIN' } })
  })

  it('shows harm beyond the margin, in the bad direction alone', async () => {
    const { arms, verdict } = await guarded(relative(0.1))
    await arms({ control: [3_000, 300, 300], treatment: [3_000, 300, 500] })
    const harm = await verdict()
    expect(harm).toMatchObject({ verdict: 'INFERIOR', reason: { code: 'BOUND_BEYOND_MARGIN' } })
    expect(harm.absoluteMargin).toBeCloseTo(0.01, 12)
    expect(harm.distance.estimate).toBeCloseTo(-(0.2 / 3 - 0.01), 12)
    expect(harm.distance.interval.upper).toBeLessThan(0)
    expect(harm.inferiorityPValue).toBeLessThan(0.025)
    expect(harm.pValue).toBe(1)
    const good = await guarded(relative(0.1))
    await good.arms({ control: [3_000, 300, 500], treatment: [3_000, 300, 300] })
    expect(await good.verdict()).toMatchObject({ verdict: 'NON_INFERIOR', inferiorityPValue: 1 })
  })

  it('comes from the classical test at its one look, and from the sequence before', async () => {
    const { key, arms, verdict } = await guarded(absolute(0.02), {
      decisionMethod: 'FIXED_HORIZON',
      plannedSampleSize: 10_000,
    })
    await arms(EVEN)
    expect(await verdict()).toMatchObject({ method: 'ALWAYS_VALID', verdict: 'INCONCLUSIVE' })
    await bench.done('completeExperiment', { experimentKey: key })
    const final = await verdict()
    expect(final).toMatchObject({ method: 'FIXED_HORIZON', verdict: 'NON_INFERIOR' })
    // z = 0.02 / √(2 · 0.05 · 0.95 / 2000) = 2.9019, and 1.95996 standard errors to either side.
    expect(final.pValue).toBeCloseTo(0.001854505, 8)
    expect(final.inferiorityPValue).toBeCloseTo(1 - 0.001854505, 8)
    expect(final.distance.interval.lower).toBeCloseTo(0.02 - 0.013508, 6)
    // A margin of 40 % of the control's mean is as wide here, but as uncertain as that mean.
    const moving = await guarded(relative(0.4), { decisionMethod: 'FIXED_HORIZON' })
    await moving.arms(EVEN)
    await bench.done('completeExperiment', { experimentKey: moving.key })
    expect((await moving.verdict()).absoluteMargin).toBeCloseTo(0.02, 12)
    expect((await moving.verdict()).pValue).toBeCloseTo(0.0085314114, 8)
  })

  it('shares the budget of the guardrails among the treatments', async () => {
    const { key, verdict, arms } = await guarded(absolute(0.02), { guardrailAlpha: 0.1, alpha: 0.01 })
    await arms(EVEN)
    expect((await verdict()).alpha).toBeCloseTo(0.05, 12)
    const all = await bench.query(
      `{ experiment(key: "${key}") { results { metrics { multipleTesting { alphaPerComparison } } } } }`,
    )
    expect(all.experiment.results.metrics[1].multipleTesting.alphaPerComparison).toBeCloseTo(0.1, 12)
  })
})

it.each([
  ['the sequence', 'ALWAYS_VALID', {}],
  // The whole has come to its one look, no slice alone has.
  ['the classical test', 'FIXED_HORIZON', { decisionMethod: 'FIXED_HORIZON', plannedSampleSize: 2_000 }],
])('is said by %s of the whole and of each slice, with a share of the budget each', async (_name, method, analysis) => {
  const key = `sliced-${experiments++}`
  const crash = `${key}-crash`
  await bench.experiment(key, {
    start: true,
    metrics: [{ key: crash, kind: 'PROPORTION', direction: 'DECREASE', nonInferiorityMargin: absolute(0.1) }],
    analysis: { dimensions: [{ key: 'platform', values: ['ios', 'android'] }], ...analysis },
  })
  const units = ['ios', 'android'].flatMap((platform) =>
    ['control', 'treatment'].flatMap((variantKey) =>
      Array.from({ length: 600 }, (_, index) => ({
        unitId: `${key}-${platform}-${variantKey}-${index}`,
        variantKey,
        platform,
        isCrash: index < (platform === 'ios' && variantKey === 'treatment' ? 300 : 60),
      })),
    ),
  )
  await bench.seed.exposures(
    units.map(({ unitId, variantKey, platform }) => ({
      experimentKey: key,
      unitId,
      variantKey,
      context: { platform },
    })),
  )
  await bench.seed.events(
    units.flatMap(({ unitId, isCrash }) => (isCrash ? [{ idempotencyKey: unitId, unitId, name: crash }] : [])),
  )
  const { experiment } = await bench.query(
    `query ($key: String!) { experiment(key: $key) { results { metrics { comparisons { ${NON_INFERIORITY} } } }
       resultsByDimension(dimension: "platform") { slices { value metrics { comparisons { ${NON_INFERIORITY} } } } } } }`,
    { key },
  )
  expect(experiment.results.metrics[0].comparisons[0].nonInferiority).toMatchObject({
    verdict: 'INFERIOR',
    method,
    alpha: 0.025,
  })
  const [ios, android, rest] = experiment.resultsByDimension.slices.map(
    // biome-ignore lint/suspicious/noExplicitAny: tests look at any part of it.
    ({ metrics }: any) => metrics[0].comparisons[0].nonInferiority,
  )
  expect(ios).toMatchObject({ verdict: 'INFERIOR', method })
  expect(android).toMatchObject({ verdict: 'NON_INFERIOR', method })
  expect(rest).toMatchObject({ verdict: 'INCONCLUSIVE', reason: { code: 'NOT_COMPUTABLE' } })
  for (const { alpha } of [ios, android, rest]) expect(alpha).toBeCloseTo(0.025 / 3, 12)
})

describe('a decision with margins', () => {
  const BETTER: Record<string, Arm> = { control: [3_000, 300, 150], treatment: [3_000, 600, 150] }

  it('does not ship before the guardrail is shown to be within its margin', async () => {
    const { results, arms } = await guarded(absolute(0.01))
    await arms(BETTER)
    const early = (await results()).decision
    expect(early).toMatchObject({
      recommendation: 'KEEP_RUNNING',
      winner: null,
      reasons: [{ code: 'MARGIN_INCONCLUSIVE' }],
    })
    for (const from of [3_000, 6_000, 9_000, 12_000]) await arms(BETTER, from)
    expect((await results()).decision).toMatchObject({ recommendation: 'SHIP', winner: { key: 'treatment' } })
  })

  it('ships what is worse within the margin, and holds what is worse beyond it', async () => {
    const slightly: Record<string, Arm> = { control: [5_000, 500, 500], treatment: [5_000, 900, 650] }
    const plain = await guarded(null)
    await plain.arms(slightly)
    expect((await plain.results()).decision).toMatchObject({
      recommendation: 'HOLD',
      reasons: [{ code: 'GUARDRAIL_WORSE' }],
    })
    const lenient = await guarded(absolute(0.08))
    await lenient.arms(slightly)
    expect((await lenient.results()).metrics[1].comparisons[0].isSignificant).toBe(true)
    expect((await lenient.results()).decision).toMatchObject({ recommendation: 'SHIP' })
    const strict = await guarded(absolute(0.002))
    await strict.arms(slightly)
    expect((await strict.results()).decision).toMatchObject({
      recommendation: 'HOLD',
      reasons: [{ code: 'GUARDRAIL_WORSE' }],
    })
  })

  it('is stored with them, and comes out again to the bit', async () => {
    const own = await Workbench.open(server)
    const { key, failed, arms, verdict } = await guarded(relative(0.1), {}, own)
    await arms({ control: [3_000, 300, 150], treatment: [3_000, 600, 600] })
    await watchOrganization(server.platform, own.seed.keys.organizationId)
    const { experiment, resultsHistory } = await own.query(
      `query ($key: String!, $failed: String!) {
        experiment(key: $key) { decisions { edges { node { id reasons { code } analysis { inWords } } } } }
        resultsHistory(experimentKey: $key, metricKey: $failed) { comparisons { ${NON_INFERIORITY} } } }`,
      { key, failed },
    )
    const [{ node }] = experiment.decisions.edges
    expect(node.analysis.inWords).toContain(`on ${failed} by 10 % of the mean of the control.`)
    expect(resultsHistory.at(-1).comparisons).toEqual([{ nonInferiority: await verdict() }])
    const { verifyDecision } = await own.query(
      'query ($id: ID!) { verifyDecision(id: $id) { isSame differenceCount } }',
      {
        id: node.id,
      },
    )
    expect(verifyDecision).toEqual({ isSame: true, differenceCount: 0 })
  })
})
