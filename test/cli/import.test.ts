import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../support/test-server.ts'
import { Workbench } from '../support/workbench.ts'

const run = promisify(execFile)
const RESULTS = `query ($key: String!) {
  experiment(key: $key) {
    status startedAt
    results {
      exposedUnits
      health { multipleVariantUnits }
      metrics {
        metric { key kind }
        variants { variant { key isControl } units total }
        comparisons { test { statistic pValue } }
      }
    }
  }
}`

let server: TestServer
let bench: Workbench
let folder: string
beforeAll(async () => {
  server = await startTestServer()
  bench = await Workbench.open(server)
  folder = mkdtempSync(join(tmpdir(), 'assay-import-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await server?.stop()
})

function fileOf(name: string, lines: readonly string[], end = '\n'): string {
  const file = join(folder, name)
  writeFileSync(file, lines.join(end) + end)
  return file
}

/** The command as a process; what it prints, and how it ends. */
function importFile(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return run(process.execPath, ['--import', 'tsx', 'src/cli/import.ts', ...args], {
    env: { ...process.env, ASSAY_URL: server.url, ASSAY_API_KEY: bench.seed.keys.adminKey },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr }),
  )
}

const results = async (key: string) => (await bench.query(RESULTS, { key })).experiment

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
    const file = fileOf('players.csv', [HEADER, ...players()], '\r\n')
    const args = ['--experiment', 'gate', ...OPTIONS, ...METRICS, file]
    const first = await importFile(...args)
    expect(first.code).toBe(0)
    expect(first.out).toContain('exposures: 400 accepted, 0 known already')
    const after = await results('gate')
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

    const second = await importFile(...args)
    expect(second.code).toBe(0)
    expect(second.out).toContain('exposures: 0 accepted, 400 known already')
    expect(second.out).toMatch(/events: +0 accepted/)
    expect((await results('gate')).results).toEqual(after.results)
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
    ]
    const file = fileOf('broken.csv', [HEADER, ...rows])
    const { code, out, err } = await importFile('--experiment', 'broken', ...OPTIONS, ...METRICS, file)
    expect(code).toBe(0)
    const told = [...err.matchAll(/broken\.csv:(\d+) (.*)/g)].map(([, line, problem]) => [Number(line), problem])
    expect(told).toEqual([
      [3, 'userid is empty.'],
      [4, 'came_back is "maybe", not true, false or a number.'],
      [5, 'rounds is "many", not a number.'],
      [6, 'has 4 fields; the header has 5.'],
      [7, 'visits is "1.5", not a whole number from 0 to 1000.'],
      [8, expect.stringContaining('UNIT_ID_INVALID')],
    ])
    expect(out).toContain('exposures: 3 accepted')
    expect(out).toContain('events:    8 accepted')
    expect(out).toContain('rows left out in whole or in part: 6')
    expect((await results('broken')).results.exposedUnits).toBe(3)
  })

  test('takes times from a column, and the experiment then started with the first of them', async () => {
    const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString()
    const [first, second] = [day(9), day(2)]
    const file = fileOf('timed.csv', [
      'userid,version,came_back,met',
      `"quoted, ""u1""",a,true,${second}`,
      `u2,b,true,${first}`,
      `u2,a,true,${second}`,
    ])
    const metric = ['--metric', 'came_back:proportion']
    await importFile('--experiment', 'timed', ...OPTIONS, ...metric, '--time', 'met', file)
    expect(await results('timed')).toMatchObject({
      startedAt: first,
      results: { exposedUnits: 1, health: { multipleVariantUnits: 1 } },
    })
  })

  const refusals: Array<[string, string[], string]> = [
    ['a column that is not there', ['--experiment', 'x', '--metric', 'nope:mean'], 'The file has no column nope'],
    ['a kind that is none', ['--experiment', 'x', '--metric', 'rounds:median'], '--metric rounds:median is not'],
    ['no metric', ['--experiment', 'x'], '--metric is missing'],
    ['no experiment', ['--metric', 'rounds:mean'], '--experiment is missing.'],
    [
      'a batch that is too large',
      ['--experiment', 'x', '--metric', 'rounds:mean', '--batch', '5001'],
      '--batch is 5001',
    ],
  ]
  test.each(refusals)('refuses %s in words, and sends nothing', async (_name, args, message) => {
    const file = fileOf('plain.csv', [HEADER, 'u1,a,true,1,0', 'u2,b,true,1,0'])
    const { code, err } = await importFile(...OPTIONS, ...args, file)
    expect(code).toBe(1)
    expect(err).toContain(`import: ${message}`)
    expect((await bench.query('{ experiment(key: "x") { key } }')).experiment).toBeNull()
  })

  test('refuses a control that no unit has, a file that is not there and a key that may not', async () => {
    const file = fileOf('plain.csv', [HEADER, 'u1,a,true,1,0', 'u2,b,true,1,0'])
    const args = ['--experiment', 'y', '--unit', 'userid', '--variant', 'version', '--metric', 'rounds:mean']
    expect((await importFile(...args, '--control', 'c', file)).err).toContain('The file has no unit of the control c')
    expect((await importFile(...args, '--control', 'a', `${file}.gone`)).err).toContain('There is no file')
    const { serverKey } = bench.seed.keys
    expect((await importFile(...args, '--control', 'a', '--key', serverKey, file)).err).toContain(
      'may not metric:write',
    )
  })

  test('names the address at which nothing answers, or something else', async () => {
    const file = fileOf('plain.csv', [HEADER, 'u1,a,true,1,0', 'u2,b,true,1,0'])
    const args = ['--experiment', 'z', ...OPTIONS, '--metric', 'rounds:mean', file]
    const nobody = 'http://127.0.0.1:9/graphql'
    expect((await importFile('--url', nobody, ...args)).err).toContain(`The API at ${nobody} cannot be reached: `)
    const page = createServer((_request, response) => response.end('<html></html>'))
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
    const { port } = page.address() as AddressInfo
    const { err } = await importFile('--url', `http://127.0.0.1:${port}/`, ...args)
    page.close()
    expect(err).toContain(`What answers at http://127.0.0.1:${port}/ is no GraphQL API; its status is 200.`)
  })

  test('a stray quote costs its own row, not the rest of the file; a quoted field may hold line breaks', async () => {
    const file = fileOf('quotes.csv', [
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
    const { code, out, err } = await importFile(
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
