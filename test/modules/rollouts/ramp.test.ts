import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { RolloutBench, type SeenRollout } from '../../support/rollout-bench.ts'
import { Subscriber } from '../../support/subscriber.ts'
import { TestClock } from '../../support/test-clock.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const HOUR = 3_600

const clock = new TestClock()
let server: TestServer
let other: TestServer
let bench: RolloutBench
beforeAll(async () => {
  server = await startTestServer({ clock: clock.read })
  other = await startTestServer({ clock: clock.read, database: server.database })
  bench = await RolloutBench.open(server)
})
afterAll(async () => {
  await other?.stop()
  await server?.stop()
})

const advance = (to: TestServer = server) =>
  to.platform.rollouts.engine.advanceDueRollouts(bench.seed.keys.organizationId, clock.read())
const actions = ({ transitions }: SeenRollout) => transitions.map(({ action }: { action: string }) => action)

describe('a rollout by hand', () => {
  it('keeps a record of every step: who, why, from where to where', async () => {
    await bench.started('by-hand')
    await bench.done('setRolloutShare', { rolloutKey: 'by-hand', shareBasisPoints: 1_000, cause: 'A careful look.' })
    await bench.done('pauseRollout', { rolloutKey: 'by-hand' })
    await bench.done('resumeRollout', { rolloutKey: 'by-hand' })
    const skipped = await bench.done('skipRolloutStage', { rolloutKey: 'by-hand' })
    expect(skipped.stages.map(({ isCurrent }: { isCurrent: boolean }) => isCurrent)).toEqual([false, true, false])
    const done = await bench.done('completeRollout', { rolloutKey: 'by-hand' })
    expect(done).toMatchObject({ status: 'COMPLETED', shareBasisPoints: 10_000, endedAt: clock.read().toISOString() })
    expect(
      done.transitions.map((each: SeenRollout) => [each.number, each.action, each.shareBefore, each.shareAfter]),
    ).toEqual([
      [1, 'STARTED', 0, 500],
      [2, 'SHARE_SET', 500, 1_000],
      [3, 'PAUSED', 1_000, 1_000],
      [4, 'RESUMED', 1_000, 1_000],
      [5, 'STAGE_SKIPPED', 1_000, 2_500],
      [6, 'COMPLETED', 2_500, 10_000],
    ])
    expect(done.transitions[1]).toMatchObject({ cause: 'A careful look.', evidence: null, isReproduced: null })
    expect(done.transitions[1].actor).toMatch(/^key:\d+$/)
    expect((await bench.mutate('rollBackRollout', { rolloutKey: 'by-hand' })).code).toBe('INVALID_TRANSITION')
  })

  it('refuses a step from another state, and one by a stale look', async () => {
    const draft = await bench.create('refusing')
    expect((await bench.mutate('pauseRollout', { rolloutKey: 'refusing' })).code).toBe('INVALID_TRANSITION')
    expect((await bench.mutate('startRollout', { rolloutKey: 'nowhere' })).code).toBe('ROLLOUT_NOT_FOUND')
    await bench.done('startRollout', { rolloutKey: 'refusing', expectedVersion: draft.version })
    expect(
      await bench.mutate('pauseRollout', { rolloutKey: 'refusing', expectedVersion: draft.version }),
    ).toMatchObject({ code: 'VERSION_CONFLICT', currentVersion: draft.version + 1 })
  })

  it('takes one of two steps of the same moment', async () => {
    const { version } = await bench.started('raced')
    const answers = await Promise.all(
      ['pauseRollout', 'rollBackRollout', 'completeRollout'].map((step) =>
        bench.mutate(step, { rolloutKey: 'raced', expectedVersion: version }),
      ),
    )
    expect(answers.filter(({ rollout }) => rollout)).toHaveLength(1)
    expect(answers.filter(({ code }) => code === 'VERSION_CONFLICT')).toHaveLength(2)
    expect((await bench.read('raced')).transitions).toHaveLength(2)
  })
})

