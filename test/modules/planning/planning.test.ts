import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { TestClock } from '../../support/test-clock.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const clock = new TestClock()
let server: TestServer
let seed: Seed
beforeAll(async () => {
  server = await startTestServer({ clock: clock.read })
  seed = await Seed.organization(server)
})
afterAll(() => server.stop())

const SAMPLE =
  'query ($input: PlanSampleSizeInput!) { planSampleSize(input: $input) { totalUnits unitsPerVariant expectedUnits alphaPerComparison } }'
const POWER = 'query ($input: PlanPowerInput!) { planPower(input: $input) { power alphaPerComparison } }'
const EFFECT =
  'query ($input: PlanEffectInput!) { planEffect(input: $input) { minimumDetectableEffect relativeEffect } }'
const RUN_TIME =
  'query ($input: PlanRunTimeInput!) { planRunTime(input: $input) { days unitsPerDay sample { totalUnits } } }'

const ask = async (query: string, input: object) =>
  Object.values(await server.graphql(seed.keys.serverKey, query, { input }))[0] as Record<string, number>
const code = async (query: string, input: object) =>
  (await server.send(seed.keys.serverKey, query, { input })).errors?.[0]?.extensions.code

const RATE = { baseline: 0.1, minimumDetectableEffect: 0.02 }

