import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { errors, RolloutBench, type SeenRollout, statuses } from '../../support/rollout-bench.ts'
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
const last = ({ transitions }: SeenRollout) => transitions.at(-1)

describe('a due stage', () => {
  const watched = { healthChecks: [{ signal: 'ERROR_RATE' }, { signal: 'ERROR_RATE', comparison: 'CONTROL' }] }

  it('is held without data, with too little, and with old data; fresh and healthy samples let it pass', async () => {
    await bench.started('held', watched)
    clock.advance(HOUR)
    await advance()
    let held = await bench.read('held')
    expect(held).toMatchObject({ shareBasisPoints: 500, health: { verdict: 'HELD' } })
    expect(statuses(held)).toEqual(['NO_DATA', 'NO_DATA'])

    await bench.report('held', [errors('TREATMENT', 999, 10), errors('CONTROL', 19_000, 190)])
    held = await bench.read('held')
    expect(statuses(held)).toEqual(['TOO_FEW_SAMPLES', 'TOO_FEW_SAMPLES'])
    expect(held.shareBasisPoints).toBe(500)

    clock.advance(301)
    await advance()
    expect(statuses(await bench.read('held'))).toEqual(['STALE', 'STALE'])

    await bench.report('held', [errors('TREATMENT', 1_000, 10), errors('CONTROL', 10, 0)])
    const passed = await bench.read('held')
    expect(passed).toMatchObject({ shareBasisPoints: 2_500, health: { windowNumber: 2, verdict: 'HELD' } })
    expect(last(passed)).toMatchObject({
      action: 'STAGE_ENTERED',
      actor: 'system',
      cause: 'The stage had lasted its minimum duration and every health check passed.',
      isReproduced: true,
    })
    expect(last(passed).evidence.watched[0].data.treatment).toEqual({ kind: 'RATE', units: 1_999, conversions: 20 })
  })

  it('is held while a signal, or an arm that a check reads, is silent, whatever else is reported', async () => {
    const stages = [
      { shareBasisPoints: 5_000, minimumDurationSeconds: 10 },
      { shareBasisPoints: 10_000, minimumDurationSeconds: 0 },
    ]
    const plan = { stages, maximumSampleAgeSeconds: 10 }
    const latency = (arm: 'TREATMENT' | 'CONTROL') => ({
      arm,
      latency: { count: 1_000, sum: 100_000, sumOfSquares: 1e7 + 1_000 },
    })
    const histogram = { arm: 'TREATMENT' as const, latencyHistogram: { bounds: [100], counts: [1_000, 0] } }
    const quality = { arm: 'TREATMENT' as const, quality: { count: 1_000, sum: 900, sumOfSquares: 900 } }
    const requests = errors('TREATMENT', 1_000, 10)
    const empty = { arm: 'TREATMENT' as const, latencyPercentiles: { p50: 3 } }
    const nothing = {
      ...empty,
      latency: { count: 0, sum: 0, sumOfSquares: 0 },
      quality: { count: 0, sum: 0, sumOfSquares: 0 },
    }
    const cases = [
      ['silent-control', { signal: 'ERROR_RATE', comparison: 'CONTROL' }, errors('CONTROL', 1_000, 10), [requests]],
      [
        'silent-treatment',
        { signal: 'LATENCY', comparison: 'CONTROL' },
        latency('TREATMENT'),
        [requests, latency('CONTROL')],
      ],
      ['silent-latency', { signal: 'LATENCY' }, latency('TREATMENT'), [requests, quality]],
      ['silent-buckets', { signal: 'LATENCY', quantile: 0.9 }, histogram, [requests, latency('TREATMENT')]],
      ['silent-quality', { signal: 'QUALITY' }, quality, [requests, histogram]],
      ['silent-requests', { signal: 'ERROR_RATE' }, requests, [empty, nothing, quality, histogram]],
    ] as const
    for (const [key, check, silent, others] of cases) {
      await bench.started(key, { ...plan, healthChecks: [check] })
      await bench.report(key, [requests, latency('TREATMENT'), latency('CONTROL'), silent])
      const silentSince = clock.read().toISOString()
      clock.advance(12.5)
      await bench.report(key, [...others])
      const held = await bench.read(key)
      expect([key, ...statuses(held), held.shareBasisPoints]).toEqual([key, 'STALE', 5_000])
      expect(held.health.checks[0].newestAt).toBe(silentSince)
      await bench.report(key, [silent])
      expect((await bench.read(key)).shareBasisPoints).toBe(10_000)
    }
  })

  it('begins with fresh samples: those of the stage before do not count', async () => {
    await bench.started('fresh', watched)
    await bench.report('fresh', [errors('TREATMENT', 5_000, 50), errors('CONTROL', 5_000, 50)])
    clock.advance(HOUR)
    await bench.report('fresh', [errors('TREATMENT', 10, 0), errors('CONTROL', 10, 0)])
    expect((await bench.read('fresh')).shareBasisPoints).toBe(2_500)
    clock.advance(HOUR)
    await advance()
    const fresh = await bench.read('fresh')
    expect(fresh.shareBasisPoints).toBe(2_500)
    expect(statuses(fresh)).toEqual(['NO_DATA', 'NO_DATA'])
    expect(fresh.health.arms).toEqual([])
  })

  it('with everybody on the new version is judged by thresholds alone, and completes', async () => {
    await bench.started('everybody', {
      ...watched,
      stages: [{ shareBasisPoints: 10_000, minimumDurationSeconds: HOUR }],
    })
    clock.advance(HOUR)
    await advance()
    expect((await bench.read('everybody')).status).toBe('RUNNING')
    await bench.report('everybody', [errors('TREATMENT', 2_000, 20)])
    const done = await bench.read('everybody')
    expect(done.status).toBe('COMPLETED')
    expect(last(done).evidence.checks.map(({ status }: { status: string }) => status)).toEqual([
      'PASSED',
      'NOT_APPLICABLE',
    ])
  })
})

