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

describe('cloneExperiment', () => {
  test('copies the design into a draft with its own seed, without overrides, epochs and results', async () => {
    const source = await bench.experiment('source', {
      hypothesis: 'More',
      tags: ['a'],
      targeting: { country: 'DE' },
      trafficBasisPoints: 4_000,
      timeZone: 'Europe/Berlin',
      plannedDurationDays: 14,
      analysis: { alpha: 0.1 },
      start: true,
    })
    const input = { experimentKey: 'source' }
    await bench.done('setOverride', { ...input, unitId: 'qa', variantKey: 'control' })
    await bench.done('completeExperiment', { ...input, winnerVariantKey: 'treatment' })
    const clone = await bench.done('cloneExperiment', { ...input, key: 'copy' })
    const fresh = { key: 'copy', status: 'DRAFT', startedAt: null, endedAt: null, winner: null, version: 1 }
    expect(clone).toMatchObject({ ...fresh, overrides: [], epochs: [] })
    for (const part of [
      'name',
      'hypothesis',
      'tags',
      'targeting',
      'trafficBasisPoints',
      'timeZone',
      'plannedDurationDays',
      'analysis',
    ]) {
      expect(clone[part]).toEqual(source[part])
    }
    const shape = ({ id: _id, ...variant }: { id: string }) => variant
    expect(clone.variants.map(shape)).toEqual(source.variants.map(shape))
    expect(clone.metrics).toEqual([
      { role: 'PRIMARY', nonInferiorityMargin: null, metricVersion: null, metric: { key: 'source-converted' } },
    ])
    expect(clone.seed).not.toBe(source.seed)
    expect(clone.variants[0].id).not.toBe(source.variants[0].id)
    expect((await bench.done('startExperiment', { experimentKey: 'copy' })).status).toBe('RUNNING')
  })

  test('takes new texts, and leaves the other as it was', async () => {
    const source = await bench.experiment('texts', { hypothesis: 'Old', description: 'Old' })
    const clone = await bench.done('cloneExperiment', {
      experimentKey: 'texts',
      key: 'texts-2',
      name: 'New',
      hypothesis: null,
      tags: ['fresh'],
    })
    expect(clone).toMatchObject({ name: 'New', hypothesis: null, description: 'Old', tags: ['fresh'] })
    await bench.done('updateVariant', { experimentKey: 'texts-2', variantKey: 'control', weightBasisPoints: 1 })
    expect(await bench.read('texts')).toEqual(source)
  })

  test('refuses a key that is taken, a key that is none, and an experiment that is not there', async () => {
    await bench.experiment('taken')
    const refused = (input: object) =>
      bench.refused('cloneExperiment', { experimentKey: 'taken', key: 'free', ...input })
    expect(await refused({ key: 'taken' })).toBe('KEY_TAKEN')
    expect(await refused({ key: 'a b' })).toBe('KEY_INVALID')
    expect(await refused({ experimentKey: 'nowhere' })).toBe('EXPERIMENT_NOT_FOUND')
    expect(await bench.read('free')).toBeNull()
  })
})

