import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RolloutBench, statuses } from '../../support/rollout-bench.ts'
import { TestClock } from '../../support/test-clock.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const HOUR = 3_600

const clock = new TestClock()
let server: TestServer
let bench: RolloutBench
beforeAll(async () => {
  server = await startTestServer({ clock: clock.read })
})
beforeEach(async () => {
  bench = await RolloutBench.open(server)
})
afterAll(() => server?.stop())

const advance = () => server.platform.rollouts.engine.advanceDueRollouts(bench.seed.keys.organizationId, clock.read())
const asServer = (query: string, input: object) => server.graphql(bench.seed.keys.serverKey, query, { input })

/** Exposes units and sends an event for those of an arm that are told to have one. */
async function expose(rolloutKey: string, prefix: string, count: number) {
  const units = Array.from({ length: count }, (_, index) => `${prefix}${index}`)
  const { recordRolloutExposures } = await asServer(
    'mutation ($input: RecordRolloutExposuresInput!) { recordRolloutExposures(input: $input) { accepted duplicates rejected { code } } }',
    { exposures: units.map((unitId) => ({ rolloutKey, unitId })) },
  )
  const onNew = new Set<string>()
  for (const unitId of units) {
    const { rolloutDecision } = await bench.query(
      'query ($key: String!, $unitId: String!) { rolloutDecision(key: $key, unitId: $unitId) { isOnNewVersion } }',
      { key: rolloutKey, unitId },
    )
    if (rolloutDecision.isOnNewVersion) onNew.add(unitId)
  }
  return { receipt: recordRolloutExposures, onNew: [...onNew], others: units.filter((unit) => !onNew.has(unit)) }
}

async function track(name: string, units: readonly string[], value?: number) {
  await asServer('mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted rejected { code } } }', {
    events: units.map((unitId) => ({ idempotencyKey: `${name}-${unitId}`, unitId, name, value })),
  })
}

const half = {
  stages: [
    { shareBasisPoints: 5_000, minimumDurationSeconds: HOUR },
    { shareBasisPoints: 10_000, minimumDurationSeconds: 0 },
  ],
}