describe('a rollout by itself', () => {
  it('starts at its time and ramps by the clock', async () => {
    await bench.create('scheduled', { startsAt: new Date(clock.read().getTime() + HOUR * 1_000).toISOString() })
    const { engine } = server.platform.rollouts
    const own = await RolloutBench.open(server)
    await own.create('not-due', { startsAt: new Date(clock.read().getTime() + 9e9).toISOString() })
    expect(await engine.dueOrganizations(clock.read())).not.toContain(own.seed.keys.organizationId)
    await advance()
    expect((await bench.read('scheduled')).status).toBe('DRAFT')
    clock.advance(HOUR)
    expect(await engine.dueOrganizations(clock.read())).toContain(bench.seed.keys.organizationId)
    await advance()
    expect(await bench.read('scheduled')).toMatchObject({ status: 'RUNNING', shareBasisPoints: 500 })
    clock.advance(HOUR - 1)
    await advance()
    expect((await bench.read('scheduled')).shareBasisPoints).toBe(500)
    clock.advance(1)
    await advance()
    expect((await bench.read('scheduled')).shareBasisPoints).toBe(2_500)
    // Long after: the overdue stages come one at a time, the next only after its own full duration.
    clock.advance(100 * HOUR)
    await advance()
    await advance()
    expect(await bench.read('scheduled')).toMatchObject({ status: 'COMPLETED', shareBasisPoints: 10_000 })
  })

  it('enters each overdue stage for its full minimum duration', async () => {
    await bench.started('late', {
      stages: [500, 2_500, 5_000, 10_000].map((shareBasisPoints) => ({
        shareBasisPoints,
        minimumDurationSeconds: HOUR,
      })),
    })
    clock.advance(50 * HOUR)
    for (const share of [2_500, 5_000]) {
      await advance()
      await advance()
      const late = await bench.read('late')
      expect(late.shareBasisPoints).toBe(share)
      expect(late.stageDueAt).toBe(new Date(clock.read().getTime() + HOUR * 1_000).toISOString())
      clock.advance(HOUR)
    }
  })

  it('is advanced once, however many processes look at it at once', async () => {
    for (let index = 0; index < 5; index++) await bench.started(`shared-${index}`)
    clock.advance(HOUR)
    await Promise.all(Array.from({ length: 8 }, (_, index) => advance(index % 2 ? other : server)))
    for (let index = 0; index < 5; index++) {
      const shared = await bench.read(`shared-${index}`)
      expect(actions(shared)).toEqual(['STARTED', 'STAGE_ENTERED'])
      expect(shared.transitions[1]).toMatchObject({ actor: 'system', shareAfter: 2_500, isReproduced: true })
    }
  })
})

describe('rolloutDecision', () => {
  const DECIDE = `query ($key: String!, $unitId: String!, $attributes: JSONObject) {
    rolloutDecision(key: $key, unitId: $unitId, attributes: $attributes) { rolloutKey versionLabel isOnNewVersion reason config }
  }`
  const decide = async (key: string, unitId: string, attributes?: object, from: TestServer = server) =>
    (await from.graphql(bench.seed.keys.serverKey, DECIDE, { key, unitId, attributes })).rolloutDecision
  const onNew = async (key: string) => {
    const units = Array.from({ length: 400 }, (_, index) => `u${index}`)
    const decisions = await Promise.all(units.map((unitId) => decide(key, unitId)))
    return units.filter((_, index) => decisions[index].isOnNewVersion)
  }

  it('keeps the first units while it ramps, and takes everybody off at once at a rollback', async () => {
    await bench.create('deciding')
    expect(await decide('deciding', 'u1')).toEqual({
      rolloutKey: 'deciding',
      versionLabel: 'deciding-v2',
      isOnNewVersion: false,
      reason: 'NOT_STARTED',
      config: { color: 'old' },
    })
    await bench.done('startRollout', { rolloutKey: 'deciding' })
    const first = await onNew('deciding')
    expect(first.length).toBeGreaterThan(0)
    await bench.done('skipRolloutStage', { rolloutKey: 'deciding' })
    const second = await onNew('deciding')
    expect(second).toEqual(expect.arrayContaining(first))
    expect(second.length).toBeGreaterThan(first.length)
    expect(await decide('deciding', first[0]!)).toMatchObject({ reason: 'IN_SHARE', config: { color: 'new' } })
    await bench.done('rollBackRollout', { rolloutKey: 'deciding' })
    expect(await onNew('deciding')).toEqual([])
    expect(await decide('deciding', first[0]!)).toMatchObject({ reason: 'ROLLED_BACK', config: { color: 'old' } })
  })

  it('is seen by another process within a second', async () => {
    await bench.started('elsewhere', { stages: [{ shareBasisPoints: 10_000, minimumDurationSeconds: HOUR }] })
    await expect
      .poll(() => decide('elsewhere', 'u', {}, other), { timeout: 1_000 })
      .toMatchObject({ isOnNewVersion: true })
    await bench.done('rollBackRollout', { rolloutKey: 'elsewhere' })
    await expect
      .poll(() => decide('elsewhere', 'u', {}, other), { timeout: 1_000 })
      .toMatchObject({ isOnNewVersion: false })
  })

  it('looks at targeting', async () => {
    await bench.started('targeted', {
      targeting: { country: 'DE' },
      stages: [{ shareBasisPoints: 10_000, minimumDurationSeconds: HOUR }],
    })
    expect(await decide('targeted', 'u', { country: 'DE' })).toMatchObject({ isOnNewVersion: true })
    const asClient = await server.graphql(bench.seed.keys.clientKey, DECIDE, { key: 'targeted', unitId: 'u' })
    expect(asClient.rolloutDecision.reason).toBe('TARGETING')
    expect(await decide('targeted', 'u', { country: 'FR' })).toMatchObject({
      isOnNewVersion: false,
      reason: 'TARGETING',
    })
  })

  it('is given by version label, and for all rollouts of a unit type', async () => {
    const own = await RolloutBench.open(server)
    await own.create('draft-only')
    await own.started('users', { versionLabel: 'release-7' })
    await own.started('devices', { unitType: 'device' })
    const { rolloutDecisionByVersion: byVersion } = await own.query(
      '{ rolloutDecisionByVersion(versionLabel: "release-7", unitId: "u") { rolloutKey reason } }',
    )
    expect(byVersion.rolloutKey).toBe('users')
    const all = async (args: string) =>
      (await own.query(`{ rolloutDecisions(${args}) { rolloutKey } }`)).rolloutDecisions
    expect(await all('unitId: "u"')).toEqual([{ rolloutKey: 'users' }])
    expect(await all('unitId: "d", unitType: "device"')).toEqual([{ rolloutKey: 'devices' }])
    for (const [query, code] of [
      ['{ rolloutDecision(key: "no", unitId: "u") { reason } }', 'ROLLOUT_NOT_FOUND'],
      ['{ rolloutDecisionByVersion(versionLabel: "draft-only-v2", unitId: "u") { reason } }', 'VERSION_NOT_FOUND'],
      ['{ rolloutDecision(key: "users", unitId: "") { reason } }', 'UNIT_ID_INVALID'],
    ] as const) {
      expect((await server.send(own.seed.keys.serverKey, query)).errors).toMatchObject([{ extensions: { code } }])
    }
  })
})

