import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conditionProblems } from '../../../src/modules/targeting/condition-problems.ts'
import { meetsCondition } from '../../../src/modules/targeting/targeting.ts'

/** The public conditions that every GrowthBook SDK replays. */
const { evalCondition: cases }: { evalCondition: [name: string, condition: object][] } = JSON.parse(
  readFileSync(new URL('../assignment/growthbook-cases.json', import.meta.url), 'utf8'),
)
/** Those among them that are wrong on purpose, or rest on saved groups, of which there are none. */
const WRONG = /^\$n?ini? - not array|unknown operator|\$regex invalid|group id|properly typed/

describe('conditionProblems', () => {
  it('finds nothing wrong with the public conditions but those that are wrong on purpose', () => {
    const refused = cases.filter(([, condition]) => conditionProblems(condition).length > 0).map(([name]) => name)
    const wrong = cases.map(([name]) => name).filter((name) => WRONG.test(name))
    expect(refused).toEqual(wrong)
  })

  it.each([
    [[], 'The condition must be an object; it is an empty list.'],
    [null, 'The condition must be an object; it is null.'],
    ['a', 'The condition must be an object; it is "a".'],
    [{ $or: { a: 1 } }, '$or must be a list of conditions; it is an object.'],
    [{ $and: [{ a: 1 }, 5] }, '$and must be a list of conditions; it is a list of other values.'],
    [{ $not: [] }, '$not must be an object; it is an empty list.'],
    [{ $gt: 1 }, '$gt needs an attribute to apply to.'],
    [{ $or: [{ a: 1 }, { $gt: 1 }] }, '$or[1].$gt needs an attribute to apply to.'],
    [{ $not: { $gt: 1 } }, '$not.$gt needs an attribute to apply to.'],
    [
      { a: { $gt: 1, b: 2 } },
      'a.$gt is part of a value to be equal to; operators stand alone, and a part of a is named with a dot.',
    ],
    [
      { a: { b: { $gt: 1 } } },
      'a.b.$gt is part of a value to be equal to; operators stand alone, and a part of a.b is named with a dot.',
    ],
    [{ a: { $or: [{ a: 1 }] } }, 'a.$or must stand outside of the attribute: it joins conditions, not values.'],
    [{ a: { $in: 'x' } }, 'a.$in must be a list of texts, numbers, booleans or null; it is "x".'],
    [{ a: { $in: [{ b: 1 }] } }, 'a.$in must be a list of texts, numbers, booleans or null; it is a list.'],
    [{ a: { $all: 'x' } }, 'a.$all must be a list; it is "x".'],
    [{ a: { $all: [{ $gt: null }] } }, 'a.$all[0].$gt must be a number or a text; it is null.'],
    [{ a: { $eq: { b: 1 } } }, 'a.$eq must be a text, a number, a boolean or null; it is an object.'],
    [{ a: { $lt: true } }, 'a.$lt must be a number or a text; it is true.'],
    [{ a: { $vgt: [1] } }, 'a.$vgt must be a version, as a text or a number; it is a list.'],
    [{ a: { $exists: 1 } }, 'a.$exists must be true or false; it is 1.'],
    [{ a: { $type: 'strin' } }, 'a.$type must be one of null, boolean, number, string, array, object; it is "strin".'],
    [{ a: { $size: '3' } }, 'a.$size must be an integer or operators that compare one; it is "3".'],
    [{ a: { $size: { $gt: [] } } }, 'a.$size.$gt must be a number or a text; it is an empty list.'],
    [{ a: { $elemMatch: 'x' } }, 'a.$elemMatch must be a condition or operators; it is "x".'],
    [{ a: { $elemMatch: { b: { $lt: null } } } }, 'a.$elemMatch.b.$lt must be a number or a text; it is null.'],
    [{ a: { $not: { $lt: null } } }, 'a.$not.$lt must be a number or a text; it is null.'],
    [{ a: { $regex: 5 } }, 'a.$regex must be a text; it is 5.'],
    [{ a: { $inGroup: 'g' } }, 'a.$inGroup refers to a saved group; there are none.'],
  ])('names place, rule and value: %j', (condition, problem) => {
    expect(conditionProblems(condition)).toEqual([problem])
  })

  it('lists the operators for one that is unknown, and says what is wrong with a pattern', () => {
    expect(conditionProblems({ a: { $foo: 1 } })).toEqual([
      expect.stringMatching(/^a\.\$foo is not an operator; .*\$eq/),
    ])
    expect(conditionProblems({ $foo: [] })).toEqual([expect.stringMatching(/^\$foo is not an operator/)])
    expect(conditionProblems({ a: { $regex: '(?=x)' } })).toEqual([
      expect.stringMatching(/^a\.\$regex is "\(\?=x\)", not a regular expression of RE2/),
    ])
  })

  it('tells all problems, up to twenty', () => {
    expect(conditionProblems({ a: { $foo: 1, $lt: null }, $gt: 1 })).toHaveLength(3)
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`$x${index}`, 1]))
    expect(conditionProblems(many)).toHaveLength(20)
    expect(conditionProblems({ a: many })).toHaveLength(20)
  })

  it('bounds the depth, the parts and the text', () => {
    expect(conditionProblems({ a: Array.from({ length: 1_900 }, (_, index) => index) })).toEqual([])
    expect(conditionProblems({ a: Array.from({ length: 100_000 }, () => 1) })).toEqual([
      'The condition has more than 2000 parts.',
    ])
    expect(conditionProblems({ a: 'x'.repeat(49_000) })).toEqual([])
    expect(conditionProblems({ a: 'x'.repeat(50_000) })).toEqual([
      'The condition has 50008 characters as JSON; it may have 50000.',
    ])
    const [problem] = conditionProblems(JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`))
    expect(problem).toMatch(/^a(\[0\]){12} lies deeper than 12 levels\.$/)
    expect(conditionProblems({ ['n'.repeat(1_000_000)]: { $foo: 1 } })[0]!.length).toBeLessThan(500)
  })

  it('takes any JSON value, and what it passes can be evaluated', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, attributes) => {
        const problems = conditionProblems(value)
        expect(problems.every((problem) => typeof problem === 'string')).toBe(true)
        if (problems.length === 0) {
          expect(typeof meetsCondition(attributes, value as Record<string, unknown>)).toBe('boolean')
        }
      }),
      { numRuns: 500 },
    )
  })
})