describe('a failing check', () => {
  it('rolls back within the report that shows it, with the evidence', async () => {
    await bench.started('broken', {
      healthChecks: [{ signal: 'LATENCY' }, { signal: 'ERROR_RATE', comparison: 'CONTROL' }],
    })
    await bench.report('broken', [errors('TREATMENT', 2_000, 20), errors('CONTROL', 38_000, 380)])
    expect((await bench.read('broken')).status).toBe('RUNNING')
    await bench.report('broken', [errors('TREATMENT', 2_000, 160)])
    const broken = await bench.read('broken')
    expect(broken).toMatchObject({ status: 'ROLLED_BACK', shareBasisPoints: 0, stageDueAt: null })
    expect(last(broken)).toMatchObject({ action: 'ROLLED_BACK', actor: 'system', shareBefore: 500, isReproduced: true })
    expect(last(broken).cause).toMatch(
      /^The check error_rate-control failed: the new version has 0.045, the control 0.01; the difference is at best 0\.0\d+, and 0 is tolerated\.$/,
    )
    expect(last(broken).evidence).toMatchObject({
      engineVersion: expect.any(String),
      look: { alpha: 0.05, windowNumber: 1, isEverybody: false },
      watched: [
        {},
        {
          key: 'error_rate-control',
          data: {
            treatment: { kind: 'RATE', units: 4_000, conversions: 180 },
            control: { kind: 'RATE', units: 38_000, conversions: 380 },
          },
        },
      ],
      verdict: { status: 'FAILED', action: 'ROLL_BACK' },
      checks: [{ status: 'NO_DATA' }, { status: 'FAILED', alpha: 0.05 / 2 / 2 }],
    })
    const { rollout } = await bench.query(
      '{ rollout(key: "broken") { decisions(first: 5) { totalCount edges { node { id action isReproduced } } } } }',
    )
    expect(rollout.decisions).toMatchObject({ totalCount: 1, edges: [{ node: { action: 'ROLLED_BACK' } }] })
    const { id } = rollout.decisions.edges[0].node
    const { node } = await bench.query('query ($id: ID!) { node(id: $id) { ... on RolloutTransition { action } } }', {
      id,
    })
    expect(node).toEqual({ action: 'ROLLED_BACK' })
    const { verifyDecision } = await bench.query(
      'query ($id: ID!) { verifyDecision(id: $id) { isSame engineVersion differenceCount decision { id ... on RolloutTransition { action } } } }',
      { id },
    )
    const { engineVersion } = last(broken).evidence
    const decision = { id, action: 'ROLLED_BACK' }
    expect(verifyDecision).toEqual({ isSame: true, engineVersion, differenceCount: 0, decision })
    const { rolloutDecision } = await bench.query('{ rolloutDecision(key: "broken", unitId: "u") { reason } }')
    expect(rolloutDecision.reason).toBe('ROLLED_BACK')
  })

  it('pauses if it is told to', async () => {
    await bench.started('pausing', { healthChecks: [{ signal: 'ERROR_RATE', onFailure: 'PAUSE' }] })
    await bench.report('pausing', [errors('TREATMENT', 100, 60)])
    const paused = await bench.read('pausing')
    expect(paused).toMatchObject({ status: 'PAUSED', shareBasisPoints: 500 })
    expect(last(paused).cause).toMatch(
      /^The check error_rate-threshold failed: the new version has 0\.6, at best 0\.\d+; the limit is 0\.05\.$/,
    )
    await bench.report('pausing', [errors('TREATMENT', 100, 100)])
    expect((await bench.read('pausing')).transitions).toHaveLength(2)
  })

  it('says of a latency quantile how many requests were too slow, and how many may be', async () => {
    await bench.started('slow', {
      healthChecks: [{ signal: 'LATENCY', quantile: 0.95, limit: 400, onFailure: 'PAUSE' }],
    })
    const latencyHistogram = { bounds: [200, 400], counts: [300, 400, 300] }
    await bench.report('slow', [{ arm: 'TREATMENT', requests: 1_000, latencyHistogram }])
    const paused = await bench.read('slow')
    expect(paused.status).toBe('PAUSED')
    expect(last(paused).cause).toMatch(
      /^The check latency-threshold failed: on the new version 30 % of the requests took longer than 400 ms, at best 2\d\.\d+ %; 5 % are allowed\.$/,
    )
  })

  it('stands in the audit log as done by the system, with the reason', async () => {
    await bench.started('audited', { healthChecks: [{ signal: 'ERROR_RATE' }] })
    await bench.report('audited', [errors('TREATMENT', 100, 60)])
    const { auditLog } = await bench.query(
      '{ auditLog(first: 10, filter: { rootKey: "audited", actor: ["system"] }) { edges { node { subjectType reason after } } } }',
    )
    expect(auditLog.edges).toHaveLength(1)
    expect(auditLog.edges[0].node).toMatchObject({
      subjectType: 'Rollout',
      reason: expect.stringContaining('The check error_rate-threshold failed'),
      after: { status: 'ROLLED_BACK', shareBasisPoints: 0 },
    })
  })
})
