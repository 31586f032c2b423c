import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runCase, type VectorCase } from '../../src/cli/vectors/run-case.ts'

// Selections from reference files whose `source` names the peers that computed them.
const FOLDER = new URL('reference/', import.meta.url)

for (const file of readdirSync(FOLDER)) {
  const cases = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as VectorCase[]
  describe(file.replace('.json', ''), () => {
    test.each(cases)('$name', (reference) => {
      expect(runCase(reference)).toEqual({ name: reference.name, outcome: 'passed', details: [], remarks: [] })
    })
  })
}

describe('the comparison with a reference', () => {
  const reference: VectorCase = {
    name: 'three of ten',
    input: { kind: 'single_proportion', n: 10, conversions: 3, levels: [0.95] } as VectorCase['input'],
    expected: { rate: 0.3 },
  }

  test.each([
    [{ rate: 0.30001 }, 'failed'],
    [{ rate: null }, 'failed'],
    [{ error: 'invalid_input' }, 'failed'],
    [{ unheard_of: 1 }, 'skipped'],
    [{ rate: { value: 0.3 } }, 'failed'],
    [{ toString: 1 }, 'skipped'],
    [{ rate: 0.3 }, 'passed'],
  ])('%o is %s', (expected, outcome) => {
    expect(runCase({ ...reference, expected }).outcome).toBe(outcome)
  })

  test('names got and expected', () => {
    expect(runCase({ ...reference, expected: { rate: 0.4 } }).details).toEqual(['rate: got 0.3, expected 0.4'])
  })

  test('holds the reason of a null against the given one', () => {
    const empty = { ...reference, input: { ...reference.input, n: 0, conversions: 0 } as VectorCase['input'] }
    const expected = { rate: null, reasons: { rate: 'zero_variance' } }
    expect(runCase({ ...empty, expected }).remarks).toEqual(['rate: the reason is no_units, given as zero_variance'])
  })

  test.each([
    [{ kind: 'tea_leaves' }, 'no method answers the kind "tea_leaves"'],
    [{ kind: 'constructor' }, 'no method answers the kind "constructor"'],
    [{ kind: 'function', fn: 'tea_leaves', points: [] }, 'no method offers the function "tea_leaves"'],
    [
      { kind: 'group_sequential', design: 'tea', information_fractions: [1], alpha: 0.05 },
      'no method offers the design "tea"',
    ],
    [{ kind: 'group_sequential_monitor', design: 'OF', looks: [] }, 'no method offers the monitored design "OF"'],
  ])('skips %o and says why', (input, reason) => {
    expect(runCase({ ...reference, input })).toMatchObject({ outcome: 'skipped', details: [reason] })
  })

  test.each([
    null,
    3,
    'three of ten',
    [],
    { name: 'a' },
    { ...reference, input: null },
    { ...reference, expected: 'x' },
  ])('fails %o, which is no case', (broken) => {
    expect(runCase(broken)).toMatchObject({
      outcome: 'failed',
      details: ['is not a case: input and expected must be objects'],
    })
  })

  test.each([
    { ...reference.input, levels: null },
    { kind: 'welch' },
    { kind: 'msprt', looks: 'all' },
    { kind: 'function', fn: 'erfc', points: [null] },
  ])('fails the input %o, which does not fit its kind', (input) => {
    expect(runCase({ ...reference, input }).details).toEqual([
      expect.stringMatching(/^the input does not fit its kind: /),
    ])
  })

  test('reads infinities as words', () => {
    const input = {
      kind: 'function',
      fn: 't_cdf',
      points: [
        { x: 0, df: 'Infinity' },
        { x: '-Infinity', df: 3 },
      ],
    }
    expect(runCase({ ...reference, input, expected: { values: [0.5, 0] } }).outcome).toBe('passed')
  })

  test('needs no tolerance, and heeds none that is broken', () => {
    expect(runCase({ ...reference, tolerance: null }).outcome).toBe('passed')
  })

  test.each([
    { kind: 'group_sequential', design: 'asOF', information_fractions: [], alpha: 0.05 },
    { kind: 'group_sequential', design: 'P', information_fractions: [], alpha: 0.05 },
    { kind: 'mean_mde', sd_control: -1, sd_treatment: 1, n_control: 9, n_treatment: 9, alpha: 0.05, power: 0.8 },
    { kind: 'mean_mde', sd_control: 1, sd_treatment: 1, n_control: 0, n_treatment: 9, alpha: 0.05, power: 0.8 },
  ])('impossible input is rejected: %j', (input) => {
    expect(runCase({ name: 'none', input, expected: { error: 'invalid_input' } }).outcome).toBe('passed')
  })
})
