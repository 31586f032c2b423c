import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/cli/simulation/random.ts'
import { cupedRatio } from '../../../src/statistics/variance-reduction/cuped-ratio.ts'
import { computed } from '../../support/computed.ts'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const RESULTS = `{ experiment(key: "cuped") { results { metrics { variants { mean } comparisons {
  isSignificant cuped { theta varianceReduction } difference { estimate interval { lower upper } } test { name statistic }
} } } } }`

const HOUR = 3_600_000
const startedAt = new Date(Date.now() - 72 * HOUR)
const at = (hours: number) => new Date(startedAt.getTime() + hours * HOUR).toISOString()

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

interface Unit {
  unitId: string
  isTreated: boolean
}

async function expose(seed: Seed, units: readonly Unit[]): Promise<void> {
  await seed.exposures(
    units.map(({ unitId, isTreated }) => ({
      experimentKey: 'cuped',
      variantKey: isTreated ? 'treatment' : 'control',
      unitId,
      occurredAt: at(1),
    })),
  )
}

function eventOf({ unitId }: Unit, name: string, value: number, hours: number) {
  return { idempotencyKey: `${unitId}:${name}:${hours}`, unitId, name, value, occurredAt: at(hours) }
}

async function comparisonIn(seed: Seed) {
  const { metrics } = (await server.graphql(seed.keys.serverKey, RESULTS)).experiment.results
  return { ...metrics[0].comparisons[0], means: metrics[0].variants.map(({ mean }: { mean: number }) => mean) }
}

describe('CUPED', () => {
  it('takes out what a unit was like before its exposure', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({
      key: 'cuped',
      startedAt,
      metrics: [{ key: 'spent', kind: 'MEAN', covariateWindowHours: 24 * 14 }],
    })
    const units = Array.from({ length: 400 }, (_, n) => ({
      unitId: `u${n}`,
      habit: (n * 7) % 50,
      isTreated: n % 2 === 1,
    }))
    // Half of the history arrives before the exposures, half of it after them.
    const history = units.map((unit) => eventOf(unit, 'spent', unit.habit, -48))
    await seed.events(history.slice(0, 200))
    await expose(seed, units)
    await seed.events(history.slice(200))
    await seed.events(
      units.map((unit, n) => eventOf(unit, 'spent', 2 * unit.habit + (unit.isTreated ? 3 : 0) + (n % 3), 2)),
    )
    const comparison = await comparisonIn(seed)
    expect(comparison.cuped.theta).toBeCloseTo(2, 1)
    expect(comparison.cuped.varianceReduction).toBeGreaterThan(0.99)
    expect(comparison.difference.estimate).toBeCloseTo(3, 0)
    expect(comparison.isSignificant).toBe(true)
  })

  const PRICE = {
    key: 'price',
    kind: 'RATIO',
    eventName: 'paid',
    denominatorEventName: 'ordered',
    covariateWindowHours: 24 * 14,
  } as const

  it('has nothing to adjust a ratio by that was the same for all before exposure', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'cuped', startedAt, metrics: [PRICE] })
    const random = seededRandom(5)
    // One price before, so that only rounding tells units apart.
    const units = Array.from({ length: 400 }, (_, n) => ({
      unitId: `u${n}`,
      isTreated: n % 2 === 1,
      ordered: 1 + Math.floor(4 * random()),
    }))
    const price = 23.69
    await seed.events(
      units.flatMap((unit) => [
        eventOf(unit, 'paid', Math.round(100 * price * unit.ordered) / 100, -5),
        eventOf(unit, 'ordered', unit.ordered, -6),
      ]),
    )
    await expose(seed, units)
    await seed.events(
      units.flatMap((unit) => [eventOf(unit, 'paid', 20 + 10 * random(), 3), eventOf(unit, 'ordered', 1, 2)]),
    )
    expect((await comparisonIn(seed)).cuped).toBeNull()
  })

  it('compares a ratio with the same ratio before exposure', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'cuped', startedAt, metrics: [PRICE] })
    const random = seededRandom(3)
    const units = Array.from({ length: 600 }, (_, n) => {
      const taste = 10 + 20 * random()
      const [before, after] = [1 + Math.floor(4 * random()), 1 + Math.floor(4 * random())]
      const isTreated = n % 2 === 1
      return {
        unitId: `u${n}`,
        isTreated,
        d: before,
        c: Math.round(before * (taste + random())),
        y: after,
        x: Math.round(after * (taste + random() + (isTreated ? 3 : 0))),
      }
    })
    await seed.events(
      units.flatMap((unit) => [eventOf(unit, 'paid', unit.c, -5), eventOf(unit, 'ordered', unit.d, -6)]),
    )
    await expose(seed, units)
    await seed.events(units.flatMap((unit) => [eventOf(unit, 'paid', unit.x, 3), eventOf(unit, 'ordered', unit.y, 2)]))

    const { theta, difference } = computed(cupedRatio(summaryOf(units, false), summaryOf(units, true)))
    const variance = difference.control.variance + difference.treatment.variance
    const comparison = await comparisonIn(seed)
    expect(comparison.cuped.theta).toBeCloseTo(theta, 9)
    expect(comparison.cuped.varianceReduction).toBeGreaterThan(0.6)
    expect(comparison.difference.estimate).toBeCloseTo(difference.estimate, 9)
    expect(comparison.test).toMatchObject({ name: 'DELTA_METHOD_Z' })
    expect(comparison.test.statistic).toBeCloseTo(difference.estimate / Math.sqrt(variance), 6)
    expect(comparison.difference.interval.lower).toBeLessThan(3)
    expect(comparison.difference.interval.upper).toBeGreaterThan(3)
    expect(comparison.isSignificant).toBe(true)
    // What is shown of a variant is what was measured.
    const control = units.filter(({ isTreated }) => !isTreated)
    expect(comparison.means[0]).toBeCloseTo(sum(control, 'x', null) / sum(control, 'y', null), 9)
  })
})

type Column = 'x' | 'y' | 'c' | 'd'

function sum(units: ReadonlyArray<Record<Column, number>>, a: Column, b: Column | null): number {
  return units.reduce((total, unit) => total + unit[a] * (b === null ? 1 : unit[b]), 0)
}

function summaryOf(all: ReadonlyArray<Record<Column, number> & Unit>, isTreated: boolean) {
  const units = all.filter((unit) => unit.isTreated === isTreated)
  const ratio = (numerator: Column, denominator: Column) => ({
    count: units.length,
    numeratorSum: sum(units, numerator, null),
    numeratorSumOfSquares: sum(units, numerator, numerator),
    denominatorSum: sum(units, denominator, null),
    denominatorSumOfSquares: sum(units, denominator, denominator),
    crossProduct: sum(units, numerator, denominator),
  })
  return {
    post: ratio('x', 'y'),
    pre: ratio('c', 'd'),
    numeratorPreNumerator: sum(units, 'x', 'c'),
    numeratorPreDenominator: sum(units, 'x', 'd'),
    denominatorPreNumerator: sum(units, 'y', 'c'),
    denominatorPreDenominator: sum(units, 'y', 'd'),
  }
}
