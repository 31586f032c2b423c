import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { watchOrganization } from '../../../src/server/jobs/watch-organization.ts'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const ALERTS = `query ($filter: AlertFilter) { alerts(first: 50, filter: $filter) { totalCount edges { node {
  id kind message raisedAt clearedAt experiment { key } } } } }`
const AUTOMATION = `query ($key: String!) { experiment(key: $key) { automation {
  scheduledStartAt scheduledEndAt onVerdict minimumRunHours promotesWinner noDataHours pausesForGuardrails
} } }`
const LOG = `query ($key: String!) { auditLog(first: 100, filter: { rootType: "Experiment", rootKey: $key, actor: ["system"] }) {
  edges { node { actor reason after } } } }`

const HOUR_MS = 3_600_000

let server: TestServer
let now: Date
beforeAll(async () => {
  server = await startTestServer({ clock: () => now })
})
beforeEach(() => {
  now = new Date('2026-03-02T09:00:00Z')
})
afterAll(() => server?.stop())

function later(hours: number): void {
  now = new Date(now.getTime() + hours * HOUR_MS)
}

async function open() {
  const bench = await Workbench.open(server)
  const watch = () => watchOrganization(server.platform, bench.seed.keys.organizationId)
  const alerts = async (filter: object = {}) => {
    const { alerts: page } = await bench.query(ALERTS, { filter })
    // biome-ignore lint/suspicious/noExplicitAny: tests look at any part of it.
    return page.edges.map(({ node }: any) => node).reverse() as any[]
  }
  const systemEntries = async (key: string) => {
    const { auditLog } = await bench.query(LOG, { key })
    // biome-ignore lint/suspicious/noExplicitAny: tests look at any part of it.
    return auditLog.edges.map(({ node }: any) => node) as any[]
  }
  const automate = (experimentKey: string, input: object) =>
    bench.done('setExperimentAutomation', { experimentKey, ...input })
  return { bench, watch, alerts, automate, systemEntries }
}

const BOUGHT = [{ key: 'bought', kind: 'PROPORTION' as const }]
const FAILED = {
  key: 'failed',
  kind: 'PROPORTION' as const,
  role: 'GUARDRAIL' as const,
  direction: 'DECREASE',
  nonInferiorityMargin: { value: 0.02, scale: 'ABSOLUTE' as const },
}
const BETTER = [
  { variantKey: 'control', units: 2_000, events: { bought: { units: 200 } } },
  { variantKey: 'treatment', units: 2_000, events: { bought: { units: 400 } } },
]

