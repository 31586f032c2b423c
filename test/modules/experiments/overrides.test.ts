import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const EXPOSE = `mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted duplicates rejected { code } } }`
const TRACK = `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted duplicates rejected { code } } }`
const ASSIGN = `mutation ($input: AssignInput!) { assign(input: $input) { reason variant { key } } }`

let server: TestServer
let bench: Workbench
beforeAll(async () => {
  server = await startTestServer()
  bench = await Workbench.open(server)
})
afterAll(() => server?.stop())

const expose = async (experimentKey: string, variantKey: string, ...units: string[]) =>
  (
    await bench.query(EXPOSE, {
      input: { exposures: units.map((unitId) => ({ experimentKey, variantKey, unitId })) },
    })
  ).recordExposures
const track = async (name: string, ...units: string[]) =>
  (
    await bench.query(TRACK, {
      input: { events: units.map((unitId) => ({ idempotencyKey: `${name}:${unitId}`, unitId, name })) },
    })
  ).trackEvents

/** Analysed and contaminated units, converted units, and events of the series, all variants together. */
async function counted(key: string) {
  const { organizationId } = bench.seed.keys
  const { id } = (await server.platform.definitions.byKey(organizationId, key))!
  const [found] = await server.platform.aggregates.of(organizationId, [id])
  const sum = <Cell>(cells: Cell[], of: (cell: Cell) => number) => cells.reduce((total, cell) => total + of(cell), 0)
  return {
    units: sum(found!.exposures, (cell) => cell.units),
    contaminated: sum(found!.exposures, (cell) => cell.contaminated),
    converted: sum(found!.metrics, (cell) => cell.x),
    events: sum(found!.series, (cell) => cell.events),
  }
}

async function assertRebuildFindsNothing(key: string) {
  const { rebuildExperiment } = await bench.query(
    `mutation ($key: String!) { rebuildExperiment(input: { experimentKey: $key }) {
      ... on RebuildExperimentSuccess { checks { kind checked differing } } ... on Error { code }
    } }`,
    { key },
  )
  expect(rebuildExperiment.checks.filter((check: { differing: number }) => check.differing > 0)).toEqual([])
}

describe('setOverride', () => {
  test('forces a unit into a variant, another variant the next time, and lists it', async () => {
    await bench.experiment('forced', { start: true })
    const input = { experimentKey: 'forced', unitId: 'qa' }
    for (const variantKey of ['treatment', 'control']) {
      const { overrides } = await bench.done('setOverride', { ...input, variantKey })
      expect(overrides).toEqual([{ unitId: 'qa', variant: { key: variantKey } }])
      const { assign } = await bench.query(ASSIGN, { input })
      expect(assign).toEqual({ reason: 'OVERRIDE', variant: { key: variantKey } })
    }
    await bench.done('removeOverride', input)
    expect((await bench.read('forced')).overrides).toEqual([])
    expect((await bench.query(ASSIGN, { input })).assign.reason).not.toBe('OVERRIDE')
  })

  test('refuses an unknown variant, a unit id that is too long, and to remove what is not there', async () => {
    await bench.experiment('strict')
    const input = { experimentKey: 'strict', unitId: 'qa' }
    expect(await bench.refused('setOverride', { ...input, variantKey: 'nope' })).toBe('VARIANT_NOT_FOUND')
    for (const unitId of ['', 'é'.repeat(129)]) {
      expect(await bench.refused('setOverride', { ...input, unitId, variantKey: 'control' })).toBe('UNIT_ID_INVALID')
    }
    expect(await bench.refused('removeOverride', input)).toBe('OVERRIDE_NOT_FOUND')
  })
})

