import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const CREATE = `mutation ($input: CreateMetricInput!) {
  createMetric(input: $input) {
    __typename
    ... on CreateMetricSuccess { metric { id key name kind version definition { ...Definition } } }
    ... on Error { code message }
    ... on InputError { path }
  }
}
fragment Definition on MetricDefinition {
  kind eventName aggregate filters { property operator value }
  denominator { eventName aggregate filters { property operator value } }
  netOfDenominator direction conversionWindowHours capPerUnit
}`

const UPDATE = `mutation ($input: UpdateMetricInput!) {
  updateMetric(input: $input) {
    __typename
    ... on UpdateMetricSuccess { metric { key name description version definition { eventName conversionWindowHours } versions { version definition { eventName conversionWindowHours } } } }
    ... on ConflictError { code message currentVersion }
    ... on Error { code message }
  }
}`

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server?.stop())

async function admin() {
  const { adminKey } = await server.organization()
  const run = (query: string, variables?: Record<string, unknown>) => server.graphql(adminKey, query, variables)
  return {
    run,
    create: async (input: object) => (await run(CREATE, { input })).createMetric,
    update: async (input: object) => (await run(UPDATE, { input })).updateMetric,
  }
}

describe('createMetric', () => {
  test('answers the definition as it was given, with the defaults filled in', async () => {
    const { create } = await admin()
    const { metric } = await create({
      key: 'revenue',
      name: 'Revenue',
      kind: 'MEAN',
      eventName: 'purchase',
      filters: [
        { property: 'country', operator: 'IN', value: ['DE', 'AT'] },
        { property: 'amount', operator: 'GREATER_THAN', value: 0.5 },
      ],
      conversionWindowHours: 72,
      capPerUnit: 1000,
    })
    expect(metric).toEqual({
      id: expect.any(String),
      key: 'revenue',
      name: 'Revenue',
      kind: 'MEAN',
      version: 1,
      definition: {
        kind: 'MEAN',
        eventName: 'purchase',
        aggregate: 'SUM',
        filters: [
          { property: 'country', operator: 'IN', value: ['DE', 'AT'] },
          { property: 'amount', operator: 'GREATER_THAN', value: 0.5 },
        ],
        denominator: null,
        netOfDenominator: false,
        direction: 'INCREASE',
        conversionWindowHours: 72,
        capPerUnit: 1000,
      },
    })
  })

  test('keeps both sides of a RATIO', async () => {
    const { create } = await admin()
    const { metric } = await create({
      key: 'ctr',
      name: 'CTR',
      kind: 'RATIO',
      eventName: 'click',
      aggregate: 'COUNT',
      denominatorEventName: 'impression',
      denominatorAggregate: 'COUNT',
      denominatorFilters: [{ property: 'placement', operator: 'EQUALS', value: 'top' }],
    })
    expect(metric.definition).toMatchObject({
      eventName: 'click',
      aggregate: 'COUNT',
      denominator: {
        eventName: 'impression',
        aggregate: 'COUNT',
        filters: [{ property: 'placement', operator: 'EQUALS', value: 'top' }],
      },
    })
  })

  test('refuses a key that is taken', async () => {
    const { create } = await admin()
    const input = { key: 'signup', name: 'Sign-ups', kind: 'PROPORTION', eventName: 'signup' }
    await create(input)
    expect(await create(input)).toEqual({
      __typename: 'ConflictError',
      code: 'KEY_TAKEN',
      message: 'The key signup is in use by another metric.',
    })
  })

  const base = { key: 'm', name: 'M', eventName: 'e' }
  test.each([
    [{ ...base, kind: 'RATIO' }, 'METRIC_DEFINITION_INVALID', ['denominatorEventName']],
    [{ ...base, kind: 'MEAN', denominatorEventName: 'd' }, 'METRIC_DEFINITION_INVALID', ['denominatorEventName']],
    [{ ...base, kind: 'PROPORTION', aggregate: 'SUM' }, 'METRIC_DEFINITION_INVALID', ['aggregate']],
    [{ ...base, kind: 'PROPORTION', capPerUnit: 2 }, 'METRIC_DEFINITION_INVALID', ['capPerUnit']],
    [{ ...base, kind: 'COUNT', aggregate: 'SUM' }, 'METRIC_DEFINITION_INVALID', ['aggregate']],
    [{ ...base, kind: 'MEAN', netOfDenominator: true }, 'METRIC_DEFINITION_INVALID', ['netOfDenominator']],
    [
      { ...base, kind: 'MEAN', filters: [{ property: 'p', operator: 'IN', value: 'DE' }] },
      'METRIC_DEFINITION_INVALID',
      ['filters', '0', 'value'],
    ],
    [
      { ...base, kind: 'MEAN', filters: [{ property: 'p', operator: 'LESS_THAN', value: '3' }] },
      'METRIC_DEFINITION_INVALID',
      ['filters', '0', 'value'],
    ],
    [
      { ...base, kind: 'MEAN', filters: [{ property: 'p', operator: 'EQUALS', value: { a: 1 } }] },
      'METRIC_DEFINITION_INVALID',
      ['filters', '0', 'value'],
    ],
    [{ ...base, kind: 'MEAN', conversionWindowHours: 0 }, 'BAD_USER_INPUT', ['conversionWindowHours']],
    [{ ...base, kind: 'MEAN', capPerUnit: -1 }, 'BAD_USER_INPUT', ['capPerUnit']],
    [{ ...base, kind: 'MEAN', capPerUnit: 1e-300 }, 'BAD_USER_INPUT', ['capPerUnit']],
    [{ ...base, kind: 'MEAN', eventName: '' }, 'EVENT_NAME_INVALID', ['eventName']],
    [{ ...base, kind: 'MEAN', eventName: 'x'.repeat(201) }, 'EVENT_NAME_INVALID', ['eventName']],
    [{ ...base, kind: 'MEAN', name: 'a\u0000b' }, 'TEXT_INVALID', ['name']],
    [{ ...base, kind: 'MEAN', name: 'a\ud800b' }, 'TEXT_INVALID', ['name']],
    [{ ...base, kind: 'MEAN', name: ' ' }, 'BAD_USER_INPUT', ['name']],
    [{ ...base, kind: 'MEAN', key: 'a b' }, 'KEY_INVALID', ['key']],
  ])('refuses %j with %s', async (input, code, path) => {
    const { create } = await admin()
    const answer = await create(input)
    expect(answer).toMatchObject({ __typename: 'InputError', code, path })
    expect(answer.message.length).toBeGreaterThan(20)
  })
})

