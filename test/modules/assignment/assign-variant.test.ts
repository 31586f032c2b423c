import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignVariant } from '../../../src/modules/assignment/assign-variant.ts'
import { couldHaveGiven } from '../../../src/modules/experiments/could-have-given.ts'
import type { ExperimentDefinition } from '../../../src/modules/experiments/experiment-definition.ts'
import { conditionProblems } from '../../../src/modules/targeting/condition-problems.ts'
import { linearRegex } from '../../../src/modules/targeting/linear-regex.ts'
import { meetsCondition } from '../../../src/modules/targeting/targeting.ts'
import { experimentDefinition } from '../../support/experiment-definition.ts'

function experimentWith(changes: Partial<ExperimentDefinition> & { weights?: number[] } = {}): ExperimentDefinition {
  const { weights = [5_000, 5_000], trafficBasisPoints = 10_000, ...rest } = changes
  return experimentDefinition([{ weights, trafficBasisPoints }], rest)
}

const unit = (unitId: string, attributes = {}) => ({ unitId, attributes })
const chance = { random: () => 0.5, armProbabilities: null }
const decide = (experiment: ExperimentDefinition, unitId: string, stored: { variantId: number } | null = null) =>
  assignVariant(experiment, unit(unitId), stored, chance)

const weights = fc
  .array(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 6 })
  .filter((shares) => shares.some((share) => share > 0))
  .map((shares) => {
    const sum = shares.reduce((total, share) => total + share, 0)
    const scaled = shares.map((share) => Math.floor((share / sum) * 10_000))
    scaled[0]! += 10_000 - scaled.reduce((total, share) => total + share, 0)
    return scaled
  })
const unitId = fc.string({ minLength: 1, maxLength: 40 })

describe('assignVariant', () => {
  it('gives the first reason that applies', () => {
    const overridden = experimentWith({ overrides: new Map([['qa', 2]]), targeting: { country: 'NO' } })
    expect(decide({ ...overridden, status: 'COMPLETED' }, 'qa').reason).toBe('NOT_RUNNING')
    expect(decide({ ...overridden, status: 'PAUSED' }, 'qa')).toMatchObject({ reason: 'OVERRIDE', variant: { id: 2 } })
    expect(decide(overridden, 'u', { variantId: 2 })).toMatchObject({ reason: 'STICKY', variant: { id: 2 } })
    expect(decide({ ...overridden, status: 'PAUSED' }, 'u', { variantId: 1 }).reason).toBe('STICKY')
    expect(decide({ ...overridden, status: 'PAUSED' }, 'u').reason).toBe('NOT_RUNNING')
    expect(decide(overridden, 'u')).toEqual({ reason: 'TARGETING', variant: null, propensity: null })
    expect(decide(experimentWith({ trafficBasisPoints: 0 }), 'u').reason).toBe('TRAFFIC')
    expect(decide(experimentWith(), 'u')).toMatchObject({ reason: 'ASSIGNED', propensity: 0.5 })
  })

  it('moves nobody when traffic is raised, and only adds units', () => {
    fc.assert(
      fc.property(
        weights,
        unitId,
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 10_000 }),
        fc.constantFrom('HASH', 'RANDOM' as const),
        (shares, id, a, b, algorithm) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)]
          const before = decide(experimentWith({ weights: shares, trafficBasisPoints: low, algorithm }), id)
          const after = decide(experimentWith({ weights: shares, trafficBasisPoints: high, algorithm }), id)
          if (before.variant) expect(after.variant?.id).toBe(before.variant.id)
        },
      ),
    )
  })

  it('enrols the share of the traffic and splits it by the weights', () => {
    const experiment = experimentWith({ weights: [2_000, 3_000, 5_000], trafficBasisPoints: 4_000 })
    const counts = [0, 0, 0]
    const units = 50_000
    for (let index = 0; index < units; index++) {
      const { variant } = decide(experiment, `unit-${index}`)
      if (variant) counts[variant.id - 1]!++
    }
    for (const [index, share] of [0.08, 0.12, 0.2].entries()) {
      // Five standard deviations of a binomial share.
      expect(Math.abs(counts[index]! / units - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / units))
    }
  })

  it('draws RANDOM by weight and THOMPSON by the probabilities of the arms', () => {
    const at = (random: number, algorithm: 'RANDOM' | 'THOMPSON') =>
      assignVariant(experimentWith({ weights: [1_000, 9_000], algorithm }), unit('u'), null, {
        random: () => random,
        armProbabilities: new Map([
          [1, 0.75],
          [2, 0.25],
        ]),
      })
    expect(at(0.09, 'RANDOM')).toMatchObject({ variant: { id: 1 }, propensity: 0.1 })
    expect(at(0.11, 'RANDOM')).toMatchObject({ variant: { id: 2 }, propensity: 0.9 })
    expect(at(0.74, 'THOMPSON')).toMatchObject({ variant: { id: 1 }, propensity: 0.75 })
    expect(at(0.76, 'THOMPSON')).toMatchObject({ variant: { id: 2 }, propensity: 0.25 })
    expect(at(0.999_999_999, 'THOMPSON').variant?.id).toBe(2)
  })

  it('never gives a variant without weight', () => {
    fc.assert(
      fc.property(
        weights,
        unitId,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.constantFrom('HASH', 'RANDOM' as const),
        (shares, id, random, algorithm) => {
          const decision = assignVariant(experimentWith({ weights: shares, algorithm }), unit(id), null, {
            random: () => random,
            armProbabilities: null,
          })
          expect(decision.variant === null || decision.variant.weightBasisPoints > 0).toBe(true)
        },
      ),
    )
  })
})

