import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ImportBench } from '../support/import-bench.ts'

let imports: ImportBench
beforeAll(async () => {
  imports = await ImportBench.open()
})
afterAll(() => imports?.close())

/** 200 players each: 40 and 60 of them came back; every player of variant b played a tenth of a round more than one before. */
function players(): string[] {
  return ['a', 'b'].flatMap((variant) =>
    Array.from({ length: 200 }, (_, index) => {
      const cameBack = index < (variant === 'a' ? 40 : 60)
      return `${variant}-${index},${variant},${cameBack ? 'TRUE' : 'FALSE'},${variant === 'a' ? index : index / 10},${index % 3}`
    }),
  )
}

const OPTIONS = ['--unit', 'userid', '--variant', 'version', '--control', 'a', '--batch', '64']
const METRICS = ['--metric', 'came_back:proportion', '--metric', 'rounds:mean', '--metric', 'visits:count']
const HEADER = 'userid,version,came_back,rounds,visits'

describe('npm run import', () => {
  test('brings every unit in, to the last digit, and changes nothing when it is run again', async () => {
    const file = imports.fileOf('players.csv', [HEADER, ...players()], '\r\n')
    const args = ['--experiment', 'gate', ...OPTIONS, ...METRICS, file]
    const first = await imports.importAsProcess(...args)
    expect(first.code).toBe(0)
    expect(first.out).toContain('exposures: 400 accepted, 0 known already')
    const after = await imports.results('gate')
    expect(after).toMatchObject({ status: 'RUNNING', results: { exposedUnits: 400 } })
    const shown = after.results.metrics.map(
      ({ metric, variants }: { metric: { key: string }; variants: Array<{ units: number; total: number }> }) => [
        metric.key,
        ...variants.map(({ units, total }) => [units, total]),
      ],
    )
    expect(shown).toEqual([
      ['came_back', [200, 40], [200, 60]],
      ['rounds', [200, 19_900], [200, 1_990]],
      ['visits', [200, 199], [200, 199]],
    ])
    // statsmodels 0.14: proportions_ztest([60, 40], [200, 200]) is (2.3094010767585034, 0.020921335337794).
    const [{ test: zTest }] = after.results.metrics[0].comparisons
    expect(zTest.statistic).toBeCloseTo(2.3094010767585034, 10)
    expect(zTest.pValue).toBeCloseTo(0.020921335337794, 10)
    expect(first.out).toMatch(/came_back +b +200 +60 +0\.30000 +\+50\.00 % +0\.020921/)

    const second = await imports.importFile(...args)
    expect(second.code).toBe(0)
    expect(second.out).toContain('exposures: 0 accepted, 400 known already')
    expect(second.out).toMatch(/events: +0 accepted/)
    expect((await imports.results('gate')).results).toEqual(after.results)
  })

  test('reports malformed rows with their lines and takes the rest', async () => {
    const rows = [
      'u1,a,true,1,0',
      ',a,true,1,0',
      'u3,a,maybe,1,0',
      'u4,b,true,many,0',
      'u5,b,true,1',
      'u6,b,true,1,1.5',
      `${'x'.repeat(257)},b,true,1,0`,
      'u8,b,true,2,0',
      // As long as a unit id may be.
      `${'y'.repeat(256)},b,true,3,2`,
      'u10,b,true,1e13,1',
      'u11,b,true,-1e12,1',
      'u12,b,true,Infinity,1',
      // Of a unit that is not in yet: its first row was malformed.
      'u4,b,true,4,0',
    ]
    const file = imports.fileOf('broken.csv', [HEADER, ...rows])
    const { code, out, err } = await imports.importAsProcess('--experiment', 'broken', ...OPTIONS, ...METRICS, file)
    expect(code).toBe(0)
    const told = [...err.matchAll(/broken\.csv:(\d+) (.*)/g)].map(([, line, problem]) => [Number(line), problem])
    expect(told).toEqual([
      [3, 'userid is empty.'],
      [4, 'came_back is "maybe", not true, false or a number.'],
      [5, 'rounds is "many", not a number.'],
      [6, 'has 4 fields; the header has 5.'],
      [7, 'visits is "1.5", not a whole number from 0 to 1000.'],
      [8, 'UNIT_ID_INVALID: The unit id has 257 bytes; it takes 1 to 256.'],
      [11, expect.stringContaining('rounds: VALUE_OUT_OF_RANGE: The value is 10000000000000;')],
      [13, expect.stringContaining('rounds: VALUE_OUT_OF_RANGE: The value is Infinity;')],
    ])
    expect(out).toContain('exposures: 5 accepted')
    expect(out).toContain('events:    13 accepted')
    expect(out).toContain('rows left out in whole or in part: 8')
    const { exposedUnits, metrics } = (await imports.results('broken')).results
    expect(exposedUnits).toBe(5)
    expect(metrics[1].variants).toMatchObject([{ units: 1 }, { units: 4, total: 2 + 3 - 1e12 + 4 }])
  })

  test('sends no events of a unit whose exposure the server refuses', async () => {
    const file = imports.fileOf('refused.csv', [HEADER, 'u1,a,true,1,1', 'u2,b,true,2,2', 'u3,b,true,3,1'])
    const args = ['--experiment', 'refused', ...OPTIONS, ...METRICS]
    const none = imports.fileOf('none.csv', [HEADER, 'u1,a,true,1,1', 'u4,b,false,0,0'])
    expect((await imports.importFile(...args, none)).code).toBe(0)
    await imports.bench.query(
      'mutation ($input: SetOverrideInput!) { setOverride(input: $input) { __typename ... on Error { code message } } }',
      { input: { experimentKey: 'refused', variantKey: 'a', unitId: 'u2' } },
    )
    const { code, out, err } = await imports.importFile(...args, file)
    expect(code).toBe(0)
    expect(err).toMatch(/refused\.csv:3 UNIT_OVERRIDDEN: /)
    expect(out).toContain('exposures: 1 accepted, 1 known already')
    expect(out).toContain('events:    3 accepted, 3 known already')
  })

  test('reports a second row of a unit with its line, and nothing of the kind in a second run', async () => {
    const file = imports.fileOf('twice.csv', [
      HEADER,
      'u1,a,true,1,0',
      'u2,b,true,2,0',
      'u2,b,false,5,0',
      'u1,a,true,1,0',
    ])
    const args = ['--experiment', 'twice', ...OPTIONS, ...METRICS, file]
    const told = [
      'twice.csv:4 userid "u2" stands in line 3 already; a unit has one row.',
      'twice.csv:5 userid "u1" stands in line 2 already; a unit has one row.',
    ]
    const first = await imports.importFile(...args)
    for (const line of told) expect(first.err).toContain(line)
    expect(first.out).toContain('exposures: 2 accepted, 0 known already')
    expect(first.out).toContain('events:    4 accepted, 0 known already')
    const after = await imports.results('twice')
    expect(after.results.metrics[1].variants).toMatchObject([{ total: 1 }, { total: 2 }])
    const second = await imports.importFile(...args)
    expect(second.err).toBe(first.err)
    expect(second.out).toContain('exposures: 0 accepted, 2 known already')
    expect((await imports.results('twice')).results).toEqual(after.results)
  })

  test('takes times from a column, and the experiment then started with the first of them', async () => {
    const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString()
    const [first, second] = [day(9), day(2)]
    const file = imports.fileOf('timed.csv', [
      'userid,version,came_back,met',
      `"quoted, ""u1""",a,true,${second}`,
      `u2,b,true,${first}`,
      `u2,a,true,${second}`,
      // Read by the clock of the machine, by a guess, as another day, and as the fifth month of 2001.
      `u3,a,true,${second.slice(0, -1)}`,
      `u4,a,true,${second.replace('T', ' ')}`,
      'u5,a,true,2026-02-30T00:00:00Z',
      'u6,a,true,5',
    ])
    const metric = ['--metric', 'came_back:proportion']
    const { err } = await imports.importFile('--experiment', 'timed', ...OPTIONS, ...metric, '--time', 'met', file)
    expect(err).toContain(
      'timed.csv:4 userid "u2" stands in line 3 already; a unit has one row. This one names another',
    )
    expect(await imports.results('timed')).toMatchObject({
      startedAt: first,
      results: { exposedUnits: 1, health: { multipleVariantUnits: 1 } },
    })
  })

  test('a row that is older than the retention neither starts the experiment nor names a variant', async () => {
    const recent = new Date(Date.now() - 2 * 86_400_000).toISOString()
    const row = (unit: string, variant: string, time: string) => `${unit},${variant},true,${time}`
    const typo = row('u3', 'a', '0206-11-19T10:00:00Z')
    const header = 'userid,version,came_back,met'
    const file = imports.fileOf('typo.csv', [header, row('u1', 'a', recent), row('u2', 'b', recent), typo])
    const args = [...OPTIONS, '--metric', 'came_back:proportion', '--time', 'met']
    const { code, out, err } = await imports.importFile('--experiment', 'typo', ...args, file)
    expect(code).toBe(0)
    expect(err).toContain('typo.csv:4 TIME_PAST_RETENTION: 0206-11-19T10:00:00.000Z lies more than 90 days back')
    expect(out).toContain('exposures: 2 accepted, 0 known already')
    expect(await imports.results('typo')).toMatchObject({ startedAt: recent, results: { exposedUnits: 2 } })

    const old = imports.fileOf('old.csv', [header, typo])
    const refused = await imports.importFile('--experiment', 'old', ...args, old)
    expect(refused.code).toBe(1)
    expect(refused.err).toContain(
      'import: The file has no unit of the control a; its variants are none. Left out is line 2 TIME_PAST_RETENTION: ',
    )
    expect(await imports.results('old')).toBeNull()
  })

  test('a stray quote costs its own row, not the rest of the file; a quoted field may hold line breaks', async () => {
    const file = imports.fileOf('quotes.csv', [
      'userid,version,came_back',
      'u1,a,TRUE',
      'u2,"a,TRUE',
      'u3,"b"x,TRUE',
      '"u,4",b,TRUE',
      '"u',
      '5",b,FALSE',
      '',
      'u6,"b,TRUE',
      'u7,"b,TRUE',
      'u8,b,TRUE',
    ])
    const { code, out, err } = await imports.importFile(
      '--experiment',
      'quotes',
      ...OPTIONS,
      '--metric',
      'came_back:proportion',
      file,
    )
    expect(code).toBe(0)
    expect(out).toContain('exposures: 4 accepted, 0 known already')
    for (const line of [3, 4, 9, 10]) expect(err).toContain(`quotes.csv:${line} `)
  })
})
