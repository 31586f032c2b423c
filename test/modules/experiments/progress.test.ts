import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { progressOf } from '../../../src/modules/experiments/experiment-progress.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const DAY = 86_400_000
const START = new Date('2026-03-01T00:00:00Z')
const daysIn = (days: number) => new Date(START.getTime() + days * DAY)
const facts = { startedAt: START, endedAt: null, plannedDurationDays: null, plannedSampleSize: null, exposedUnits: 0 }

describe('progressOf', () => {
  test('is unknown where nothing is planned', () => {
    expect(progressOf(facts, daysIn(3))).toBeNull()
  })

  test('counts days', () => {
    expect(progressOf({ ...facts, plannedDurationDays: 10 }, daysIn(2.5))).toEqual({ fraction: 0.25, remainingDays: 8 })
    expect(progressOf({ ...facts, plannedDurationDays: 10 }, daysIn(40))).toEqual({ fraction: 1, remainingDays: 0 })
  })

  test('counts units, and goes on at their rate', () => {
    const planned = { ...facts, plannedSampleSize: 1_000 }
    expect(progressOf({ ...planned, exposedUnits: 250 }, daysIn(2))).toEqual({ fraction: 0.25, remainingDays: 6 })
    expect(progressOf(planned, daysIn(2))).toEqual({ fraction: 0, remainingDays: null })
    expect(progressOf({ ...planned, exposedUnits: 2_000 }, daysIn(2))).toEqual({ fraction: 1, remainingDays: 0 })
  })

  test('says nothing of more days than can be told', () => {
    const slow = { ...facts, plannedSampleSize: 2_000_000_000, exposedUnits: 1 }
    expect(progressOf(slow, daysIn(1))).toEqual({ fraction: 5e-10, remainingDays: 1_999_999_999 })
    expect(progressOf(slow, daysIn(80))).toEqual({ fraction: 5e-10, remainingDays: null })
  })

  test('goes by whichever is further', () => {
    const both = { ...facts, plannedDurationDays: 10, plannedSampleSize: 1_000 }
    expect(progressOf({ ...both, exposedUnits: 500 }, daysIn(2))).toEqual({ fraction: 0.5, remainingDays: 2 })
    expect(progressOf({ ...both, exposedUnits: 100 }, daysIn(2))).toEqual({ fraction: 0.2, remainingDays: 8 })
  })

  test('stands still at the end', () => {
    expect(progressOf({ ...facts, plannedDurationDays: 10, endedAt: daysIn(4) }, daysIn(30))).toEqual({
      fraction: 0.4,
      remainingDays: 0,
    })
    expect(progressOf({ ...facts, startedAt: null, plannedDurationDays: 10 }, START)).toEqual({
      fraction: 0,
      remainingDays: 10,
    })
  })
})

describe('progress of an experiment', () => {
  let server: TestServer
  let bench: Workbench
  let now = START
  beforeAll(async () => {
    server = await startTestServer({ clock: () => now })
    bench = await Workbench.open(server)
  })
  afterAll(() => server?.stop())

  test('counts analysed units of all variants, for many experiments in one statement', async () => {
    const keys = Array.from({ length: 10 }, (_, index) => `e${index}`)
    for (const [index, key] of keys.entries()) {
      now = START
      await bench.experiment(key, { start: true, plannedDurationDays: 100, analysis: { plannedSampleSize: 20 } })
      now = daysIn(2)
      const exposures = ['control', 'treatment'].flatMap((variantKey) =>
        Array.from({ length: index }, (_, unit) => ({
          experimentKey: key,
          variantKey,
          unitId: `${variantKey}-${unit}`,
        })),
      )
      // A unit of two variants is not analysed, and so it is no progress.
      for (const variantKey of ['control', 'treatment'])
        exposures.push({ experimentKey: key, variantKey, unitId: 'both' })
      await bench.query('mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted } }', {
        input: { exposures },
      })
    }
    const statements: string[] = []
    const query = server.platform.aggregates.exposedUnits.bind(server.platform.aggregates)
    server.platform.aggregates.exposedUnits = (organizationId, ids) => {
      statements.push(ids.join())
      return query(organizationId, ids)
    }
    const { experiments } = await bench.query(
      '{ experiments(first: 10, orderBy: { field: KEY }) { edges { node { key progress { fraction remainingDays } } } } }',
    )
    expect(experiments.edges.map(({ node }: { node: { progress: object } }) => node.progress)).toEqual(
      keys.map((_, index) =>
        index === 0
          ? { fraction: 0.02, remainingDays: 98 }
          : { fraction: index / 10, remainingDays: Math.ceil((2 * (1 - index / 10)) / (index / 10)) },
      ),
    )
    expect(statements).toHaveLength(1)
  })
})
