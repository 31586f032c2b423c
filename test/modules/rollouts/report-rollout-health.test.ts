import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { errors, RolloutBench, type Sample, type SeenRollout, statuses } from '../../support/rollout-bench.ts'
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

  it('takes what is dated ahead for as new as its receipt, and no newer', async () => {
    await bench.seed.metric({ key: 'crashed', kind: 'PROPORTION', direction: 'DECREASE' })
    const plan = {
      maximumSampleAgeSeconds: 10,
      stages: [
        { shareBasisPoints: 5_000, minimumDurationSeconds: 40 },
        { shareBasisPoints: 10_000, minimumDurationSeconds: 1 },
      ],
      healthChecks: [
        { signal: 'ERROR_RATE', minimumSample: 10 },
        { signal: 'METRIC', metricKey: 'crashed', limit: 0.5, minimumSample: 1 },
      ],
    }
    await bench.started('ahead', plan)
    const receivedAt = clock.read().toISOString()
    const to = new Date(clock.read().getTime() + 9 * 60_000).toISOString()
    await bench.report('ahead', [{ ...errors('TREATMENT', 5_000, 1), to }])
    const exposures = Array.from({ length: 50 }, (_, n) => ({ rolloutKey: 'ahead', unitId: `u${n}`, occurredAt: to }))
    await server.graphql(
      bench.seed.keys.serverKey,
      'mutation ($input: RecordRolloutExposuresInput!) { recordRolloutExposures(input: $input) { accepted } }',
      { input: { exposures } },
    )
    const { health } = await bench.read('ahead')
    expect(health.arms).toMatchObject([{ requests: 5_000, newestAt: receivedAt }])
    expect(health.checks).toMatchObject([
      { status: 'PASSED', newestAt: receivedAt },
      { status: 'PASSED', newestAt: receivedAt },
    ])
    clock.advance(41)
    await server.platform.rollouts.engine.advanceDueRollouts(bench.seed.keys.organizationId, clock.read())
    const later = await bench.read('ahead')
    expect(later.shareBasisPoints).toBe(5_000)
    expect(statuses(later)).toEqual(['STALE', 'STALE'])
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