describe('an experiment that does things by itself', () => {
  test('starts and ends at its times, with the winner; the log says that the system did it, and why', async () => {
    const { bench, watch, automate, systemEntries } = await open()
    await bench.experiment('timed', { metrics: BOUGHT })
    await automate('timed', {
      scheduledStartAt: new Date(now.getTime() + HOUR_MS).toISOString(),
      scheduledEndAt: new Date(now.getTime() + 10 * HOUR_MS).toISOString(),
    })
    await watch()
    expect((await bench.read('timed')).status).toBe('DRAFT')
    later(1)
    await watch()
    expect(await bench.read('timed')).toMatchObject({ status: 'RUNNING', startedAt: now.toISOString() })
    await bench.seed.arms('timed', BETTER)
    later(8)
    await watch()
    expect((await bench.read('timed')).status).toBe('RUNNING')
    later(1)
    await watch()
    expect(await bench.read('timed')).toMatchObject({
      status: 'COMPLETED',
      winner: { key: 'treatment' },
      updatedBy: 'system',
      endedAt: now.toISOString(),
    })
    const reasons = (await systemEntries('timed'))
      .filter(({ after }) => after?.status)
      .map(({ reason }) => reason as string)
    expect(reasons[0]).toMatch(/^Its end was scheduled for .* The results advise SHIP: /)
    expect(reasons[1]).toMatch(/^Its start was scheduled for /)
    const { experiment } = await bench.query(
      '{ experiment(key: "timed") { decisions(first: 1) { edges { node { kind action actor decidedAt recommendation reasons { code } } } } } }',
    )
    expect(experiment.decisions.edges[0].node).toEqual({
      kind: 'TAKEN',
      action: 'COMPLETED',
      actor: 'system',
      decidedAt: now.toISOString(),
      recommendation: 'SHIP',
      reasons: [{ code: 'SCHEDULED_END' }, { code: 'BETTER_THAN_CONTROL' }],
    })
  })

  test('is completed at a verdict after the minimum run time, and its winner is promoted once', async () => {
    const { bench, watch, automate } = await open()
    await bench.experiment('verdict', { metrics: BOUGHT, start: true })
    await automate('verdict', { onVerdict: 'COMPLETE', minimumRunHours: 24, promotesWinner: true })
    await bench.seed.arms('verdict', BETTER)
    later(23)
    await watch()
    expect((await bench.read('verdict')).status).toBe('RUNNING')
    later(1)
    await Promise.all([watch(), watch(), watch()])
    expect(await bench.read('verdict')).toMatchObject({ status: 'COMPLETED', winner: { key: 'treatment' } })
    await watch()
    await watch()
    const { rollouts } = await bench.query('{ rollouts { edges { node { key status promotedFrom { key } } } } }')
    expect(rollouts.edges).toEqual([{ node: { key: 'verdict', status: 'DRAFT', promotedFrom: { key: 'verdict' } } }])
  })

  test('is paused for a guardrail beyond its margin, and not again once somebody goes on', async () => {
    const { bench, watch, alerts } = await open()
    await bench.experiment('guarded', {
      metrics: [...BOUGHT, FAILED],
      start: true,
    })
    await bench.seed.arms('guarded', [
      { variantKey: 'control', units: 2_000, events: { bought: { units: 200 }, failed: { units: 100 } } },
      { variantKey: 'treatment', units: 2_000, events: { bought: { units: 205 }, failed: { units: 140 } } },
    ])
    await watch()
    expect((await bench.read('guarded')).status).toBe('RUNNING')
    await bench.seed.arms('guarded', [
      { variantKey: 'treatment', from: 2_000, units: 2_000, events: { failed: { units: 800 } } },
      { variantKey: 'control', from: 2_000, units: 2_000, events: { failed: { units: 100 } } },
    ])
    await watch()
    expect((await bench.read('guarded')).status).toBe('PAUSED')
    const raised = await alerts({ isOpen: true, experimentKey: 'guarded' })
    expect(raised).toMatchObject([
      { kind: 'GUARDRAIL_WORSE', experiment: { key: 'guarded' }, message: expect.stringContaining('treatment') },
    ])
    const { experiment } = await bench.query(
      '{ experiment(key: "guarded") { decisions(first: 1) { edges { node { action actor recommendation reasons { code message } } } } } }',
    )
    expect(experiment.decisions.edges[0].node).toMatchObject({
      action: 'PAUSED',
      actor: 'system',
      recommendation: 'KEEP_RUNNING',
      reasons: [{ code: 'GUARDRAIL_WORSE', message: raised[0].message }],
    })
    await bench.done('resumeExperiment', { experimentKey: 'guarded' })
    await watch()
    expect((await bench.read('guarded')).status).toBe('RUNNING')
  })

  test('is not paused for a guardrail when it is told not to, but somebody is told', async () => {
    const { bench, watch, automate, alerts } = await open()
    await bench.experiment('daring', { metrics: [...BOUGHT, FAILED], start: true })
    await automate('daring', { pausesForGuardrails: false })
    await bench.seed.arms('daring', [
      { variantKey: 'control', units: 2_000, events: { failed: { units: 100 } } },
      { variantKey: 'treatment', units: 2_000, events: { failed: { units: 800 } } },
    ])
    await watch()
    expect((await bench.read('daring')).status).toBe('RUNNING')
    expect(await alerts({ kind: ['GUARDRAIL_WORSE'] })).toHaveLength(1)
    await automate('daring', { pausesForGuardrails: true })
    await watch()
    expect((await bench.read('daring')).status).toBe('PAUSED')
  })

  test('raises an alert when it cannot start, and clears it when it can', async () => {
    const { bench, watch, automate, alerts } = await open()
    await bench.experiment('unready', { metrics: [] })
    await automate('unready', { scheduledStartAt: now.toISOString() })
    await watch()
    await watch()
    const failed = await alerts({ kind: ['AUTOMATION_FAILED'] })
    expect(failed).toMatchObject([
      { clearedAt: null, message: expect.stringContaining('no metric with the role PRIMARY') },
    ])
    await bench.seed.metric(BOUGHT[0]!)
    await bench.done('addExperimentMetric', { experimentKey: 'unready', metricKey: 'bought', role: 'PRIMARY' })
    await watch()
    expect((await bench.read('unready')).status).toBe('RUNNING')
    expect(await alerts()).toMatchObject([{ kind: 'AUTOMATION_FAILED', clearedAt: now.toISOString() }])
  })
})

