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

  test('skips a kind that no method answers', () => {
    expect(runCase({ ...reference, input: { kind: 'tea_leaves' } }).outcome).toBe('skipped')
  })
})