describe('rolloutUpdates', () => {
  it('gives the present state first, then steps and health, on every server of the database', async () => {
    await bench.started('watched', { healthChecks: [{ signal: 'ERROR_RATE' }] })
    const client = createClient({
      url: other.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${bench.seed.keys.serverKey}` },
    })
    const query = `subscription { rolloutUpdates(rolloutKey: "watched") { status shareBasisPoints health { arms { requests } } } }`
    const subscriber = new Subscriber((sink) => client.subscribe({ query }, sink))
    expect((await subscriber.first()).data.rolloutUpdates).toMatchObject({ status: 'RUNNING', shareBasisPoints: 500 })
    await bench.report('watched', [{ arm: 'TREATMENT', requests: 7, errors: 0 }])
    await subscriber.until(({ data }) => data.rolloutUpdates.health.arms[0]?.requests === 7)
    await bench.done('skipRolloutStage', { rolloutKey: 'watched' })
    await subscriber.until(({ data }) => data.rolloutUpdates.shareBasisPoints === 2_500)
    await bench.done('rollBackRollout', { rolloutKey: 'watched' })
    await subscriber.until(({ data }) => data.rolloutUpdates.status === 'ROLLED_BACK')
    await bench.done('deleteRollout', { rolloutKey: 'watched' })
    expect(await subscriber.ended).toMatchObject([{ extensions: { code: 'ROLLOUT_DELETED' } }])
    await client.dispose()
  })

  it('tells of exposures and events too, where a check reads a metric', async () => {
    await bench.seed.metric({ key: 'tripped', kind: 'PROPORTION', direction: 'DECREASE' })
    const everybody = [{ shareBasisPoints: 10_000, minimumDurationSeconds: HOUR }]
    const healthChecks = [{ signal: 'METRIC', metricKey: 'tripped', limit: 0.5 }]
    await bench.started('metered', { stages: everybody, healthChecks })
    const query = `subscription { rolloutUpdates(rolloutKey: "metered") { health { checks { treatmentSample treatmentEstimate } } } }`
    for (const [turn, to] of [server, other].entries()) {
      const client = createClient({
        url: to.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${bench.seed.keys.serverKey}` },
      })
      const subscriber = new Subscriber((sink) => client.subscribe({ query }, sink))
      await subscriber.first()
      const seen = (treatmentSample: number, treatmentEstimate: number) =>
        subscriber.until(({ data: { rolloutUpdates } }) => {
          const [check] = rolloutUpdates.health.checks
          return check.treatmentSample === treatmentSample && check.treatmentEstimate === treatmentEstimate
        })
      const unitId = `unit-${turn}`
      await bench.query(
        `mutation ($input: RecordRolloutExposuresInput!) { recordRolloutExposures(input: $input) { accepted } }`,
        { input: { exposures: [{ rolloutKey: 'metered', unitId }] } },
      )
      await seen(turn + 1, turn / (turn + 1))
      await bench.seed.events([{ idempotencyKey: unitId, unitId, name: 'tripped' }])
      await seen(turn + 1, 1)
      await client.dispose()
    }
  })
})
