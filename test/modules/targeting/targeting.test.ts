import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conditionProblems } from '../../../src/modules/targeting/condition-problems.ts'
import { linearRegex } from '../../../src/modules/targeting/linear-regex.ts'
import { KNOWN_OPERATORS, meetsCondition } from '../../../src/modules/targeting/targeting.ts'
import { versionKey } from '../../../src/modules/targeting/targeting-values.ts'

const anyValue = fc.jsonValue({ maxDepth: 4 })
const name = fc.oneof(
  fc.constantFrom(...KNOWN_OPERATORS, '$and', '$or', '$nor', '$not', '$unknown'),
  fc.constantFrom('a', 'b', 'a.b', 'a.length', '', '.', '__proto__', 'constructor', 'toString', 'hasOwnProperty'),
)
const operand = fc.oneof(anyValue, fc.constantFrom('(', '(a+)+$', '\\1', 'number', '1.2.3-rc.1+5', ['a'], [null]))
/** Anything that looks somewhat like a condition, written as JSON so that `__proto__` is an own key, as a client sends it. */
const anyCondition = fc
  .letrec<{ object: object; value: unknown }>((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, operand, tie('object'), fc.array(tie('object'), { maxLength: 2 })),
    object: fc
      .array(fc.tuple(name, tie('value')), { maxLength: 3 })
      .map((entries) => JSON.parse(`{${entries.map(([key, value]) => `"${key}":${JSON.stringify(value)}`).join()}}`)),
  }))
  .object.map((condition) => condition as Record<string, unknown>)
const anyAttributes = fc.oneof(anyValue, fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), anyValue))

function nested(levels: number): unknown {
  let value: unknown = 'bottom'
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value }
  return value
}