describe('updateMetric', () => {
  test('makes a new version of another definition, and none of other texts', async () => {
    const { create, update } = await admin()
    await create({ key: 'signup', name: 'Sign-ups', kind: 'PROPORTION', eventName: 'signup' })
    const renamed = await update({ metricKey: 'signup', name: 'New accounts', description: 'Counted once.' })
    expect(renamed.metric).toMatchObject({ name: 'New accounts', description: 'Counted once.', version: 1 })
    const same = await update({ metricKey: 'signup', eventName: 'signup', conversionWindowHours: null })
    expect(same.metric.version).toBe(1)
    const changed = await update({ metricKey: 'signup', conversionWindowHours: 24, expectedVersion: 1 })
    expect(changed.metric).toMatchObject({
      name: 'New accounts',
      version: 2,
      definition: { eventName: 'signup', conversionWindowHours: 24 },
      versions: [
        { version: 2, definition: { eventName: 'signup', conversionWindowHours: 24 } },
        { version: 1, definition: { eventName: 'signup', conversionWindowHours: null } },
      ],
    })
    const cleared = await update({ metricKey: 'signup', conversionWindowHours: null })
    expect(cleared.metric).toMatchObject({ version: 3, definition: { conversionWindowHours: null } })
  })

  test('holds the new definition to the rules of its kind', async () => {
    const { create, update } = await admin()
    await create({ key: 'signup', name: 'Sign-ups', kind: 'PROPORTION', eventName: 'signup' })
    expect(await update({ metricKey: 'signup', capPerUnit: 3 })).toMatchObject({ code: 'METRIC_DEFINITION_INVALID' })
    expect(await update({ metricKey: 'signup', eventName: null })).toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(await update({ metricKey: 'signup', name: null })).toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(await update({ metricKey: 'nothing', name: 'x' })).toMatchObject({ code: 'METRIC_NOT_FOUND' })
  })

  test('of two changes to the same version, one is refused and none is lost', async () => {
    const { create, update } = await admin()
    await create({ key: 'signup', name: 'Sign-ups', kind: 'PROPORTION', eventName: 'signup' })
    const answers = await Promise.all(
      [1, 2, 3, 4].map((hours) => update({ metricKey: 'signup', conversionWindowHours: hours, expectedVersion: 1 })),
    )
    expect(answers.filter((answer) => answer.__typename === 'UpdateMetricSuccess')).toHaveLength(1)
    for (const refused of answers.filter((answer) => answer.__typename !== 'UpdateMetricSuccess')) {
      expect(refused).toMatchObject({ __typename: 'ConflictError', code: 'VERSION_CONFLICT', currentVersion: 2 })
    }
  })
})