describe('an overridden unit is never analysed', () => {
  test('what it has contributed is taken out at once, and nothing comes in after', async () => {
    await bench.experiment('taken-out', { start: true })
    await expose('taken-out', 'control', 'a', 'b')
    await expose('taken-out', 'treatment', 'c')
    await track('taken-out-converted', 'a', 'b', 'c')
    expect(await counted('taken-out')).toEqual({ units: 3, contaminated: 0, converted: 3, events: 3 })
    await bench.done('setOverride', { experimentKey: 'taken-out', unitId: 'b', variantKey: 'treatment' })
    expect(await counted('taken-out')).toEqual({ units: 2, contaminated: 0, converted: 2, events: 2 })
    expect((await expose('taken-out', 'treatment', 'b')).rejected).toEqual([{ code: 'UNIT_OVERRIDDEN' }])
    await track('taken-out-converted', 'b')
    expect(await counted('taken-out')).toEqual({ units: 2, contaminated: 0, converted: 2, events: 2 })
    await assertRebuildFindsNothing('taken-out')
  })

  test('nor is one overridden in the draft, or before it was ever exposed', async () => {
    await bench.experiment('early')
    await bench.done('setOverride', { experimentKey: 'early', unitId: 'draft', variantKey: 'control' })
    await bench.done('startExperiment', { experimentKey: 'early' })
    await bench.done('setOverride', { experimentKey: 'early', unitId: 'later', variantKey: 'control' })
    await expose('early', 'control', 'draft', 'later', 'other')
    await track('early-converted', 'draft', 'later', 'other')
    expect(await counted('early')).toEqual({ units: 1, contaminated: 0, converted: 1, events: 1 })
  })

  test('nor when the override is gone: it has met a variant that nobody drew for it', async () => {
    await bench.experiment('after', { start: true })
    const input = { experimentKey: 'after', unitId: 'qa' }
    await bench.done('setOverride', { ...input, variantKey: 'treatment' })
    await bench.done('removeOverride', input)
    await bench.query(ASSIGN, { input: { ...input, recordExposure: true } })
    await expose('after', 'control', 'qa')
    await expose('after', 'treatment', 'qa')
    await track('after-converted', 'qa')
    expect(await counted('after')).toEqual({ units: 0, contaminated: 0, converted: 0, events: 0 })
    await assertRebuildFindsNothing('after')
  })

  test('nor counted as contaminated, whichever came first', async () => {
    await bench.experiment('both', { start: true })
    await expose('both', 'control', 'mixed')
    await expose('both', 'treatment', 'mixed')
    expect(await counted('both')).toMatchObject({ units: 0, contaminated: 1 })
    await bench.done('setOverride', { experimentKey: 'both', unitId: 'mixed', variantKey: 'treatment' })
    expect(await counted('both')).toMatchObject({ units: 0, contaminated: 0 })
    await assertRebuildFindsNothing('both')
  })

  test('when the override is refused, nothing is taken out', async () => {
    await bench.experiment('conflict', { start: true })
    await expose('conflict', 'control', 'a')
    const refusal = { experimentKey: 'conflict', unitId: 'a', variantKey: 'control', expectedVersion: 1 }
    expect(await bench.refused('setOverride', refusal)).toBe('VERSION_CONFLICT')
    expect(await counted('conflict')).toMatchObject({ units: 1 })
  })
})

describe('the end of an experiment', () => {
  test('takes back what clients with fast clocks have counted after it', async () => {
    await bench.experiment('fast', { start: true })
    const ahead = new Date(Date.now() + 300_000).toISOString()
    await expose('fast', 'control', 'a', 'b')
    const exposures = [{ experimentKey: 'fast', variantKey: 'control', unitId: 'future', occurredAt: ahead }]
    await bench.query(EXPOSE, { input: { exposures } })
    await track('fast-converted', 'a', 'future')
    const events = ['b', 'a', 'future'].map((unitId) => ({
      idempotencyKey: `ahead:${unitId}`,
      unitId,
      name: 'fast-converted',
      occurredAt: ahead,
    }))
    await bench.query(TRACK, { input: { events } })
    expect(await counted('fast')).toEqual({ units: 3, contaminated: 0, converted: 3, events: 4 })
    await bench.done('completeExperiment', { experimentKey: 'fast' })
    expect(await counted('fast')).toEqual({ units: 2, contaminated: 0, converted: 1, events: 1 })
    await assertRebuildFindsNothing('fast')
  })

  test('keeps counting late events of its span, and nothing after', async () => {
    await bench.experiment('late', { start: true })
    await expose('late', 'control', 'a', 'b')
    const during = new Date().toISOString()
    await bench.done('completeExperiment', { experimentKey: 'late' })
    await bench.done('updateExperiment', { experimentKey: 'late', name: 'Late' })
    const event = { name: 'late-converted' }
    await bench.query(TRACK, {
      input: {
        events: [
          { ...event, idempotencyKey: '1', unitId: 'a', occurredAt: during },
          { ...event, idempotencyKey: '2', unitId: 'b' },
        ],
      },
    })
    expect(await counted('late')).toMatchObject({ units: 2, converted: 1 })
    await assertRebuildFindsNothing('late')
  })
})
