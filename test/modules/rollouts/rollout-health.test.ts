import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RolloutBench, type Sample, type SeenRollout } from '../../support/rollout-bench.ts'
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
const errors = (arm: Sample['arm'], requests: number, failed: number): Sample => ({ arm, requests, errors: failed })
const statuses = ({ health }: SeenRollout) => health.checks.map(({ status }: { status: string }) => status)
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
      engineVersion: 1,
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
      'query ($id: ID!) { verifyDecision(id: $id) { isSame differenceCount decision { id ... on RolloutTransition { action } } } }',
      { id },
    )
    expect(verifyDecision).toEqual({ isSame: true, differenceCount: 0, decision: { id, action: 'ROLLED_BACK' } })
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

describe('reportRolloutHealth', () => {
  it('counts each idempotency key of a rollout once, in a batch and over batches', async () => {
    await bench.started('once')
    await bench.started('twice')
    const sample = { ...errors('TREATMENT', 10, 1), idempotencyKey: 'same' }
    expect(await bench.report('once', [sample, sample])).toEqual({ accepted: 1, duplicates: 1, rejected: [] })
    expect(await bench.report('once', [sample])).toEqual({ accepted: 0, duplicates: 1, rejected: [] })
    expect(await bench.report('twice', [sample])).toEqual({ accepted: 1, duplicates: 0, rejected: [] })
    expect((await bench.read('once')).health.arms).toMatchObject([{ arm: 'TREATMENT', requests: 10, errorRate: 0.1 }])
  })

  it('loses and doubles nothing when reporters and retries overlap', async () => {
    await bench.started('crowded')
    const batches = Array.from({ length: 40 }, (_, batch) =>
      Array.from({ length: 25 }, (_, index) => ({
        ...errors(index % 2 ? 'TREATMENT' : 'CONTROL', 10, 1),
        idempotencyKey: `crowd-${(batch % 20) * 25 + index}`,
        latency: { count: 10, sum: 100.5, sumOfSquares: 1_200.25 },
      })),
    )
    const receipts = await Promise.all(batches.map((batch) => bench.report('crowded', batch)))
    expect(receipts.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(500)
    expect(receipts.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(500)
    const { arms } = (await bench.read('crowded')).health
    expect(arms.map((arm: SeenRollout) => [arm.arm, arm.requests, arm.meanLatencyMs]).sort()).toEqual([
      ['CONTROL', 2_600, 10.05],
      ['TREATMENT', 2_400, 10.05],
    ])
  })

  it('takes latency as moments or as a histogram, and shows percentiles without testing them', async () => {
    await bench.started('slow', {
      healthChecks: [
        { signal: 'LATENCY', key: 'mean', minimumSample: 10 },
        { signal: 'LATENCY', key: 'p90', quantile: 0.9, limit: 250, minimumSample: 10 },
        { signal: 'QUALITY', minimumSample: 10 },
      ],
    })
    await bench.report('slow', [
      { arm: 'TREATMENT', latencyPercentiles: { p95: 900 } },
      { arm: 'TREATMENT', latencyHistogram: { bounds: [100, 250, 500], counts: [40, 100, 15, 0] } },
    ])
    const { health } = await bench.read('slow')
    expect(health.arms).toMatchObject([
      { p95LatencyMs: 900, meanLatencyMs: (100 * 100 + 15 * 250) / 155, meanQuality: null },
    ])
    expect(health.checks).toMatchObject([
      { check: { key: 'mean' }, status: 'PASSED', treatmentSample: 155 },
      { check: { key: 'p90' }, status: 'PASSED', treatmentSample: 155, treatmentEstimate: 15 / 155 },
      { status: 'NO_DATA' },
    ])
    await bench.report('slow', [{ arm: 'TREATMENT', latencyHistogram: { bounds: [300], counts: [0, 100] } }])
    expect(await bench.read('slow')).toMatchObject({ status: 'ROLLED_BACK' })
  })

  it('takes quality scores', async () => {
    await bench.started('dull', { healthChecks: [{ signal: 'QUALITY' }] })
    await bench.report('dull', [{ arm: 'TREATMENT', quality: { count: 2_000, sum: 1_600, sumOfSquares: 1_600 } }])
    expect(statuses(await bench.read('dull'))).toEqual(['PASSED'])
    await bench.report('dull', [{ arm: 'TREATMENT', quality: { count: 4_000, sum: 2_000, sumOfSquares: 2_000 } }])
    expect((await bench.read('dull')).status).toBe('ROLLED_BACK')
  })

  it('puts a sample where it was taken: late ones in their own stage, none across a change of the share', async () => {
    await bench.started('timed')
    const before = clock.read()
    clock.advance(10)
    await bench.done('skipRolloutStage', { rolloutKey: 'timed' })
    clock.advance(10)
    const at = (seconds: number) => new Date(before.getTime() + seconds * 1_000).toISOString()
    const receipt = await bench.report('timed', [
      { ...errors('TREATMENT', 1, 0), from: at(1), to: at(9) },
      { ...errors('TREATMENT', 2, 0), from: at(11), to: at(15) },
      { ...errors('TREATMENT', 4, 0), from: at(9), to: at(11) },
      { ...errors('TREATMENT', 8, 0), from: at(-5), to: at(5) },
      { ...errors('TREATMENT', 16, 0) },
    ])
    expect(receipt).toMatchObject({
      accepted: 3,
      rejected: [
        { index: 2, code: 'SAMPLE_OUTSIDE_STAGES' },
        { index: 3, code: 'SAMPLE_OUTSIDE_STAGES' },
      ],
    })
    expect((await bench.read('timed')).health.arms).toMatchObject([{ requests: 18 }])
    // A reporter whose clock is an hour behind says when it sent the batch.
    const behind = (seconds: number) => new Date(before.getTime() + (seconds - HOUR) * 1_000)
    const corrected = await bench.report(
      'timed',
      [{ ...errors('TREATMENT', 32, 0), from: behind(12).toISOString(), to: behind(14).toISOString() }],
      behind(20),
    )
    expect(corrected.accepted).toBe(1)
    expect((await bench.read('timed')).health.arms).toMatchObject([{ requests: 50 }])
  })

  it('says what is wrong with each item, and keeps the others', async () => {
    await bench.create('draft')
    await bench.started('open')
    const moments = (count: number, sum: number, sumOfSquares: number) => ({ count, sum, sumOfSquares })
    const wrong: Array<[Sample & { rolloutKey?: string }, string]> = [
      [{ ...errors('TREATMENT', 1, 0), rolloutKey: 'none' }, 'ROLLOUT_NOT_FOUND'],
      [{ ...errors('TREATMENT', 1, 0), rolloutKey: 'draft' }, 'SAMPLE_OUTSIDE_STAGES'],
      [errors('TREATMENT', 1, 2), 'SAMPLE_INVALID'],
      [errors('TREATMENT', -1, 0), 'SAMPLE_INVALID'],
      [errors('TREATMENT', 1.5, 0), 'SAMPLE_INVALID'],
      [{ ...errors('TREATMENT', 1, 0), idempotencyKey: '' }, 'IDEMPOTENCY_KEY_INVALID'],
      [{ arm: 'TREATMENT', latency: moments(10, 1_000, 5) }, 'SAMPLE_INVALID'],
      [{ arm: 'TREATMENT', latency: moments(10, -1, 5) }, 'SAMPLE_INVALID'],
      [{ arm: 'TREATMENT', quality: moments(10, 11, 11) }, 'SAMPLE_INVALID'],
      [{ arm: 'TREATMENT', latencyHistogram: { bounds: [10, 5], counts: [1, 1, 1] } }, 'SAMPLE_INVALID'],
      [{ arm: 'TREATMENT', latencyHistogram: { bounds: [10], counts: [1] } }, 'SAMPLE_INVALID'],
      [{ arm: 'TREATMENT', latencyHistogram: { bounds: [10], counts: [1, -1] } }, 'SAMPLE_INVALID'],
      [
        { arm: 'TREATMENT', latency: moments(1, 1, 1), latencyHistogram: { bounds: [1], counts: [1, 0] } },
        'SAMPLE_INVALID',
      ],
      [{ arm: 'TREATMENT', latencyPercentiles: { p50: -1 } }, 'SAMPLE_INVALID'],
      [{ ...errors('TREATMENT', 1, 0), to: '2090-01-01T00:00:00Z' }, 'TIME_IN_FUTURE'],
      [{ ...errors('TREATMENT', 1, 0), from: '2001-01-01T00:00:00Z' }, 'TIME_PAST_RETENTION'],
    ]
    const { accepted, rejected } = await bench.report('open', [
      ...wrong.map(([sample]) => sample),
      errors('TREATMENT', 5, 0),
    ])
    expect(accepted).toBe(1)
    expect(rejected.map(({ code }: { code: string }) => code)).toEqual(wrong.map(([, code]) => code))
    expect((await bench.read('open')).health.arms).toMatchObject([{ requests: 5 }])
  })

  it('is not for client keys, and takes no more after the end', async () => {
    await bench.started('ended')
    const sample = { ...errors('TREATMENT', 1, 0), rolloutKey: 'ended', idempotencyKey: 'x' }
    const { errors: refused } = await server.send(
      bench.seed.keys.clientKey,
      'mutation ($input: ReportRolloutHealthInput!) { reportRolloutHealth(input: $input) { accepted } }',
      { input: { samples: [sample] } },
    )
    expect(refused).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    await bench.report('ended', [sample])
    clock.advance(1)
    await bench.done('completeRollout', { rolloutKey: 'ended' })
    expect(await bench.report('ended', [sample])).toMatchObject({ rejected: [{ code: 'SAMPLE_OUTSIDE_STAGES' }] })
    expect((await bench.read('ended')).health.arms).toMatchObject([{ requests: 1 }])
  })
})
