import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const EXPOSE =
  'mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted duplicates rejected { index code message } } }'
const TRACK =
  'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted duplicates rejected { index code message } } }'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

async function aggregates(seed: Seed, key: string) {
  const definition = await server.platform.definitions.byKey(seed.keys.organizationId, key)
  const [found] = await server.platform.aggregates.of(seed.keys.organizationId, [definition!.id])
  return found!
}

describe('ingestion', () => {
  it('credits an event to the exposure before it, and to one that comes later but happened earlier', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'a',
      metrics: [
        { key: 'bought', kind: 'PROPORTION' },
        { key: 'spent', kind: 'MEAN' },
      ],
    })
    const { serverKey } = seed.keys
    const expose = (exposures: object[]) => server.graphql(serverKey, EXPOSE, { input: { exposures } })
    const track = (events: object[]) => server.graphql(serverKey, TRACK, { input: { events } })
    expect((await expose([{ experimentKey: 'a', variantKey: 'control', unitId: 'u1' }])).recordExposures).toMatchObject(
      { accepted: 1, duplicates: 0 },
    )
    expect((await expose([{ experimentKey: 'a', variantKey: 'control', unitId: 'u1' }])).recordExposures).toMatchObject(
      { accepted: 0, duplicates: 1 },
    )
    const events = [
      { idempotencyKey: '1', unitId: 'u1', name: 'bought' },
      { idempotencyKey: '2', unitId: 'u1', name: 'bought' },
      { idempotencyKey: '3', unitId: 'u1', name: 'spent', value: 2.5 },
      { idempotencyKey: '3', unitId: 'u1', name: 'spent', value: 100 },
    ]
    expect((await track(events)).trackEvents).toEqual({ accepted: 3, duplicates: 1, rejected: [] })
    expect((await track(events)).trackEvents).toEqual({ accepted: 0, duplicates: 4, rejected: [] })
    const found = await aggregates(seed, 'a')
    expect(found.exposures).toMatchObject([{ units: 1, contaminated: 0 }])
    expect(found.metrics.map(({ x, xx }) => ({ x, xx }))).toEqual([
      { x: 1, xx: 1 },
      { x: 2.5, xx: 6.25 },
    ])
    expect(found.version).toBeGreaterThan(1)
    expect(found.series.map(({ events: count, numerator }) => ({ count, numerator }))).toEqual([
      { count: 2, numerator: 2 },
      { count: 1, numerator: 2.5 },
    ])
  })

  it('counts an event once for each unit that it names, by what its key was used for first', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'c', unitType: 'company', metrics: [{ key: 'spent', kind: 'MEAN' }] })
    const { serverKey } = seed.keys
    const exposures = ['c1', 'c2'].map((unitId) => ({ experimentKey: 'c', variantKey: 'control', unitId }))
    await server.graphql(serverKey, EXPOSE, { input: { exposures } })
    const spent = (key: string, company: string) => ({
      idempotencyKey: key,
      unitId: 'u',
      units: [{ type: 'company', id: company }],
      name: 'spent',
      value: 10,
    })
    const track = async (...events: object[]) =>
      (await server.graphql(serverKey, TRACK, { input: { events } })).trackEvents
    expect(await track(spent('1', 'c1'), spent('2', 'c1'))).toEqual({ accepted: 2, duplicates: 0, rejected: [] })
    expect(await track(spent('1', 'c2'), { ...spent('3', 'c1'), units: [] })).toEqual({
      accepted: 1,
      duplicates: 1,
      rejected: [],
    })
    const { metrics } = await aggregates(seed, 'c')
    expect(metrics.map(({ x, xx }) => ({ x, xx }))).toEqual([{ x: 20, xx: 400 }])
  })

  it('rejects bad items by index and keeps the others, also of other calls gathered with them', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'a' })
    const good = { unitId: 'u', name: 'a-converted' }
    const bad = [
      [{ ...good, idempotencyKey: '' }, 'IDEMPOTENCY_KEY_INVALID'],
      [{ ...good, idempotencyKey: 'k\ud800' }, 'TEXT_INVALID'],
      [{ ...good, idempotencyKey: 'v', value: 1e13 }, 'VALUE_OUT_OF_RANGE'],
      [{ ...good, idempotencyKey: 'y', value: 1e-170 }, 'VALUE_OUT_OF_RANGE'],
      [{ ...good, idempotencyKey: 'd', value: -5e-324 }, 'VALUE_OUT_OF_RANGE'],
      [{ ...good, idempotencyKey: 'n', name: '' }, 'EVENT_NAME_INVALID'],
      [{ ...good, idempotencyKey: 'l', name: 'x'.repeat(201) }, 'EVENT_NAME_INVALID'],
      [{ ...good, idempotencyKey: 'z', name: 'a\u0000b' }, 'TEXT_INVALID'],
      [{ ...good, idempotencyKey: 's', properties: { a: '\ud800' } }, 'TEXT_INVALID'],
      [{ ...good, idempotencyKey: 'p', properties: { a: 'x'.repeat(20_000) } }, 'PROPERTIES_INVALID'],
      [{ ...good, idempotencyKey: 'u', unitId: '' }, 'UNIT_ID_INVALID'],
      [{ ...good, idempotencyKey: 'w', unitId: 'é'.repeat(129) }, 'UNIT_ID_INVALID'],
      [{ ...good, idempotencyKey: 'f', occurredAt: '2999-01-01T00:00:00Z' }, 'TIME_IN_FUTURE'],
      [{ ...good, idempotencyKey: 'o', occurredAt: '1999-01-01T00:00:00Z' }, 'TIME_PAST_RETENTION'],
      [{ ...good, idempotencyKey: 't', units: [{ type: '', id: 'x' }] }, 'UNIT_TYPE_INVALID'],
    ] as const
    const calls = Array.from({ length: 40 }, (_, call) => {
      const events =
        call % 2 === 0
          ? [{ ...good, idempotencyKey: `ok-${call}` }]
          : [bad[call % bad.length]![0], { ...good, idempotencyKey: `ok-${call}` }]
      return server.graphql(seed.keys.serverKey, TRACK, { input: { events } })
    })
    const receipts = (await Promise.all(calls)).map((answer) => answer.trackEvents)
    expect(receipts.reduce((sum, receipt) => sum + receipt.accepted, 0)).toBe(40)
    for (const [index, [event, code]] of bad.entries()) {
      const { trackEvents } = await server.graphql(seed.keys.serverKey, TRACK, {
        input: { events: [{ ...good, idempotencyKey: `good-${index}` }, event] },
      })
      expect(trackEvents).toMatchObject({ accepted: 1, rejected: [{ index: 1, code }] })
    }
    const exposures = [
      { experimentKey: 'nope', variantKey: 'control', unitId: 'u' },
      { experimentKey: 'a', variantKey: 'nope', unitId: 'u' },
      { experimentKey: 'a', variantKey: 'control', unitId: 'u', occurredAt: '2001-01-01T00:00:00Z' },
      { experimentKey: 'a', variantKey: 'control', unitId: 'u' },
    ]
    const { recordExposures } = await server.graphql(seed.keys.serverKey, EXPOSE, { input: { exposures } })
    expect(recordExposures).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 0, code: 'UNKNOWN_EXPERIMENT' },
        { index: 1, code: 'UNKNOWN_VARIANT' },
        { index: 2, code: 'EXPERIMENT_NOT_STARTED' },
      ],
    })
  })

  it('judges a number that is not finite by its item, and the others by theirs', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'a', metrics: [{ key: 'spent', kind: 'MEAN' }] })
    const good = { unitId: 'u', name: 'spent', value: 2 }
    const events = [
      { ...good, idempotencyKey: 'beyond', value: 'HUGE' },
      { ...good, idempotencyKey: 'below', value: '-HUGE' },
      { ...good, idempotencyKey: 'nested', properties: { paid: ['HUGE'] } },
      { ...good, idempotencyKey: 'good' },
    ]
    const exposure = { experimentKey: 'a', variantKey: 'control', unitId: 'u' }
    const exposures = [{ ...exposure, context: { height: 'HUGE' } }, exposure]
    // As clients in other languages write it; JSON.stringify would make null of it.
    const body = (query: string, input: object) =>
      JSON.stringify({ query, variables: { input } }).replaceAll(/"(-?)HUGE"/g, '$11e400')
    const send = async (query: string, input: object) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${seed.keys.serverKey}` }
      const response = await fetch(server.url, { method: 'POST', headers, body: body(query, input) })
      return response.json()
    }
    expect(await send(EXPOSE, { exposures })).toMatchObject({
      data: { recordExposures: { accepted: 1, rejected: [{ index: 0, code: 'PROPERTIES_INVALID' }] } },
    })
    expect(await send(TRACK, { events })).toEqual({
      data: {
        trackEvents: {
          accepted: 1,
          duplicates: 0,
          rejected: [
            {
              index: 0,
              code: 'VALUE_OUT_OF_RANGE',
              message: expect.stringContaining('The value is Infinity;'),
            },
            { index: 1, code: 'VALUE_OUT_OF_RANGE', message: expect.stringContaining('-Infinity') },
            { index: 2, code: 'PROPERTIES_INVALID', message: expect.stringContaining('not finite') },
          ],
        },
      },
    })
    const { metrics } = await aggregates(seed, 'a')
    expect(metrics).toMatchObject([{ x: 2 }])
  })

  it('loses no event that is sent at the same moment as the exposure of its unit', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'race' })
    const units = Array.from({ length: 3_000 }, (_, index) => `unit-${index}`)
    const { startedAt } = (await server.platform.definitions.byKey(seed.keys.organizationId, 'race'))!
    const now = startedAt!.toISOString()
    for (let start = 0; start < units.length; start += 100) {
      await Promise.all(
        units.slice(start, start + 100).flatMap((unitId) => [
          server.graphql(seed.keys.serverKey, EXPOSE, {
            input: { exposures: [{ experimentKey: 'race', variantKey: 'control', unitId, occurredAt: now }] },
          }),
          server.graphql(seed.keys.serverKey, TRACK, {
            input: { events: [{ idempotencyKey: unitId, unitId, name: 'race-converted', occurredAt: now }] },
          }),
        ]),
      )
    }
    const { exposures, metrics } = await aggregates(seed, 'race')
    expect(exposures).toMatchObject([{ units: 3_000 }])
    expect(metrics).toMatchObject([{ x: 3_000, xx: 3_000 }])
  })
})
