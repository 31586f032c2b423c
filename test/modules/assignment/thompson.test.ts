import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const ASSIGN = 'mutation ($input: AssignInput!) { assign(input: $input) { reason propensity variant { key } } }'
const EVALUATE = 'query ($unitId: String!) { evaluate(unitId: $unitId) { propensity variant { key } reason } }'
const TRACK = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }'
const RESULTS = `{ experiment(key: "bandit") { results {
  exposedUnits
  metrics { variants { variant { key } units total mean } comparisons {
    test { pValue } alwaysValid { pValue isSignificant } difference { estimate } notComputable { code }
  } overall { pValue } }
  health { sampleRatioMismatch { pValue isMismatch epochs { variants { expectedUnits } } } }
} } }`

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

interface Assigned {
  unitId: string
  propensity: number
  variant: { key: string }
}

async function assign(seed: Seed, from: number, count: number): Promise<Assigned[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const unitId = `u${from + n}`
      const { assign: assigned } = await server.graphql(seed.keys.serverKey, ASSIGN, {
        input: { experimentKey: 'bandit', unitId },
      })
      return { unitId, ...assigned }
    }),
  )
}

describe('THOMPSON', () => {
  it('learns within a second, keeps a floor, stores propensities, and weighs results by them', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'bandit',
      assignmentAlgorithm: 'THOMPSON',
      metrics: [{ key: 'pressed', kind: 'PROPORTION' }],
    })
    const first = await assign(seed, 0, 300)
    // Nothing is known yet, or only how many met which.
    for (const { propensity } of first) expect(propensity).toBeGreaterThan(0.2)
    // Treatments press, controls do not: the treatment's probability of being best goes to 1.
    const pressed = first.filter(({ variant }) => variant.key === 'treatment')
    await server.graphql(seed.keys.serverKey, TRACK, {
      input: { events: pressed.map(({ unitId }) => ({ idempotencyKey: unitId, unitId, name: 'pressed', value: 1 })) },
    })
    for (const each of [server, other]) {
      await expect
        .poll(
          async () => {
            const { evaluate } = await each.graphql(seed.keys.serverKey, EVALUATE, { unitId: `new-${Math.random()}` })
            return evaluate[0].variant.key === 'treatment' ? evaluate[0].propensity : 1 - evaluate[0].propensity
          },
          { timeout: 1_500 },
        )
        .toBeCloseTo(0.99, 6)
    }
    const second = await assign(seed, 300, 300)
    expect(second.filter(({ variant }) => variant.key === 'treatment').length).toBeGreaterThan(270)
    const { results } = (await server.graphql(seed.keys.serverKey, RESULTS)).experiment
    expect(results.exposedUnits).toBe(600)
    const [metric] = results.metrics
    expect(metric.overall).toBeNull()
    expect(metric.comparisons[0]).toMatchObject({ test: null, notComputable: { code: 'ADAPTIVE_ALLOCATION' } })
    expect(results.health.sampleRatioMismatch).toMatchObject({ isMismatch: false })
    expect(results.health.sampleRatioMismatch.epochs[0].variants[0].expectedUnits).toBeNull()
    // The mean of the treatment is weighted: Σ x/π over Σ 1/π.
    const all = [...first, ...second].filter(({ variant }) => variant.key === 'treatment')
    const weightOf = (units: Assigned[]) => units.reduce((sum, { propensity }) => sum + 1 / propensity, 0)
    expect(metric.variants[1].mean).toBeCloseTo(weightOf(pressed) / weightOf(all), 9)
    await expectStored(server, [...first, ...second])
  })

  it.each(['MEAN', 'COUNT', 'RATIO'] as const)('learns from a %s although a variant has only zeros', async (kind) => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'bandit',
      assignmentAlgorithm: 'THOMPSON',
      variants: [
        { key: 'control', isControl: true, weightBasisPoints: 3_400 },
        { key: 'better', weightBasisPoints: 3_300 },
        { key: 'dead', weightBasisPoints: 3_300 },
      ],
      metrics: [{ key: 'bought', kind, ...(kind === 'RATIO' && { denominatorEventName: 'seen' }) }],
    })
    const assigned = await assign(seed, 0, 240)
    const seen = assigned.map(({ unitId }) => ({ idempotencyKey: `${unitId}:seen`, unitId, name: 'seen', value: 1 }))
    // Every tenth unit of the control, and two of three on the better variant.
    const bought = assigned.filter(
      ({ variant: { key } }, index) => (key === 'control' && index % 10 === 0) || (key === 'better' && index % 3 > 0),
    )
    const purchases = bought.map(({ unitId }) => ({ idempotencyKey: unitId, unitId, name: 'bought', value: 12 }))
    await seed.events([...seen, ...purchases])
    await expect
      .poll(
        async () => {
          const { evaluate } = await server.graphql(seed.keys.serverKey, EVALUATE, { unitId: `new-${Math.random()}` })
          return Object.fromEntries(evaluate.map(({ propensity, variant }: Assigned) => [variant.key, propensity]))
        },
        { timeout: 1_500 },
      )
      .toMatchObject({ better: expect.closeTo(0.98, 4) })
  })
})

async function expectStored(server: TestServer, assigned: Assigned[]): Promise<void> {
  const owner = new Client(server.database.owner)
  await owner.connect()
  const { rows } = await owner.query('select unit_id, propensity from assignment')
  await owner.end()
  const stored = new Map(rows.map(({ unit_id, propensity }) => [unit_id, propensity]))
  for (const { unitId, propensity } of assigned) expect(stored.get(unitId)).toBeCloseTo(propensity, 12)
}

describe('definitions in memory', () => {
  it('follow a change that another server made, within a second', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'hot' })
    const reasonOn = async (each: TestServer) =>
      (await each.graphql(seed.keys.serverKey, EVALUATE, { unitId: 'u' })).evaluate[0]?.reason
    expect(await reasonOn(other)).toBe('ASSIGNED')
    await seed.admin(
      'mutation ($input: PauseExperimentInput!) { pauseExperiment(input: $input) { __typename ... on Error { code message } } }',
      { experimentKey: 'hot' },
    )
    await expect.poll(() => reasonOn(other), { timeout: 1_000 }).not.toBe('ASSIGNED')
  })
})
