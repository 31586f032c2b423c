import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/cli/simulation/random.ts'
import { assignVariant, type Chance } from '../../../src/modules/assignment/assign-variant.ts'
import { couldHaveGiven } from '../../../src/modules/experiments/could-have-given.ts'
import { experimentDefinition } from '../../support/experiment-definition.ts'

const basisPoints = fc.integer({ min: 0, max: 10_000 })
/** Three weights that sum to 10,000, any of which may be 0. */
const weights = fc.tuple(basisPoints, basisPoints).map(([a, b]) => {
  const [low, high] = [Math.min(a, b), Math.max(a, b)]
  return [low, high - low, 10_000 - high]
})
const allocation = fc.record({ weights, trafficBasisPoints: basisPoints })
const algorithm = fc.constantFrom('HASH' as const, 'RANDOM' as const, 'THOMPSON' as const)
const unitId = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const armProbabilities = weights.map((shares) => new Map(shares.map((share, index) => [index + 1, share / 10_000])))
const chance = fc.record({ random: uniform.map((value) => () => value), armProbabilities })

describe('a unit that was assigned', () => {
  it('keeps its variant whatever becomes of weights, traffic, targeting and probabilities, paused or running', () => {
    fc.assert(
      fc.property(
        allocation,
        algorithm,
        unitId,
        chance,
        fc.constantFrom('RUNNING' as const, 'PAUSED' as const),
        fc.constantFrom(1, 2, 3),
        (present, algorithm, id, chance, status, variantId) => {
          const experiment = experimentDefinition([present], {
            algorithm,
            status,
            targeting: { never: { $exists: true } },
          })
          const decision = assignVariant(experiment, { unitId: id, attributes: {} }, { variantId }, chance)
          expect(decision).toMatchObject({ reason: 'STICKY', variant: { id: variantId }, propensity: null })
        },
      ),
    )
  })

  it('is still forced by an override, also past targeting, traffic and a pause', () => {
    fc.assert(
      fc.property(algorithm, unitId, chance, fc.boolean(), (algorithm, id, chance, isPaused) => {
        const experiment = experimentDefinition([{ weights: [10_000, 0, 0], trafficBasisPoints: 0 }], {
          algorithm,
          status: isPaused ? 'PAUSED' : 'RUNNING',
          targeting: { never: { $exists: true } },
          overrides: new Map([[id, 3]]),
        })
        const decision = assignVariant(experiment, { unitId: id, attributes: {} }, { variantId: 1 }, chance)
        expect(decision).toMatchObject({ reason: 'OVERRIDE', variant: { id: 3 } })
      }),
    )
  })
})