describe('deleteExperiment', () => {
  test('is refused while it is running or paused', async () => {
    await bench.experiment('live', { start: true })
    expect(await bench.refused('deleteExperiment', { experimentKey: 'live' })).toBe('EXPERIMENT_RUNNING')
    await bench.done('pauseExperiment', { experimentKey: 'live' })
    expect(await bench.refused('deleteExperiment', { experimentKey: 'live' })).toBe('EXPERIMENT_RUNNING')
    expect((await bench.read('live')).status).toBe('PAUSED')
  })

  test('hides it everywhere, and its key is never used again', async () => {
    const gone = await bench.experiment('gone', { start: true })
    await bench.done('cancelExperiment', { experimentKey: 'gone' })
    await bench.done('deleteExperiment', { experimentKey: 'gone' })
    expect(await bench.read('gone')).toBeNull()
    const seen = await bench.query(
      `query ($id: ID!, $ids: [ID!]!) {
        experiment(id: $id) { key } node(id: $id) { id } nodes(ids: $ids) { id }
        experiments(filter: { text: "gone" }) { totalCount }
      }`,
      { id: gone.id, ids: [gone.id, gone.variants[0].id] },
    )
    expect(seen).toEqual({ experiment: null, node: null, nodes: [null, null], experiments: { totalCount: 0 } })
    for (const mutation of ['updateExperiment', 'deleteExperiment', 'startExperiment']) {
      expect(await bench.refused(mutation, { experimentKey: 'gone' })).toBe('EXPERIMENT_NOT_FOUND')
    }
    expect(await bench.refused('createExperiment', { key: 'gone', name: 'Again' })).toBe('KEY_TAKEN')
    await bench.experiment('template')
    expect(await bench.refused('cloneExperiment', { experimentKey: 'template', key: 'gone' })).toBe('KEY_TAKEN')
  })

  test('lets a draft go', async () => {
    await bench.experiment('idea')
    await bench.done('deleteExperiment', { experimentKey: 'idea' })
    expect(await bench.read('idea')).toBeNull()
  })
})

describe('node and nodes', () => {
  test('find experiments, variants and metrics by their ids, in the order of the ids, and nothing of others', async () => {
    const own = await bench.experiment('mine')
    const other = await Workbench.open(server)
    const foreign = await other.experiment('theirs')
    const QUERY = `query ($ids: [ID!]!) { nodes(ids: $ids) {
      id __typename ... on Experiment { key } ... on Variant { key experiment { key } } ... on Metric { key }
    } }`
    const metricId = (await bench.query('{ metric(key: "mine-converted") { id } }')).metric.id
    const ids = [own.variants[1].id, foreign.id, own.id, 'garbage', metricId, foreign.variants[0].id, own.id]
    const { nodes } = await bench.query(QUERY, { ids })
    expect(nodes).toEqual([
      { id: ids[0], __typename: 'Variant', key: 'treatment', experiment: { key: 'mine' } },
      null,
      { id: own.id, __typename: 'Experiment', key: 'mine' },
      null,
      { id: metricId, __typename: 'Metric', key: 'mine-converted' },
      null,
      { id: own.id, __typename: 'Experiment', key: 'mine' },
    ])
    const { node } = await other.query('query ($id: ID!) { node(id: $id) { id } }', { id: own.id })
    expect(node).toBeNull()
  })
})

test('nothing of another organization is changed', async () => {
  const before = await bench.experiment('walled')
  const other = await Workbench.open(server)
  const input = { experimentKey: 'walled' }
  const changes: Array<[string, object]> = [
    ['updateExperiment', { name: 'Mine now' }],
    ['deleteExperiment', {}],
    ['startExperiment', {}],
    ['pauseExperiment', {}],
    ['resumeExperiment', {}],
    ['completeExperiment', {}],
    ['cancelExperiment', {}],
    ['cloneExperiment', { key: 'stolen' }],
    ['updateAllocation', { trafficBasisPoints: 0 }],
    ['addVariant', { variant: { key: 'c', weightBasisPoints: 0 } }],
    ['updateVariant', { variantKey: 'control', name: 'Mine' }],
    ['removeVariant', { variantKey: 'control' }],
    ['addExperimentMetric', { metricKey: 'walled-converted', role: 'PRIMARY' }],
    ['updateExperimentMetric', { metricKey: 'walled-converted', role: 'GUARDRAIL' }],
    ['removeExperimentMetric', { metricKey: 'walled-converted' }],
    ['setOverride', { unitId: 'u', variantKey: 'control' }],
    ['removeOverride', { unitId: 'u' }],
  ]
  for (const [mutation, part] of changes) {
    expect([mutation, await other.refused(mutation, { ...input, ...part })]).toEqual([mutation, 'EXPERIMENT_NOT_FOUND'])
  }
  expect(await bench.read('walled')).toEqual(before)
})