const STEPS = `
mutation Archive($key: String!) { archiveMetric(input: { metricKey: $key }) { ... on ArchiveMetricSuccess { metric { archivedAt } } ... on Error { code } } }
mutation Unarchive($key: String!) { unarchiveMetric(input: { metricKey: $key }) { ... on UnarchiveMetricSuccess { metric { archivedAt } } ... on Error { code } } }
mutation Delete($key: String!) { deleteMetric(input: { metricKey: $key }) { ... on DeleteMetricSuccess { deletedId metricKey } ... on Error { code message } } }
`
const step = (name: string) => STEPS.split('\n').find((line) => line.includes(`mutation ${name}`))!

describe('archiveMetric, unarchiveMetric, deleteMetric', () => {
  test('an archived metric keeps its time until it comes back', async () => {
    const { create, run } = await admin()
    await create({ key: 'signup', name: 'Sign-ups', kind: 'PROPORTION', eventName: 'signup' })
    const first = (await run(step('Archive'), { key: 'signup' })).archiveMetric.metric.archivedAt
    expect(first).toMatch(/Z$/)
    expect((await run(step('Archive'), { key: 'signup' })).archiveMetric.metric.archivedAt).toBe(first)
    expect((await run(step('Unarchive'), { key: 'signup' })).unarchiveMetric.metric.archivedAt).toBeNull()
  })

  test('an unused metric is deleted with all its versions, and its key is free again', async () => {
    const { create, update, run } = await admin()
    const { metric } = await create({ key: 'signup', name: 'Sign-ups', kind: 'PROPORTION', eventName: 'signup' })
    await update({ metricKey: 'signup', eventName: 'registered' })
    const { deleteMetric } = await run(step('Delete'), { key: 'signup' })
    expect(deleteMetric).toEqual({ deletedId: metric.id, metricKey: 'signup' })
    expect((await run('{ metric(key: "signup") { key } }')).metric).toBeNull()
    expect((await run(step('Delete'), { key: 'signup' })).deleteMetric.code).toBe('METRIC_NOT_FOUND')
    const again = await create({ key: 'signup', name: 'Sign-ups', kind: 'COUNT', eventName: 'signup' })
    expect(again.metric).toMatchObject({ kind: 'COUNT', version: 1 })
  })

  test('a metric that an experiment uses is not deleted', async () => {
    const { create, run } = await admin()
    await create({ key: 'signup', name: 'Sign-ups', kind: 'PROPORTION', eventName: 'signup' })
    await run(
      `mutation { createExperiment(input: { key: "e", name: "E", metrics: [{ metricKey: "signup", role: PRIMARY }] }) { __typename } }`,
    )
    expect((await run(step('Delete'), { key: 'signup' })).deleteMetric).toEqual({
      code: 'METRIC_IN_USE',
      message: 'The metric signup is used by an experiment or a rollout; archive it instead.',
    })
    expect((await run('{ metric(key: "signup") { versions { version } } }')).metric.versions).toHaveLength(1)
  })
})