describe('a unit that was not assigned', () => {
  it.each(['DRAFT', 'PAUSED', 'COMPLETED', 'CANCELLED'] as const)(
    'gets nothing while the experiment is %s',
    (status) => {
      fc.assert(
        fc.property(allocation, algorithm, unitId, chance, (present, algorithm, id, chance) => {
          const experiment = experimentDefinition([present], { algorithm, status })
          expect(assignVariant(experiment, { unitId: id, attributes: {} }, null, chance)).toEqual({
            reason: 'NOT_RUNNING',
            variant: null,
            propensity: null,
          })
        }),
      )
    },
  )

  it('is decided by HASH without chance, the same every time', () => {
    const noChance: Chance = {
      random: () => {
        throw new Error('HASH draws nothing')
      },
      armProbabilities: null,
    }
    fc.assert(
      fc.property(allocation, unitId, (present, id) => {
        const experiment = experimentDefinition([present])
        const first = assignVariant(experiment, { unitId: id, attributes: {} }, null, noChance)
        expect(assignVariant(experiment, { unitId: id, attributes: { any: 1 } }, null, noChance)).toEqual(first)
      }),
    )
  })

  it('stays enrolled, in the same variant, when traffic is raised', () => {
    fc.assert(
      fc.property(
        weights,
        basisPoints,
        basisPoints,
        algorithm,
        unitId,
        chance,
        (shares, a, b, algorithm, id, chance) => {
          const at = (trafficBasisPoints: number) =>
            assignVariant(
              experimentDefinition([{ weights: shares, trafficBasisPoints }], { algorithm }),
              { unitId: id, attributes: {} },
              null,
              chance,
            )
          const before = at(Math.min(a, b))
          if (before.variant) expect(at(Math.max(a, b))).toEqual(before)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is told the probability of the variant that it got, which is never 0', () => {
    fc.assert(
      fc.property(allocation, algorithm, unitId, chance, (present, algorithm, id, chance) => {
        const experiment = experimentDefinition([present], { algorithm })
        const { reason, variant, propensity } = assignVariant(experiment, { unitId: id, attributes: {} }, null, chance)
        if (!variant) expect([reason, propensity]).toEqual(['TRAFFIC', null])
        else {
          const share =
            algorithm === 'THOMPSON' ? chance.armProbabilities.get(variant.id)! : variant.weightBasisPoints / 1e4
          expect(reason).toBe('ASSIGNED')
          expect(propensity).toBeCloseTo(share, 12)
          expect(propensity).toBeGreaterThan(0)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('many units', () => {
  const units = 40_000
  const probabilities = new Map([
    [1, 0.01],
    [2, 0.29],
    [3, 0.7],
  ])
  /** Five standard deviations of a binomial share: one run in a million would differ by chance, and the seed is fixed. */
  const within = (share: number) => 5 * Math.sqrt((share * (1 - share)) / units)

  it.each([
    ['HASH', [0.05, 0.35, 0.6]],
    ['RANDOM', [0.05, 0.35, 0.6]],
    ['THOMPSON', [0.01, 0.29, 0.7]],
  ] as const)('are enrolled and split by %s as they should', (algorithm, shares) => {
    const experiment = experimentDefinition([{ weights: [500, 3_500, 6_000], trafficBasisPoints: 2_500 }], {
      algorithm,
    })
    const chance = { random: seededRandom(20_240_601), armProbabilities: probabilities }
    const counts = [0, 0, 0]
    for (let index = 0; index < units; index++) {
      const { variant } = assignVariant(experiment, { unitId: `unit-${index}`, attributes: {} }, null, chance)
      if (variant) counts[variant.id - 1]!++
    }
    for (const [index, share] of shares.entries()) {
      expect(Math.abs(counts[index]! / units - share / 4)).toBeLessThan(within(share / 4))
    }
  })

  it('are split by one experiment independently of another with a different seed', () => {
    const halves = [{ weights: [5_000, 5_000], trafficBasisPoints: 10_000 }]
    const [one, other] = [
      experimentDefinition(halves, { seed: 'seed-1' }),
      experimentDefinition(halves, { seed: 'seed-2' }),
    ]
    const chance = { random: () => 0, armProbabilities: null }
    let both = 0
    for (let index = 0; index < units; index++) {
      const unit = { unitId: `unit-${index}`, attributes: {} }
      const ids = [one, other].map((experiment) => assignVariant(experiment, unit, null, chance).variant!.id)
      if (ids[0] === 1 && ids[1] === 1) both++
    }
    expect(Math.abs(both / units - 0.25)).toBeLessThan(within(0.25))
  })
})

describe('couldHaveGiven', () => {
  it('is true of every decision, of any algorithm, in whichever epoch it was made', () => {
    fc.assert(
      fc.property(
        fc.array(allocation, { minLength: 1, maxLength: 4 }),
        algorithm,
        unitId,
        chance,
        (allocations, algorithm, id, chance) => {
          const experiment = experimentDefinition(allocations, { algorithm })
          for (const past of allocations) {
            const { variant } = assignVariant(
              experimentDefinition([past], { algorithm }),
              { unitId: id, attributes: {} },
              null,
              chance,
            )
            if (variant) expect(couldHaveGiven(experiment, id, variant.id)).toBe(true)
          }
        },
      ),
    )
  })

  it('is true by HASH of one variant in each epoch at the most', () => {
    fc.assert(
      fc.property(fc.array(allocation, { minLength: 1, maxLength: 2 }), unitId, (allocations, id) => {
        const experiment = experimentDefinition(allocations)
        const possible = [1, 2, 3].filter((variantId) => couldHaveGiven(experiment, id, variantId))
        expect(possible.length).toBeLessThanOrEqual(allocations.length)
      }),
    )
  })

  it('is false of a variant without weight, a unit outside of the traffic, a variant that does not exist', () => {
    for (const algorithm of ['HASH', 'RANDOM'] as const) {
      const experiment = experimentDefinition([{ weights: [10_000, 0], trafficBasisPoints: 10_000 }], { algorithm })
      expect([1, 2, 3].map((variantId) => couldHaveGiven(experiment, 'u', variantId))).toEqual([true, false, false])
    }
    for (const algorithm of ['HASH', 'RANDOM', 'THOMPSON'] as const) {
      const closed = experimentDefinition([{ weights: [5_000, 5_000], trafficBasisPoints: 0 }], { algorithm })
      expect([1, 2].some((variantId) => couldHaveGiven(closed, 'u', variantId))).toBe(false)
      const open = experimentDefinition([{ weights: [5_000, 5_000], trafficBasisPoints: 10_000 }], { algorithm })
      expect(couldHaveGiven(open, 'u', 99)).toBe(false)
    }
  })

  it('is true of an overridden unit for the variant that it is forced into only', () => {
    const experiment = experimentDefinition([{ weights: [10_000, 0], trafficBasisPoints: 0 }], {
      overrides: new Map([['qa', 2]]),
    })
    expect([1, 2].map((variantId) => couldHaveGiven(experiment, 'qa', variantId))).toEqual([false, true])
  })
})