describe('planning', () => {
  it('gives the textbook sample of two rates', async () => {
    const plan = await ask(SAMPLE, { ...RATE, decisionMethod: 'FIXED_HORIZON' })
    // (1.959964·√(2·0.11·0.89) + 0.841621·√(0.1·0.9 + 0.12·0.88))² / 0.02² = 3,840.8 units an arm
    const perArm =
      (1.959963985 * Math.sqrt(2 * 0.11 * 0.89) + 0.841621234 * Math.sqrt(0.1 * 0.9 + 0.12 * 0.88)) ** 2 / 0.02 ** 2
    expect(plan.totalUnits).toBe(Math.ceil(2 * perArm))
    expect(plan.unitsPerVariant).toEqual([Math.ceil(perArm), Math.ceil(perArm)])
  })

  it('costs more when looked at always, less on average when it may stop early', async () => {
    const fixed = await ask(SAMPLE, { ...RATE, decisionMethod: 'FIXED_HORIZON' })
    const always = await ask(SAMPLE, RATE)
    const sequential = await ask(SAMPLE, { ...RATE, decisionMethod: 'GROUP_SEQUENTIAL' })
    expect(always.totalUnits! / fixed.totalUnits!).toBeGreaterThan(1.5)
    expect(sequential.totalUnits! / fixed.totalUnits!).toBeLessThan(1.1)
    expect(sequential.expectedUnits! / fixed.totalUnits!).toBeLessThan(0.85)
  })

  it.each(['FIXED_HORIZON', 'ALWAYS_VALID', 'GROUP_SEQUENTIAL'])(
    '%s: power and effect are the inverses of the sample',
    async (decisionMethod) => {
      const design = { ...RATE, decisionMethod, weightsBasisPoints: [5_000, 2_500, 2_500], covariateCorrelation: 0.5 }
      const { totalUnits } = await ask(SAMPLE, { ...design, power: 0.9 })
      expect((await ask(POWER, { ...design, totalUnits })).power).toBeCloseTo(0.9, 3)
      const { minimumDetectableEffect: _effect, ...rest } = design
      const { minimumDetectableEffect } = await ask(EFFECT, { ...rest, totalUnits, power: 0.9 })
      expect(minimumDetectableEffect).toBeCloseTo(0.02, 4)
    },
  )

  it('shares alpha among the treatments, and CUPED saves 1 − ρ² of the sample', async () => {
    const means = { baseline: 50, standardDeviation: 20, minimumDetectableEffect: 1, decisionMethod: 'FIXED_HORIZON' }
    const plain = await ask(SAMPLE, means)
    const cuped = await ask(SAMPLE, { ...means, covariateCorrelation: 0.7 })
    expect(cuped.totalUnits! / plain.totalUnits!).toBeCloseTo(0.51, 3)
    const three = await ask(SAMPLE, { ...means, weightsBasisPoints: [3_334, 3_333, 3_333] })
    expect(three.alphaPerComparison).toBeCloseTo(0.025, 12)
  })

  it('tells the days, from traffic as given or as an experiment had it', async () => {
    const given = await ask(RUN_TIME, { ...RATE, decisionMethod: 'FIXED_HORIZON', unitsPerDay: 1_000 })
    expect(given.days).toBe(8)
    await seed.experiment({ key: 'busy' })
    await seed.arms('busy', [
      { variantKey: 'control', units: 50 },
      { variantKey: 'treatment', units: 50 },
    ])
    expect(await ask(RUN_TIME, { ...RATE, likeExperimentKey: 'busy' })).toMatchObject({ unitsPerDay: 100 })
    await seed.experiment({ key: 'quiet' })
    expect(await code(RUN_TIME, { ...RATE, likeExperimentKey: 'quiet' })).toBe('NOT_PLANNABLE')
    const theirs = await Seed.organization(server)
    await theirs.experiment({ key: 'theirs' })
    expect(await code(RUN_TIME, { ...RATE, likeExperimentKey: 'theirs' })).toBe('EXPERIMENT_NOT_FOUND')
  })

  it('takes the traffic of the last days, and of no others', async () => {
    const HOUR = 3_600
    const come = (key: string, units: number, from: number) => seed.arms(key, [{ variantKey: 'control', units, from }])
    const traffic = (key: string) => ask(RUN_TIME, { ...RATE, likeExperimentKey: key })
    // 2026-03-01, 00:00 in London, and 09:00 in Tokyo.
    await seed.experiment({ key: 'past', timeZone: 'Asia/Tokyo' })
    await come('past', 60, 0)
    clock.advance(12 * HOUR)
    // Half a day of traffic is taken for a whole one, two and a half days for what they are.
    expect(await traffic('past')).toMatchObject({ unitsPerDay: 60 })
    clock.advance(48 * HOUR)
    expect(await traffic('past')).toMatchObject({ unitsPerDay: 24 })

    // Started long before its first exposure, the days of which count from midnight: 15:00 in London.
    await seed.experiment({ key: 'late', timeZone: 'Asia/Tokyo' })
    clock.advance(132 * HOUR)
    await come('late', 27, 0)
    clock.advance(24 * HOUR)
    // 2026-03-10 at 00:00 in London, 33 hours after the midnight.
    expect(await traffic('late')).toMatchObject({ unitsPerDay: expect.closeTo((27 * 24) / 33, 9) })

    // On 2026-03-15 at 14:59 the first exposures, of the 1st, are 14 days old in Tokyo; a minute later 15.
    clock.advance(134 * HOUR + 59 * 60)
    expect((await traffic('past')).unitsPerDay).toBeCloseTo((60 * 24 * 60) / (14 * 24 * 60 + 14 * 60 + 59), 9)
    clock.advance(60)
    expect(await code(RUN_TIME, { ...RATE, likeExperimentKey: 'past' })).toBe('NOT_PLANNABLE')
    await come('past', 29, 60)
    expect((await traffic('past')).unitsPerDay).toBeCloseTo(29 / 14, 9)
    clock.advance(50 * 24 * HOUR)
    expect(await code(RUN_TIME, { ...RATE, likeExperimentKey: 'past' })).toBe('NOT_PLANNABLE')
  })

  it('plans a fall as well as a rise', async () => {
    const { totalUnits } = await ask(SAMPLE, { baseline: 0.9, minimumDetectableEffect: -0.08 })
    const fall = await ask(EFFECT, { baseline: 0.9, totalUnits, direction: 'DECREASE' })
    expect(fall.minimumDetectableEffect).toBeCloseTo(-0.08, 3)
    expect(fall.relativeEffect).toBeCloseTo(-0.08 / 0.9, 3)
    expect(await ask(EFFECT, { baseline: 0, standardDeviation: 1, totalUnits })).toMatchObject({ relativeEffect: null })
  })

  it('refuses what takes for ever', async () => {
    const refusal = async (input: object) => (await server.send(seed.keys.serverKey, RUN_TIME, { input })).errors?.[0]
    const slow = await refusal({ baseline: 0.5, minimumDetectableEffect: 0.01, unitsPerDay: 1e-9 })
    expect(slow).toMatchObject({ extensions: { code: 'NOT_PLANNABLE' } })
    expect(slow?.message).toMatch(/^unitsPerDay is 1e-9; \d+ units then take more than 2147483647 days/)
    expect(await refusal({ baseline: 0.5, minimumDetectableEffect: 1e-9, unitsPerDay: 1 })).toMatchObject({
      extensions: { code: 'NOT_PLANNABLE' },
    })
    const least = { baseline: 1e-200, standardDeviation: null, minimumDetectableEffect: 5e-324, unitsPerDay: 5e-324 }
    expect(await refusal({ ...least, decisionMethod: 'BAYESIAN' })).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })

  it('refuses what cannot be planned', async () => {
    for (const input of [
      { ...RATE, baseline: 1.2 },
      { ...RATE, minimumDetectableEffect: 0 },
      { ...RATE, minimumDetectableEffect: 0.95 },
      { ...RATE, alpha: 0.9 },
      { ...RATE, power: 0.2 },
      { ...RATE, weightsBasisPoints: [9_000] },
      { ...RATE, weightsBasisPoints: [9_000, 2_000] },
      { ...RATE, standardDeviation: -1 },
    ]) {
      expect(await code(SAMPLE, input), JSON.stringify(input)).toBe('BAD_USER_INPUT')
    }
    expect(await code(RUN_TIME, RATE)).toBe('BAD_USER_INPUT')
    // What chance alone reaches is no power, and a rate does not rise beyond 1.
    for (const method of ['FIXED_HORIZON', 'ALWAYS_VALID', 'GROUP_SEQUENTIAL']) {
      const input = { ...RATE, alpha: 0.5, decisionMethod: method }
      expect(await code(SAMPLE, { ...input, power: 0.5 }), method).toBe('BAD_USER_INPUT')
      expect((await ask(SAMPLE, { ...input, power: 0.51 })).totalUnits, method).toBeGreaterThan(0)
      expect((await ask(POWER, { ...input, totalUnits: 1 })).power, method).toBeGreaterThan(0)
    }
    expect(await code(EFFECT, { baseline: 0.9, totalUnits: 20 })).toBe('NOT_PLANNABLE')
  })

  it('answers every finite input with a plan, or with an error that is meant for it', async () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, 5e-324, 1e-200, 0.01, 0.5, 1, 1e12),
      fc.integer({ min: -102, max: 13 }).map((exponent) => 3 * 10 ** exponent),
    )
    const design = fc.record({
      baseline: fc.oneof(number, fc.double({ min: 0, max: 1, noNaN: true })),
      standardDeviation: fc.option(number),
      decisionMethod: fc.constantFrom('ALWAYS_VALID', 'BAYESIAN', 'FIXED_HORIZON'),
    })
    const drawn = [design, number, number, fc.integer({ min: 1, max: 2_147_483_647 })] as const
    await fc.assert(
      fc.asyncProperty(...drawn, async (known, minimumDetectableEffect, unitsPerDay, totalUnits) => {
        const codes = await Promise.all([
          code(SAMPLE, { ...known, minimumDetectableEffect }),
          code(POWER, { ...known, minimumDetectableEffect, totalUnits }),
          code(EFFECT, { ...known, totalUnits }),
          code(RUN_TIME, { ...known, minimumDetectableEffect, unitsPerDay }),
        ])
        for (const each of codes) expect([undefined, 'BAD_USER_INPUT', 'NOT_PLANNABLE']).toContain(each)
      }),
      { numRuns: 100 },
    )
  })
})