test('an alert of a start that failed is cleared when nobody wants the start any more', async () => {
  const { bench, watch, alerts, automate } = await open()
  await bench.seed.metric(BOUGHT[0]!)
  const isWatched = async () => {
    const { rows } = await server.platform.pool.query('select organization_id from door_live_organizations($1)', [now])
    return rows.some(({ organization_id }) => organization_id === bench.seed.keys.organizationId)
  }
  const keys = ['unscheduled', 'postponed', 'cancelled', 'deleted', 'failing']
  for (const key of keys) {
    await bench.experiment(key, { metrics: [] })
    await automate(key, { scheduledStartAt: now.toISOString() })
  }
  await watch()
  expect(await alerts({ isOpen: true })).toHaveLength(keys.length)
  await automate('unscheduled', { scheduledStartAt: null })
  await automate('postponed', { scheduledStartAt: new Date(now.getTime() + HOUR_MS).toISOString() })
  await bench.done('cancelExperiment', { experimentKey: 'cancelled' })
  await bench.done('deleteExperiment', { experimentKey: 'deleted' })
  await watch()
  expect(await alerts({ isOpen: true })).toMatchObject([{ experiment: { key: 'failing' } }])
  await automate('failing', { scheduledStartAt: null })
  // What is left to do is to clear the alert, and the organization is looked at for it.
  later(25)
  await automate('postponed', { scheduledStartAt: null })
  expect(await isWatched()).toBe(true)
  await watch()
  expect(await alerts({ isOpen: true })).toEqual([])
  expect(await isWatched()).toBe(false)
})

describe('setExperimentAutomation', () => {
  test('keeps what is left out, takes back what is null', async () => {
    const { bench, automate } = await open()
    await bench.experiment('kept', { metrics: BOUGHT })
    const read = async () => (await bench.query(AUTOMATION, { key: 'kept' })).experiment.automation
    const defaults = {
      scheduledStartAt: null,
      scheduledEndAt: null,
      onVerdict: 'NOTHING',
      minimumRunHours: 168,
      promotesWinner: false,
      noDataHours: 24,
      pausesForGuardrails: true,
    }
    expect(await read()).toEqual(defaults)
    await automate('kept', { onVerdict: 'PAUSE', pausesForGuardrails: false })
    await automate('kept', { minimumRunHours: 1, noDataHours: null })
    expect(await read()).toEqual({
      ...defaults,
      onVerdict: 'PAUSE',
      minimumRunHours: 1,
      noDataHours: null,
      pausesForGuardrails: false,
    })
    await automate('kept', { onVerdict: null, minimumRunHours: null, noDataHours: 24, pausesForGuardrails: null })
    expect(await read()).toEqual(defaults)
  })

  test('refuses what makes no sense', async () => {
    const { bench, automate } = await open()
    await bench.experiment('odd', { metrics: BOUGHT })
    const refused = (input: object) => bench.refused('setExperimentAutomation', { experimentKey: 'odd', ...input })
    const at = (hours: number) => new Date(now.getTime() + hours * HOUR_MS).toISOString()
    expect(await refused({ scheduledEndAt: at(-1) })).toBe('BAD_USER_INPUT')
    expect(await refused({ scheduledStartAt: at(2), scheduledEndAt: at(1) })).toBe('BAD_USER_INPUT')
    expect(await refused({ minimumRunHours: -1 })).toBe('BAD_USER_INPUT')
    expect(await refused({ noDataHours: 0 })).toBe('BAD_USER_INPUT')
    expect(await refused({ expectedVersion: 7 })).toBe('VERSION_CONFLICT')
    await bench.done('startExperiment', { experimentKey: 'odd' })
    expect(await refused({ scheduledStartAt: at(2) })).toBe('ONLY_IN_DRAFT')
    await automate('odd', { onVerdict: 'COMPLETE' })
    await bench.done('cancelExperiment', { experimentKey: 'odd' })
    expect(await refused({ onVerdict: 'PAUSE' })).toBe('EXPERIMENT_ENDED')
  })

  test("does not reach another organization's experiment, and needs the right to start and complete", async () => {
    const { bench } = await open()
    await bench.experiment('mine')
    const other = await Seed.organization(server)
    const answer = await bench.mutate('setExperimentAutomation', { experimentKey: 'mine' }, other.keys.adminKey)
    expect(answer.code).toBe('EXPERIMENT_NOT_FOUND')
    const { errors } = await server.send(
      bench.seed.keys.serverKey,
      'mutation { setExperimentAutomation(input: { experimentKey: "mine" }) { __typename } }',
    )
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })
})