describe('meetsCondition', () => {
  it('answers for any condition and any attributes, the same twice, and changes neither', () => {
    fc.assert(
      fc.property(anyCondition, anyAttributes, (condition, attributes) => {
        const before = JSON.stringify([condition, attributes])
        const first = meetsCondition(attributes, condition)
        expect(typeof first).toBe('boolean')
        expect(meetsCondition(attributes, condition)).toBe(first)
        expect(JSON.stringify([condition, attributes])).toBe(before)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is turned around by $not', () => {
    fc.assert(
      fc.property(anyCondition, anyAttributes, (condition, attributes) => {
        expect(meetsCondition(attributes, { $not: condition })).toBe(!meetsCondition(attributes, condition))
      }),
    )
  })

  it.each([
    { a: 'x' },
    { a: 1 },
    { a: ['x'] },
    { a: { a: ['x'] } },
    { a: { $regex: 'x' } },
    { a: { $gt: 5 } },
    { a: { $in: ['x'] } },
    { a: { $ini: ['x'] } },
    { a: { $all: ['x'] } },
    { a: { $elemMatch: { $eq: 'x' } } },
    { a: { $veq: '1' } },
  ])('takes attributes of any depth: %j', (condition) => {
    expect(meetsCondition({ a: nested(200_000) }, condition)).toBe(false)
    expect(meetsCondition({ a: [nested(200_000)] }, condition)).toBe(false)
  })

  it.each([{ $or: 'x' }, { $and: 'x' }, { $nor: 'x' }, { $not: 'x' }, { $or: {} }, { $or: [null] }, { $and: [1] }])(
    'lets nobody in by a join that makes no sense: %j',
    (condition) => {
      expect(meetsCondition({ a: 1 }, condition)).toBe(false)
    },
  )

  it('reads own properties only', () => {
    expect(meetsCondition({}, { 'constructor.name': 'Object' })).toBe(false)
    expect(meetsCondition({}, { 'toString.length': 0, toString: { $exists: true } })).toBe(false)
    expect(meetsCondition({}, JSON.parse('{"__proto__":{"$exists":true}}'))).toBe(false)
    expect(meetsCondition(JSON.parse('{"__proto__":{"a":1}}'), { a: 1 })).toBe(false)
    expect(meetsCondition(JSON.parse('{"__proto__":{"a":1}}'), { '__proto__.a': 1 })).toBe(true)
    expect(meetsCondition({ a: {} }, JSON.parse('{"a":{"__proto__":{}}}'))).toBe(false)
    expect(meetsCondition({ a: 1 }, { a: { $inGroup: 'constructor' } })).toBe(false)
  })

  // Answers of @growthbook/growthbook 1.8.0 where a value is not of the type that the condition expects.
  it.each([
    [{ a: 'NO' }, { a: ['NO'] }, true],
    [{ a: '1,2' }, { a: [1, [2]] }, true],
    [{ a: 5 }, { a: [5] }, true],
    [{ a: 0 }, { a: [] }, true],
    [{ a: 0 }, {}, true],
    [{ a: { $lt: 10 } }, { a: [5] }, true],
    [{ a: { $gt: 'A' } }, { a: {} }, true],
    [{ a: { $gt: 1 } }, { a: {} }, false],
    [{ a: { $gte: 'A' } }, { a: ['B'] }, true],
    [{ a: { $regex: '^\\[' } }, { a: ['b'] }, false],
    [{ a: { $regex: '^b,c$' } }, { a: ['b', 'c'] }, true],
    [{ a: { $regex: '^null$' } }, {}, true],
    [{ a: { $regex: 'object' } }, { a: {} }, true],
    [{ a: { $elemMatch: { $lt: 5 } } }, { a: [0] }, true],
    [{ a: { $elemMatch: {} } }, { a: [null] }, false],
    [{ a: { $elemMatch: {} } }, { a: [''] }, true],
  ])('decides as the SDK for JavaScript: %j on %j is %s', (condition, attributes, expected) => {
    expect(meetsCondition(attributes, condition)).toBe(expected)
  })

  it('compares objects whatever the order of their keys', () => {
    const condition = { a: { short: 1, longer: [{ x: 1, y: null }] } }
    expect(meetsCondition({ a: { longer: [{ y: null, x: 1 }], short: 1 } }, condition)).toBe(true)
    expect(meetsCondition({ a: { longer: [{ x: 1 }], short: 1 } }, condition)).toBe(false)
    expect(meetsCondition({ a: { longer: { 0: { x: 1, y: null } }, short: 1 } }, condition)).toBe(false)
  })
})

describe('linearRegex', () => {
  // A backtracking engine takes some 2^20,000 steps for these: the test ends only because this one does not backtrack.
  it.each([
    ['^(a+)+$', 'a', '!'],
    ['^(a|aa)+$', 'a', '!'],
    ['(a*)*b', 'a', 'c'],
    ['^([a-z]+)*\\d$', 'a', ' '],
  ])('takes %s in linear time', (pattern, letter, end) => {
    const text = letter.repeat(20_000)
    expect(meetsCondition({ text: text + end }, { text: { $regex: pattern } })).toBe(false)
    expect(meetsCondition({ text: `${text}${end}` }, { text: { $regexi: pattern } })).toBe(false)
  })

  it('still finds what matches at the end of a long text', () => {
    expect(meetsCondition({ text: 'a'.repeat(20_000) }, { text: { $regex: '^(a+)+$' } })).toBe(true)
  })

  it('refuses what cannot run in linear time, and what would run linearly and for long', () => {
    for (const pattern of ['(?=a)', '(?<!a)b', '(a)\\1', '(', 'a'.repeat(1_001), '(.{1000})(.{1000})(.{1000})']) {
      expect(linearRegex(pattern, false), pattern.slice(0, 40)).toBeNull()
    }
    for (const pattern of ['a'.repeat(1_000), '(.{1000})', '^[^@]+@example\\.(com|org)$', '\\p{Lu}', 'a/b', '\\/']) {
      expect(linearRegex(pattern, true), pattern.slice(0, 40)).not.toBeNull()
    }
  })
})

describe('versionKey', () => {
  it('drops the leading v and the build, and orders numbers by value', () => {
    expect(versionKey('v1.2.3+build.5')).toBe(versionKey('1.2.3'))
    expect(versionKey('1.10.0') > versionKey('1.9.0')).toBe(true)
    expect(versionKey(2)).toBe(versionKey('2'))
    for (const nothing of [null, '', {}, [], true]) expect(versionKey(nothing)).toBe(versionKey('0'))
  })

  it('reads a hostile text once: removing the build by a pattern would look ahead from each of a million plus signs', () => {
    expect(versionKey(`${'+'.repeat(1_000_000)}\n`)).toBe('')
  })
})

describe('meetsCondition and conditionProblems together', () => {
  it('hold on any depth of condition that has no problems', () => {
    const wrapped = (levels: number) => {
      let condition: Record<string, unknown> = { a: 1 }
      for (let level = 0; level < levels; level++) condition = { $not: condition }
      return condition
    }
    expect(conditionProblems(wrapped(10))).toEqual([])
    expect(meetsCondition({ a: 1 }, wrapped(10))).toBe(true)
    expect(meetsCondition({ a: 1 }, wrapped(11))).toBe(false)
    expect(conditionProblems(wrapped(50_000)).join()).toMatch(/lies deeper than 12 levels/)
  })
})