describe('couldHaveGiven', () => {
  it('is true of what was decided, and with HASH of nothing else', () => {
    fc.assert(
      fc.property(weights, unitId, fc.integer({ min: 0, max: 10_000 }), (shares, id, trafficBasisPoints) => {
        const experiment = experimentWith({ weights: shares, trafficBasisPoints })
        const { variant } = decide(experiment, id)
        for (const candidate of experiment.variants) {
          expect(couldHaveGiven(experiment, id, candidate.id)).toBe(candidate.id === variant?.id)
        }
      }),
    )
  })

  it('remembers earlier epochs', () => {
    const experiment = experimentWith({ weights: [10_000, 0] })
    const earlier = {
      ...experiment.epochs[0]!,
      number: 0,
      weights: new Map([
        [1, 0],
        [2, 10_000],
      ]),
    }
    expect(couldHaveGiven(experiment, 'u', 2)).toBe(false)
    expect(couldHaveGiven({ ...experiment, epochs: [earlier, ...experiment.epochs] }, 'u', 2)).toBe(true)
  })
})

describe('targeting', () => {
  it('is total over any condition and any attributes', () => {
    const operator = fc.constantFrom(
      '$gt',
      '$in',
      '$regex',
      '$all',
      '$elemMatch',
      '$size',
      '$not',
      '$or',
      '$and',
      '$vgt',
      '$type',
      'a',
      'a.b',
      '__proto__',
    )
    const condition = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.jsonValue(), tie('object')),
      object: fc.dictionary(operator, tie('value'), { maxKeys: 4 }),
    })).object as fc.Arbitrary<Record<string, unknown>>
    fc.assert(
      fc.property(condition, fc.jsonValue(), (rule, attributes) => {
        expect(typeof meetsCondition(attributes, rule)).toBe('boolean')
        expect(Array.isArray(conditionProblems(rule))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('looks at own properties only', () => {
    expect(meetsCondition({}, { 'constructor.name': 'Object' })).toBe(false)
    expect(meetsCondition({}, { toString: { $exists: true } })).toBe(false)
  })

  it('runs a pattern that would take a backtracking engine forever', () => {
    const text = `${'a'.repeat(50_000)}!`
    expect(meetsCondition({ text }, { text: { $regex: '^(a+)+$' } })).toBe(false)
    expect(linearRegex('(?=a)', false)).toBeNull()
  })

  it.each([
    [{ a: { $foo: 1 } }, /a\.\$foo is not an operator/],
    [{ a: { $regex: '(' } }, /a\.\$regex is "\(", not a regular expression/],
    [{ a: { $in: 'x' } }, /a\.\$in must be a list/],
    [{ $or: { a: 1 } }, /\$or must be a list of conditions/],
    [{ $gt: 1 }, /\$gt needs an attribute/],
    [[], /must be an object/],
  ])('names what is wrong with %j', (condition, message) => {
    expect(conditionProblems(condition).join('\n')).toMatch(message)
  })

  it('finds nothing wrong with what the language allows', () => {
    expect(
      conditionProblems({
        $or: [{ country: { $in: ['NO', 'SE'] } }, { age: { $gte: 18, $lt: 30 } }],
        $not: { plan: 'free' },
      }),
    ).toEqual([])
  })
})
