import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const CASE = {
  name: 'three of ten',
  input: { kind: 'single_proportion', n: 10, conversions: 3, levels: [0.95] },
  expected: { rate: 0.3 },
  tolerance: { rel: 1e-9 },
}

describe('npm run vectors', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vectors-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const file = (name: string, content: string) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  const run = (...files: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/vectors.ts', ...files], { encoding: 'utf8' })

  test('prints passed, failed and skipped per family, each failure with both numbers, and exits with 1', () => {
    const unheard = { ...CASE, name: 'unheard of', input: { kind: 'tea_leaves' } }
    const wrong = { ...CASE, name: 'wrong', expected: { rate: 0.4 } }
    const { status, stdout } = run(file('family.json', JSON.stringify([CASE, wrong, unheard])))
    expect(stdout.split('\n')).toEqual([
      'family: 1 passed, 1 failed, 1 skipped',
      '  failed: wrong',
      '    rate: got 0.3, expected 0.4',
      '  skipped: unheard of',
      '    no method answers the kind "tea_leaves"',
      'total: 1 passed, 1 failed, 1 skipped',
      '',
    ])
    expect(status).toBe(1)
  })

  test('exits with 0 where nothing failed, whatever mark the file begins with', () => {
    const { status, stdout } = run(file('marked.json', `\uFEFF${JSON.stringify([CASE])}`))
    expect([status, stdout]).toEqual([
      0,
      'marked: 1 passed, 0 failed, 0 skipped\ntotal: 1 passed, 0 failed, 0 skipped\n',
    ])
  })

  test('names a file that is none, runs the others, and exits with 1', () => {
    const good = file('good.json', JSON.stringify([CASE]))
    const { status, stdout, stderr } = run(file('broken.json', '{oops'), file('object.json', '{}'), folder, good)
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/broken\.json cannot be read: /),
      expect.stringMatching(/object\.json is not an array of cases\.$/),
      expect.stringMatching(/cannot be read: EISDIR/),
      '',
    ])
    expect(stdout).toContain('good: 1 passed, 0 failed, 0 skipped')
    expect(status).toBe(1)
  })
})
