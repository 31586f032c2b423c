import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

let server: TestServer
let bench: Workbench
beforeAll(async () => {
  server = await startTestServer()
  bench = await Workbench.open(server)
})
afterAll(() => server?.stop())

describe('createExperiment', () => {
  test('fills in the defaults', async () => {
    const experiment = await bench.done('createExperiment', { key: 'bare', name: 'Bare' })
    expect(experiment).toMatchObject({
      key: 'bare',
      name: 'Bare',
      hypothesis: null,
      tags: [],
      status: 'DRAFT',
      unitType: 'user',
      assignmentAlgorithm: 'HASH',
      trafficBasisPoints: 10_000,
      targeting: null,
      timeZone: 'UTC',
      localEvaluation: false,
      plannedDurationDays: null,
      version: 1,
      variants: [],
      metrics: [],
      overrides: [],
      epochs: [],
      progress: null,
      analysis: {
        decisionMethod: 'ALWAYS_VALID',
        alpha: 0.05,
        minimumSampleSize: 100,
        plannedSampleSize: null,
        minimumDetectableEffect: null,
      },
    })
    expect(experiment.seed).toHaveLength(12)
    expect(experiment.createdBy).toMatch(/^key:\d+$/)
  })

  const minimal = { key: 'never', name: 'Never' }
  const refusals: Array<[string, object, string, string[]]> = [
    ['an empty key', { key: '' }, 'KEY_INVALID', ['key']],
    ['a key with a space', { key: 'a b' }, 'KEY_INVALID', ['key']],
    ['a key of 65 characters', { key: 'k'.repeat(65) }, 'KEY_INVALID', ['key']],
    ['an empty name', { name: '' }, 'BAD_USER_INPUT', ['name']],
    ['U+0000 in a text', { hypothesis: 'a\u0000b' }, 'TEXT_INVALID', ['hypothesis']],
    ['half of a surrogate pair', { description: '\ud800' }, 'TEXT_INVALID', ['description']],
    ['21 tags', { tags: Array.from({ length: 21 }, (_, tag) => `t${tag}`) }, 'BAD_USER_INPUT', ['tags']],
    ['a repeated tag', { tags: ['a', 'a'] }, 'BAD_USER_INPUT', ['tags', '1']],
    ['a unit type with a space', { unitType: 'a b' }, 'UNIT_TYPE_INVALID', ['unitType']],
    ['traffic above everything', { trafficBasisPoints: 10_001 }, 'BAD_USER_INPUT', ['trafficBasisPoints']],
    ['a condition that is none', { targeting: { age: { $between: [1, 2] } } }, 'TARGETING_INVALID', ['targeting']],
    ['a schema that is none', { configSchema: { type: 'nothing' } }, 'CONFIG_SCHEMA_INVALID', ['configSchema']],
    ['a time zone that is none', { timeZone: 'Mars/Olympus' }, 'TIME_ZONE_INVALID', ['timeZone']],
    ['alpha of 1', { analysis: { alpha: 1 } }, 'BAD_USER_INPUT', ['analysis', 'alpha']],
    ['a duration of 0 days', { plannedDurationDays: 0 }, 'BAD_USER_INPUT', ['plannedDurationDays']],
    [
      'a negative weight',
      { variants: [{ key: 'a', weightBasisPoints: -1 }] },
      'BAD_USER_INPUT',
      ['variants', '0', 'weightBasisPoints'],
    ],
  ]
  test.each(refusals)('refuses %s', async (_name, part, code, path) => {
    expect(await bench.mutate('createExperiment', { ...minimal, ...part })).toMatchObject({
      __typename: 'InputError',
      code,
      path,
    })
    expect(await bench.read('never')).toBeNull()
  })

  test('takes time zones by names that the server and PostgreSQL understand alike', async () => {
    const create = async (timeZone: string) => {
      const key = `zone-${timeZone.replace(/[^A-Za-z]/g, '-')}`
      const answer = await bench.mutate('createExperiment', { key, name: 'Zone', timeZone })
      return answer.experiment?.timeZone ?? answer.code
    }
    const known = [
      'UTC',
      'GMT',
      'Europe/Berlin',
      'Asia/Calcutta',
      'America/Argentina/Buenos_Aires',
      'Etc/GMT+5',
      'Japan',
    ]
    expect(await Promise.all(known.map(create))).toEqual(known)
    // PostgreSQL knows these as abbreviations, with the same offset in summer and in winter, or not at all.
    const abbreviations = ['PST', 'IST', 'BST', 'ART', 'ACT', 'AST', 'CST', 'JST', 'CET', 'WET', 'EST']
    const unknown = [...abbreviations, 'SystemV/EST5', 'EST5', '+05:00', 'utc', 'europe/berlin', '']
    expect(await Promise.all(unknown.map(create))).toEqual(unknown.map(() => 'TIME_ZONE_INVALID'))
  })

  test('refuses two variants of one key, an unknown metric and a metric named twice', async () => {
    const variants = [1, 2].map(() => ({ key: 'same', weightBasisPoints: 5_000 }))
    expect(await bench.refused('createExperiment', { ...minimal, variants })).toBe('VARIANT_KEY_TAKEN')
    const metrics = [{ metricKey: 'nowhere', role: 'PRIMARY' }]
    expect(await bench.refused('createExperiment', { ...minimal, metrics })).toBe('METRIC_NOT_FOUND')
    expect(await bench.refused('createExperiment', { ...minimal, metrics: [...metrics, ...metrics] })).toBe(
      'METRIC_REPEATED',
    )
    expect(await bench.read('never')).toBeNull()
  })

  test('takes each key once in an organization, and the same key in another', async () => {
    await bench.experiment('twice')
    expect(await bench.mutate('createExperiment', { key: 'twice', name: 'Twice' })).toMatchObject({
      __typename: 'ConflictError',
      code: 'KEY_TAKEN',
      currentVersion: null,
    })
    const other = await Workbench.open(server)
    expect((await other.experiment('twice')).key).toBe('twice')
  })
})

