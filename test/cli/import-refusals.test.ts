import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ImportBench } from '../support/import-bench.ts'

let imports: ImportBench
beforeAll(async () => {
  imports = await ImportBench.open()
})
afterAll(() => imports?.close())

const OPTIONS = ['--unit', 'userid', '--variant', 'version', '--control', 'a', '--batch', '64']
const HEADER = 'userid,version,came_back,rounds,visits'

describe('npm run import', () => {
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
    const file = imports.fileOf('plain.csv', [HEADER, 'u1,a,true,1,0', 'u2,b,true,1,0'])
    const { code, err } = await imports.importFile(...OPTIONS, ...args, file)
    expect(code).toBe(1)
    expect(err).toContain(`import: ${message}`)
    expect((await imports.bench.query('{ experiment(key: "x") { key } }')).experiment).toBeNull()
  })

  test('refuses what does not fit an experiment that is there, in one line, before anything is sent', async () => {
    const file = imports.fileOf('plain.csv', [HEADER, 'u1,a,true,1,0', 'u2,b,true,1,0'])
    const made = ['--metric', 'came_back:proportion', '--metric', 'rounds:mean']
    expect((await imports.importFile('--experiment', 'there', ...OPTIONS, ...made, file)).code).toBe(0)
    const before = await imports.results('there')
    const more = imports.fileOf('more.csv', [HEADER, 'u3,a,true,1,0', 'u4,b,true,1,0', 'u5,c,true,1,0'])
    const enough = imports.fileOf('enough.csv', [
      'userid,version,came_back,rounds,fresh',
      'u3,a,true,1,1',
      'u4,b,true,1,1',
    ])
    const refused: Array<[string[], string]> = [
      [
        ['--metric', 'came_back:proportion', '--metric', 'fresh:mean', enough],
        'The experiment there exists without the metric fresh; its metrics are came_back, rounds.',
      ],
      [['--metric', 'rounds:count', file], 'The metric rounds exists and is of kind MEAN, not COUNT.'],
      [[...made, more], 'The experiment there exists without the variant c of the file; its variants are a, b.'],
      [[...made, '--control', 'b', file], 'The experiment there exists with the control a, not b.'],
    ]
    for (const [args, message] of refused) {
      const { code, out, err } = await imports.importFile('--experiment', 'there', ...OPTIONS, ...args)
      expect({ code, out, err }).toEqual({ code: 1, out: '', err: `import: ${message}\n` })
    }
    expect(await imports.results('there')).toEqual(before)
    expect((await imports.bench.query('{ metric(key: "fresh") { key } }')).metric).toBeNull()
  })

  test('makes nothing where a metric that is there already does not fit', async () => {
    const create =
      'mutation ($input: CreateMetricInput!) { createMetric(input: $input) { __typename ... on Error { code message } } }'
    const metric = (key: string, kind: string, more: object) =>
      imports.bench.query(create, { input: { key, name: key, kind, eventName: key, ...more } })
    await metric('level', 'MEAN', { eventName: 'levels' })
    await metric('levels', 'COUNT', {})
    await metric('paid', 'MEAN', { filters: [{ property: 'currency', operator: 'EQUALS', value: 'EUR' }] })
    const file = imports.fileOf('new.csv', ['userid,version,unseen,level,levels,paid', 'u1,a,1,1,1,1', 'u2,b,1,1,1,1'])
    const refused: Array<[string, string]> = [
      ['level:count', 'The metric level exists and is of kind MEAN, not COUNT.'],
      ['paid:mean', 'The metric paid exists and reads only events with certain properties; a file has none.'],
    ]
    const first = ['--metric', 'unseen:mean']
    for (const [given, message] of refused) {
      const { err } = await imports.importFile('--experiment', 'new', ...OPTIONS, ...first, '--metric', given, file)
      expect(err).toBe(`import: ${message}\n`)
    }
    const both = ['--metric', 'level:mean', '--metric', 'levels:count']
    expect((await imports.importFile('--experiment', 'new', ...OPTIONS, ...first, ...both, file)).err).toBe(
      'import: The metrics level and levels both read events named levels; each would count for both.\n',
    )
    const twice = ['--metric', 'unseen:proportion']
    expect((await imports.importFile('--experiment', 'new', ...OPTIONS, ...first, ...twice, file)).err).toContain(
      'import: --metric names the column unseen twice.\n',
    )
    expect(await imports.bench.query('{ experiment(key: "new") { key } metric(key: "unseen") { key } }')).toEqual({
      experiment: null,
      metric: null,
    })
  })

  test('refuses a control that no unit has, a file that is not there and a key that may not', async () => {
    const file = imports.fileOf('plain.csv', [HEADER, 'u1,a,true,1,0', 'u2,b,true,1,0'])
    const args = ['--experiment', 'y', '--unit', 'userid', '--variant', 'version', '--metric', 'rounds:mean']
    expect((await imports.importFile(...args, '--control', 'c', file)).err).toContain(
      'The file has no unit of the control c',
    )
    expect((await imports.importAsProcess(...args, '--control', 'a', `${file}.gone`)).err).toContain('There is no file')
    const { serverKey } = imports.bench.seed.keys
    const { err } = await imports.importFile(...args, '--control', 'a', '--key', serverKey, file)
    expect(err).toMatch(/^import: .*may not (metric|experiment):write/)
  })

  test('names the address at which nothing answers, or something else', async () => {
    const file = imports.fileOf('plain.csv', [HEADER, 'u1,a,true,1,0', 'u2,b,true,1,0'])
    const args = ['--experiment', 'z', ...OPTIONS, '--metric', 'rounds:mean', file]
    const nobody = 'http://127.0.0.1:9/graphql'
    expect((await imports.importFile('--url', nobody, ...args)).err).toContain(
      `The API at ${nobody} cannot be reached: `,
    )
    const page = createServer((_request, response) => response.end('<html></html>'))
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
    const { port } = page.address() as AddressInfo
    const { err } = await imports.importFile('--url', `http://127.0.0.1:${port}/`, ...args)
    page.close()
    expect(err).toContain(`What answers at http://127.0.0.1:${port}/ is no GraphQL API; its status is 200.`)
  })
})
