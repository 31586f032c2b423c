import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LogAggregates } from '../../../src/modules/ingestion/log-aggregates.ts'
import { storedAggregates } from '../../support/aggregate-cells.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const REBUILD = `mutation ($key: String!) { rebuildExperiment(input: { experimentKey: $key }) {
  __typename
  ... on RebuildExperimentSuccess { experiment { key } checks { kind checked differing } }
  ... on Error { code message }
} }`

let server: TestServer
let owner: Client
let bench: Workbench
beforeAll(async () => {
  server = await startTestServer()
  owner = new Client(server.database.owner)
  await owner.connect()
})
afterAll(async () => {
  await owner?.end()
  await server?.stop()
})

beforeEach(async () => {
  bench = await Workbench.open(server)
  await bench.experiment('live', {
    assignmentAlgorithm: 'THOMPSON',
    metrics: [
      { key: 'bought', kind: 'PROPORTION' },
      { key: 'spent', kind: 'MEAN' },
      { key: 'slowest', kind: 'QUANTILE', eventName: 'spent', quantile: 0.9 },
    ],
    start: true,
  })
  await bench.seed.arms('live', [
    { variantKey: 'control', units: 20, events: { bought: { units: 5 }, spent: { units: 4, value: 2.5 } } },
    { variantKey: 'treatment', units: 20, events: { bought: { units: 8 }, spent: { units: 6, value: 0.1 } } },
  ])
})

const rebuild = async (key = 'live') => (await bench.query(REBUILD, { key })).rebuildExperiment
const differing = (checks: Array<{ kind: string; differing: number }>) =>
  Object.fromEntries(checks.filter((check) => check.differing > 0).map((check) => [check.kind, check.differing]))
const stored = async () => Object.fromEntries(await storedAggregates(server.database, bench.seed.keys.organizationId))
/** Damages rows behind the server's back. */
const damage = (statement: string) => owner.query(statement, [bench.seed.keys.organizationId])

describe('rebuildExperiment', () => {
  test('checks every row and finds nothing where nothing is wrong', async () => {
    const before = await stored()
    expect(await rebuild()).toEqual({
      __typename: 'RebuildExperimentSuccess',
      experiment: { key: 'live' },
      checks: [
        { kind: 'UNIT_TOTAL', checked: 33, differing: 0 },
        { kind: 'UNIT_VALUES', checked: 10, differing: 0 },
        { kind: 'DAILY_EXPOSURE', checked: 2, differing: 0 },
        { kind: 'DAILY_METRIC', checked: 6, differing: 0 },
        { kind: 'DAILY_WEIGHTED', checked: 6, differing: 0 },
        { kind: 'VALUE_HISTOGRAM', checked: 2, differing: 0 },
        { kind: 'EVENT_SERIES', checked: 6, differing: 0 },
      ],
    })
    expect(await stored()).toEqual(before)
  })

  const damages: Array<[string, string, Record<string, number>]> = [
    [
      'a sum that is off by the last digit',
      'update daily_metric set xx = xx + 1e-12 where organization_id = $1',
      { DAILY_METRIC: 6 },
    ],
    ['a row that is gone', 'delete from event_series where organization_id = $1', { EVENT_SERIES: 6 }],
    [
      'a row that belongs nowhere',
      'insert into daily_exposure select organization_id, experiment_id, 0, 9, day, variant_id, slot, 1, 0, 0, 0 from daily_exposure where organization_id = $1',
      { DAILY_EXPOSURE: 2 },
    ],
    ['a wrong weight', 'update daily_weighted set wwxy = 7 where organization_id = $1', { DAILY_WEIGHTED: 6 }],
    [
      'a unit that is credited too much',
      'update unit_total set numerator = numerator + 1 where organization_id = $1',
      { UNIT_TOTAL: 33 },
    ],
    [
      'a unit that is credited in another variant',
      'update unit_total set epoch = 2 where organization_id = $1',
      { UNIT_TOTAL: 33 },
    ],
    [
      'a value of a unit in the wrong bucket',
      'update unit_values set buckets = array[7] where organization_id = $1',
      { UNIT_VALUES: 10 },
    ],
    [
      'a bucket that is off by one',
      'update value_histogram set nh = nh + 1 where organization_id = $1',
      { VALUE_HISTOGRAM: 2 },
    ],
    [
      'an event that was never credited',
      "update event set name = 'bought' where organization_id = $1 and name = 'spent'",
      { UNIT_TOTAL: 30, UNIT_VALUES: 10, DAILY_METRIC: 4, DAILY_WEIGHTED: 4, VALUE_HISTOGRAM: 2, EVENT_SERIES: 6 },
    ],
  ]
  test.each(damages)('finds %s, once', async (_name, statement, found) => {
    const before = await stored()
    await damage(statement)
    const version = async () =>
      (await bench.query('{ experiment(key: "live") { results { version } } }')).experiment.results.version
    const versionBefore = await version()
    const { checks } = await rebuild()
    expect(differing(checks)).toEqual(found)
    const changesAggregates = Object.keys(found).some((kind) => !kind.startsWith('UNIT_'))
    expect((await version()) > versionBefore).toBe(changesAggregates)
    expect(differing((await rebuild()).checks)).toEqual({})
    if (changesAggregates && !('UNIT_TOTAL' in found)) expect(await stored()).toEqual(before)
  })

  test('reads sums as 0 whose squares are nearer to 0 than any float8', async () => {
    await damage("update event set value = 1e-170 where organization_id = $1 and name = 'spent'")
    expect(differing((await rebuild()).checks)).toMatchObject({ DAILY_METRIC: 2, DAILY_WEIGHTED: 2 })
    const { organizationId } = bench.seed.keys
    const { id } = (await server.platform.definitions.byKey(organizationId, 'live'))!
    const [stands] = await server.platform.aggregates.of(organizationId, [id])
    expect(stands!.metrics.filter(({ x }) => x > 0 && x < 1)).toMatchObject([
      { x: 4e-170, xx: 0, weighted: { wwxx: 0 } },
      { x: 6e-170, xx: 0, weighted: { wwxx: 0 } },
    ])
    const log = new LogAggregates(server.platform.pool)
    const request = { experimentId: id, strata: [] }
    const fromLog = await log.before(organizationId, request, server.platform.clock(), { statementMs: 60_000 })
    expect(fromLog!.metrics).toEqual(expect.arrayContaining(stands!.metrics))
    const { experiment } = await bench.query('{ experiment(key: "live") { results { exposedUnits } } }')
    expect(experiment.results.exposedUnits).toBe(40)
  })

  test('waits for what is being taken in, and what comes meanwhile waits for it', async () => {
    const track = (call: number) =>
      bench.query('mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }', {
        input: {
          events: Array.from({ length: 50 }, (_, index) => ({
            idempotencyKey: `${call}:${index}`,
            unitId: `live:control:${index % 20}`,
            name: 'spent',
            value: 1,
          })),
        },
      })
    const answers = await Promise.all([0, 1, 2, 3, 4, 5].flatMap((call) => [track(call), rebuild()]))
    for (const answer of answers) if (answer.checks) expect(differing(answer.checks)).toEqual({})
    expect(differing((await rebuild()).checks)).toEqual({})
  })

  test('is refused for what never started, for others and for keys that may not', async () => {
    await bench.experiment('draft', { metrics: [], useMetrics: ['bought'] })
    expect(await rebuild('draft')).toMatchObject({ __typename: 'NotFoundError', code: 'EXPERIMENT_NOT_FOUND' })
    const other = await Workbench.open(server)
    expect((await other.query(REBUILD, { key: 'live' })).rebuildExperiment.code).toBe('EXPERIMENT_NOT_FOUND')
    const { errors } = await server.send(bench.seed.keys.serverKey, REBUILD, { key: 'live' })
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('npm run rebuild', () => {
  const run = promisify(execFile)
  const command = (...args: string[]) =>
    run(process.execPath, ['--import', 'tsx', 'src/cli/rebuild.ts', ...args], {
      env: { ...process.env, ASSAY_URL: server.url, ASSAY_API_KEY: bench.seed.keys.adminKey },
    }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      ({ code, stdout, stderr }) => ({ code, text: stdout + stderr }),
    )

  test('prints each kind of row, and ends with 2 when something differed', async () => {
    const whole = await command('--experiment', 'live')
    expect(whole.code).toBe(0)
    expect(whole.text).toMatch(/UNIT_TOTAL\s+33 checked\s+0 differing/)
    await damage('delete from event_series where organization_id = $1')
    const broken = await command('--experiment', 'live')
    expect(broken).toMatchObject({ code: 2, text: expect.stringMatching(/EVENT_SERIES\s+6 checked\s+6 differing/) })
    expect(await command('--experiment', 'nowhere')).toEqual({
      code: 1,
      text: 'rebuild: No started experiment has the key nowhere.\n',
    })
  })
})