describe('a draft', () => {
  test('changes in every part', async () => {
    await bench.experiment('open')
    const changes = {
      name: 'Opened',
      hypothesis: 'More',
      tags: ['a', 'b'],
      plannedDurationDays: 7,
      unitType: 'device',
      assignmentAlgorithm: 'RANDOM',
      configSchema: { type: 'object' },
      timeZone: 'Europe/Berlin',
    }
    const analysis = { alpha: 0.1, plannedSampleSize: 500 }
    const changed = await bench.done('updateExperiment', { experimentKey: 'open', ...changes, analysis })
    expect(changed).toMatchObject({ ...changes, analysis: { ...analysis, minimumSampleSize: 100 }, version: 2 })
    const cleared = { hypothesis: null, plannedDurationDays: null, configSchema: null }
    expect(
      await bench.done('updateExperiment', { experimentKey: 'open', ...cleared, analysis: { alpha: null } }),
    ).toMatchObject({ ...cleared, name: 'Opened', analysis: { alpha: 0.05, plannedSampleSize: 500 }, version: 3 })
  })

  test('takes, changes and gives away variants', async () => {
    await bench.experiment('variants')
    const input = { experimentKey: 'variants' }
    const added = await bench.done('addVariant', { ...input, variant: { key: 'third', weightBasisPoints: 0 } })
    expect(added.variants.map(({ key }: { key: string }) => key)).toEqual(['control', 'treatment', 'third'])
    expect(await bench.refused('addVariant', { ...input, variant: { key: 'third', weightBasisPoints: 0 } })).toBe(
      'VARIANT_KEY_TAKEN',
    )
    await bench.done('setOverride', { ...input, unitId: 'qa', variantKey: 'control' })
    const removed = await bench.done('removeVariant', { ...input, variantKey: 'control' })
    expect(removed).toMatchObject({ variants: [{ key: 'treatment' }, { key: 'third' }], overrides: [] })
    const change = { name: 'Three', isControl: true, weightBasisPoints: 5_000, config: { size: 3 } }
    const changed = await bench.done('updateVariant', { ...input, variantKey: 'third', ...change })
    expect(changed.variants[1]).toMatchObject(change)
    for (const mutation of ['updateVariant', 'removeVariant']) {
      expect(await bench.refused(mutation, { ...input, variantKey: 'control' })).toBe('VARIANT_NOT_FOUND')
    }
    expect((await bench.done('startExperiment', input)).status).toBe('RUNNING')
  })

  test('takes, changes and gives away metrics', async () => {
    await bench.experiment('metrics')
    await bench.seed.metric({ key: 'extra', kind: 'MEAN' })
    const input = { experimentKey: 'metrics', metricKey: 'extra' }
    const added = await bench.done('addExperimentMetric', { ...input, role: 'SECONDARY' })
    expect(added.metrics).toMatchObject([{ role: 'PRIMARY' }, { role: 'SECONDARY', metric: { key: 'extra' } }])
    expect(await bench.refused('addExperimentMetric', { ...input, role: 'GUARDRAIL' })).toBe('METRIC_REPEATED')
    const changed = await bench.done('updateExperimentMetric', { ...input, role: 'GUARDRAIL' })
    expect(changed.metrics[1].role).toBe('GUARDRAIL')
    expect((await bench.done('removeExperimentMetric', input)).metrics).toHaveLength(1)
    expect(await bench.refused('removeExperimentMetric', input)).toBe('METRIC_NOT_FOUND')
    expect(await bench.refused('addExperimentMetric', { ...input, metricKey: 'nowhere', role: 'PRIMARY' })).toBe(
      'METRIC_NOT_FOUND',
    )
  })
})