describe('a health check on a metric', () => {
  it('compares exposed units with the concurrent control, and rolls back what is worse', async () => {
    await bench.seed.metric({ key: 'crash', kind: 'PROPORTION', direction: 'DECREASE' })
    await bench.started('crashing', {
      ...half,
      healthChecks: [{ signal: 'METRIC', metricKey: 'crash', comparison: 'CONTROL' }],
    })
    const { receipt, onNew, others } = await expose('crashing', 'u', 400)
    expect(receipt).toEqual({ accepted: 400, duplicates: 0, rejected: [] })
    await track('crash', others.slice(0, 10))
    await track('crash', onNew.slice(0, 10))
    await advance()
    const healthy = await bench.read('crashing')
    expect(healthy.status).toBe('RUNNING')
    expect(healthy.health.checks).toMatchObject([
      { status: 'PASSED', treatmentSample: onNew.length, controlSample: others.length },
    ])
    expect(healthy.health.checks[0].treatmentEstimate).toBe(10 / onNew.length)
    await track('crash', onNew.slice(10, 90))
    await advance()
    const broken = await bench.read('crashing')
    expect(broken.status).toBe('ROLLED_BACK')
    expect(broken.transitions.at(-1)).toMatchObject({ isReproduced: true })
    expect(broken.transitions.at(-1).evidence.watched[0].data.treatment).toEqual({
      kind: 'RATE',
      units: onNew.length,
      conversions: 90,
    })
  })

  it('counts only what happened in its stage, and holds without exposures', async () => {
    await bench.seed.metric({ key: 'spent', kind: 'MEAN', direction: 'INCREASE' })
    await bench.started('windows', {
      ...half,
      healthChecks: [{ signal: 'METRIC', metricKey: 'spent', limit: 1 }],
    })
    const { onNew } = await expose('windows', 'w', 300)
    await track('spent', onNew, 3)
    clock.advance(HOUR)
    await advance()
    expect((await bench.read('windows')).health.checks).toMatchObject([{ status: 'STALE', treatmentEstimate: 3 }])
    await expose('windows', 'x', 30)
    await advance()
    const next = await bench.read('windows')
    expect(next).toMatchObject({ shareBasisPoints: 10_000, health: { windowNumber: 2 } })
    expect(next.health.checks).toMatchObject([{ status: 'NO_DATA', treatmentSample: 0 }])
    // The same units again, in the new stage: their spending of the stage before is not counted again.
    await expose('windows', 'w', 150)
    expect((await bench.read('windows')).health.checks).toMatchObject([
      { status: 'FAILED', treatmentSample: 150, treatmentEstimate: 0 },
    ])
    await advance()
    expect((await bench.read('windows')).status).toBe('ROLLED_BACK')
  })

  it('is stale when one of its arms has not been met for long', async () => {
    await bench.seed.metric({ key: 'calm', kind: 'PROPORTION', direction: 'DECREASE' })
    await bench.started('silence', {
      ...half,
      maximumSampleAgeSeconds: 60,
      healthChecks: [
        { signal: 'METRIC', metricKey: 'calm', comparison: 'CONTROL', minimumSample: 10 },
        { signal: 'METRIC', metricKey: 'calm', limit: 0.5, minimumSample: 10 },
      ],
    })
    const { onNew, others } = await expose('silence', 'u', 100)
    const meet = (units: readonly string[]) =>
      asServer(
        'mutation ($input: RecordRolloutExposuresInput!) { recordRolloutExposures(input: $input) { accepted } }',
        {
          exposures: units.map((unitId) => ({ rolloutKey: 'silence', unitId })),
        },
      )
    expect(statuses(await bench.read('silence'))).toEqual(['PASSED', 'PASSED'])
    clock.advance(61)
    await meet(onNew)
    expect(statuses(await bench.read('silence'))).toEqual(['STALE', 'PASSED'])
    await meet(others)
    expect(statuses(await bench.read('silence'))).toEqual(['PASSED', 'PASSED'])
    clock.advance(61)
    await meet(others)
    expect(statuses(await bench.read('silence'))).toEqual(['STALE', 'STALE'])
  })

  it('keeps the version of the metric that it started with', async () => {
    await bench.seed.metric({ key: 'kept', kind: 'COUNT' })
    const started = await bench.started('versions', {
      healthChecks: [{ signal: 'METRIC', metricKey: 'kept', comparison: 'CONTROL' }],
    })
    expect(started.healthChecks).toMatchObject([{ metricVersion: 1, metric: { key: 'kept' } }])
    await bench.query(
      'mutation { updateMetric(input: { metricKey: "kept", capPerUnit: 3 }) { __typename ... on Error { code } } }',
    )
    expect((await bench.read('versions')).healthChecks).toMatchObject([{ metricVersion: 1 }])
  })

  it('is judged by the definition that the start keeps, not by the one it was planned with', async () => {
    await bench.seed.metric({ key: 'turned', kind: 'PROPORTION', direction: 'INCREASE' })
    const checks = [
      { signal: 'METRIC', metricKey: 'turned', limit: 0.5, onFailure: 'PAUSE' },
      { signal: 'METRIC', metricKey: 'turned', comparison: 'CONTROL' },
    ]
    const draft = await bench.create('turning', { ...half, healthChecks: checks })
    expect(draft.healthChecks).toMatchObject([{ isHigherWorse: false }, { isHigherWorse: false }])
    await bench.query(
      'mutation { updateMetric(input: { metricKey: "turned", direction: DECREASE }) { __typename ... on Error { code } } }',
    )
    const started = await bench.done('startRollout', { rolloutKey: 'turning' })
    const kept = { isHigherWorse: true, metricVersion: 2, minimumSample: 100 }
    expect(started.healthChecks).toMatchObject([
      { ...kept, key: 'turned-threshold', limit: 0.5, onFailure: 'PAUSE' },
      { ...kept, key: 'turned-control', limit: 0, onFailure: 'ROLL_BACK' },
    ])
    const { onNew } = await expose('turning', 't', 300)
    await track('turned', onNew.slice(0, 5))
    await advance()
    const healthy = await bench.read('turning')
    expect([healthy.status, ...statuses(healthy)]).toEqual(['RUNNING', 'PASSED', 'PASSED'])
  })

  it('needs no exposures where no check reads a metric, and rejects those that make no sense', async () => {
    await bench.seed.metric({ key: 'any', kind: 'COUNT' })
    await bench.started('unwatched')
    await bench.started('strict', {
      targeting: { country: 'DE' },
      healthChecks: [{ signal: 'METRIC', metricKey: 'any', comparison: 'CONTROL' }],
    })
    await bench.create('draft')
    const exposures: Array<[Record<string, unknown>, string | null]> = [
      [{ rolloutKey: 'unwatched', unitId: 'u' }, null],
      [{ rolloutKey: 'strict', unitId: 'u', attributes: { country: 'FR' } }, null],
      [{ rolloutKey: 'none', unitId: 'u' }, 'ROLLOUT_NOT_FOUND'],
      [{ rolloutKey: 'draft', unitId: 'u' }, 'SAMPLE_OUTSIDE_STAGES'],
      [{ rolloutKey: 'strict', unitId: '' }, 'UNIT_ID_INVALID'],
      [{ rolloutKey: 'strict', unitId: 'u', occurredAt: '2026-02-28T23:00:00Z' }, 'SAMPLE_OUTSIDE_STAGES'],
      [{ rolloutKey: 'strict', unitId: 'u', attributes: { country: 'DE' } }, null],
    ]
    const { recordRolloutExposures } = await asServer(
      'mutation ($input: RecordRolloutExposuresInput!) { recordRolloutExposures(input: $input) { accepted duplicates rejected { index code } } }',
      { exposures: exposures.map(([exposure]) => exposure) },
    )
    expect(recordRolloutExposures).toEqual({
      accepted: 1,
      duplicates: 2,
      rejected: exposures.flatMap(([, code], index) => (code ? [{ index, code }] : [])),
    })
  })
})