describe('a config schema', () => {
  const configSchema = {
    type: 'object',
    properties: { size: { type: 'integer', minimum: 1 } },
    required: ['size'],
    additionalProperties: false,
  }
  const variants = (size: unknown) => [
    { key: 'control', isControl: true, weightBasisPoints: 5_000, config: { size: 1 } },
    { key: 'treatment', weightBasisPoints: 5_000, config: { size } },
  ]

  test('is held by every config: at creation, on change, and when the schema changes', async () => {
    expect(
      await bench.refused('createExperiment', { key: 'sized', name: 'Sized', configSchema, variants: variants(0) }),
    ).toBe('CONFIG_INVALID')
    await bench.experiment('sized', { configSchema, variants: variants(2) })
    const input = { experimentKey: 'sized' }
    const answer = await bench.mutate('updateVariant', { ...input, variantKey: 'treatment', config: { size: 'big' } })
    expect(answer).toMatchObject({ __typename: 'RuleError', code: 'CONFIG_INVALID' })
    expect(answer.message).toContain('/size must be integer')
    const oversized = { key: 'c', weightBasisPoints: 0, config: { size: 1, colour: 'red' } }
    expect(await bench.refused('addVariant', { ...input, variant: oversized })).toBe('CONFIG_INVALID')
    const stricter = { ...configSchema, properties: { size: { const: 1 } } }
    expect(await bench.refused('updateExperiment', { ...input, configSchema: stricter })).toBe('CONFIG_INVALID')
    expect(await bench.done('startExperiment', input)).toMatchObject({ status: 'RUNNING', configSchema })
  })
})

describe('a started experiment', () => {
  for (const status of ['RUNNING', 'PAUSED', 'COMPLETED']) {
    test(`${status}: keeps its design and changes its texts`, async () => {
      const key = `kept-${status}`
      const before = await bench.experiment(key, { start: true })
      await bench.seed.metric({ key: `${key}-extra`, kind: 'MEAN' })
      const input = { experimentKey: key }
      if (status === 'PAUSED') await bench.done('pauseExperiment', input)
      if (status === 'COMPLETED') await bench.done('completeExperiment', input)
      const metric = { metricKey: `${key}-converted` }
      const refused: Array<[string, object]> = [
        ['updateExperiment', { unitType: 'device' }],
        ['updateExperiment', { assignmentAlgorithm: 'RANDOM' }],
        ['updateExperiment', { configSchema: { type: 'object' } }],
        ['updateExperiment', { timeZone: 'Europe/Berlin' }],
        ['updateExperiment', { localEvaluation: true }],
        ['updateExperiment', { analysis: { alpha: 0.1 } }],
        ['updateExperiment', { name: 'Half', analysis: { minimumSampleSize: 1 } }],
        ['addVariant', { variant: { key: 'late', weightBasisPoints: 0 } }],
        ['updateVariant', { variantKey: 'control', weightBasisPoints: 1 }],
        ['updateVariant', { variantKey: 'control', isControl: false }],
        ['updateVariant', { variantKey: 'control', config: { a: 1 } }],
        ['removeVariant', { variantKey: 'treatment' }],
        ['addExperimentMetric', { metricKey: `${key}-extra`, role: 'SECONDARY' }],
        ['updateExperimentMetric', { ...metric, role: 'SECONDARY' }],
        ['removeExperimentMetric', metric],
      ]
      for (const [mutation, part] of refused) {
        expect([mutation, part, await bench.refused(mutation, { ...input, ...part })]).toEqual([
          mutation,
          part,
          'ONLY_IN_DRAFT',
        ])
      }
      const texts = { name: 'New name', hypothesis: 'H', description: 'D', tags: ['t'], plannedDurationDays: 30 }
      expect(await bench.done('updateExperiment', { ...input, ...texts, unitType: 'user' })).toMatchObject(texts)
      await bench.done('updateVariant', { ...input, variantKey: 'control', name: 'Old', description: 'As it was' })
      const after = await bench.read(key)
      expect(after.variants[0]).toMatchObject({ name: 'Old', description: 'As it was' })
      expect(after).toMatchObject({ analysis: before.analysis, metrics: before.metrics, epochs: before.epochs })
    })
  }
})
