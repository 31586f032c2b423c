import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Seed } from '../../support/seed.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

const LOG = `query ($filter: AuditFilter, $first: Int, $after: String) { auditLog(filter: $filter, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  edges { node { id at actor reason action subjectType subjectId rootType rootId rootKey before after } }
} }`

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server?.stop())

interface Entry {
  id: string
  at: string
  actor: string
  reason: string | null
  action: string
  subjectType: string
  subjectId: string
  rootKey: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

async function logOf(bench: Workbench, filter: object = {}, page: object = { first: 100 }) {
  const { auditLog } = await bench.query(LOG, { filter, ...page })
  const entries: Entry[] = auditLog.edges.map(({ node }: { node: Entry }) => node)
  return { totalCount: auditLog.totalCount as number, pageInfo: auditLog.pageInfo, entries }
}

describe('the audit log', () => {
  test('has an entry too for what is changed by SQL alone', async () => {
    const bench = await Workbench.open(server)
    await bench.experiment('by-sql', { start: true })
    await bench.query(
      'mutation { assign(input: { experimentKey: "by-sql", unitId: "u" }) { reason } clearAssignment(input: { experimentKey: "by-sql", unitId: "u" }) { __typename } }',
    )
    await bench.query('mutation { rebuildExperiment(input: { experimentKey: "by-sql" }) { __typename } }')
    const { entries } = await logOf(bench, { rootType: 'Experiment', rootKey: 'by-sql' })
    expect(entries.slice(0, 2)).toMatchObject([
      { action: 'UPDATED', subjectType: 'Aggregates', actor: expect.stringMatching(/^key:/) },
      {
        action: 'DELETED',
        subjectType: 'Assignment',
        subjectId: Buffer.from('Assignment:user:u').toString('base64url'),
        before: { unitId: 'u' },
        after: null,
      },
    ])
  })

  test('has an entry for each changed object, with who, before and after', async () => {
    const bench = await Workbench.open(server)
    const experiment = await bench.experiment('story', { hypothesis: 'Shorter is better.' })
    await bench.done('updateExperiment', { experimentKey: 'story', name: 'Story', tags: ['a'] })
    await bench.done('setOverride', { experimentKey: 'story', unitId: 'qa', variantKey: 'control' })
    await bench.done('removeOverride', { experimentKey: 'story', unitId: 'qa' })
    await bench.done('startExperiment', { experimentKey: 'story' })
    const { entries } = await logOf(bench, { rootType: 'Experiment', rootKey: 'story' })
    expect(entries.map(({ action, subjectType }) => `${action} ${subjectType}`).reverse()).toEqual([
      'CREATED Experiment',
      'CREATED Variant',
      'CREATED Variant',
      'CREATED ExperimentMetric',
      'UPDATED Experiment',
      'CREATED Override',
      'DELETED Override',
      ...entries
        .slice(0, 3)
        .map(({ action, subjectType }) => `${action} ${subjectType}`)
        .reverse(),
    ])
    expect(new Set(entries.slice(0, 3).map(({ action, subjectType }) => `${action} ${subjectType}`))).toEqual(
      new Set(['UPDATED Experiment', 'UPDATED ExperimentMetric', 'CREATED AllocationEpoch']),
    )
    const [created] = entries.filter(({ action }) => action === 'CREATED').slice(-1)
    expect(created).toMatchObject({
      actor: expect.stringMatching(/^key:\d+$/),
      reason: null,
      subjectType: 'Experiment',
      subjectId: experiment.id,
      rootId: experiment.id,
      rootKey: 'story',
      before: null,
      after: { key: 'story', hypothesis: 'Shorter is better.', status: 'DRAFT', analysis: { alpha: 0.05 } },
    })
    expect(entries.find(({ after }) => after?.name === 'Story')).toMatchObject({
      before: { name: 'story', tags: [] },
      after: { name: 'Story', tags: ['a'] },
    })
    expect(entries.find(({ action }) => action === 'DELETED')).toMatchObject({
      before: { unitId: 'qa', experiment: expect.any(Number) },
      after: null,
    })
    expect(entries.find(({ after }) => after?.status === 'RUNNING')).toMatchObject({
      before: { status: 'DRAFT', startedAt: null },
    })
  })

  test('remembers the JSON of before as JSON', async () => {
    const bench = await Workbench.open(server)
    await bench.experiment('plan', { analysis: { alpha: 0.1 }, targeting: { country: 'DE' } })
    await bench.done('updateExperiment', { experimentKey: 'plan', analysis: { alpha: 0.01 } })
    await bench.done('updateAllocation', { experimentKey: 'plan', targeting: null })
    const { entries } = await logOf(bench, { action: ['UPDATED'], subjectType: ['Experiment'] })
    expect(entries).toMatchObject([
      { before: { targeting: { country: 'DE' } }, after: { targeting: null } },
      { before: { analysis: { alpha: 0.1 } }, after: { analysis: { alpha: 0.01 } } },
    ])
  })

  test('keeps a deleted metric with its definitions', async () => {
    const bench = await Workbench.open(server)
    await bench.seed.metric({ key: 'gone', kind: 'MEAN' })
    await bench.seed.admin(
      'mutation ($input: DeleteMetricInput!) { deleteMetric(input: $input) { ... on Error { code message } } }',
      { metricKey: 'gone' },
    )
    const { entries } = await logOf(bench, { rootType: 'Metric', rootKey: 'gone', action: ['DELETED'] })
    expect(entries.map(({ subjectType }) => subjectType).sort()).toEqual(['Metric', 'MetricVersion'])
    expect(entries.find(({ subjectType }) => subjectType === 'MetricVersion')?.before).toMatchObject({
      definition: { numerator: expect.anything() },
    })
  })

  test('never shows a hash', async () => {
    const bench = await Workbench.open(server)
    const { entries } = await logOf(bench, { subjectType: ['Credential'] })
    expect(entries).toHaveLength(3)
    for (const entry of entries) {
      expect(entry).toMatchObject({ action: 'CREATED', actor: 'system', after: { kind: expect.any(String) } })
      expect(Object.keys(entry.after!)).not.toContain('hash')
    }
  })

  test('a change that fails leaves no entry', async () => {
    const bench = await Workbench.open(server)
    await bench.experiment('failing', { variants: [] })
    const { totalCount } = await logOf(bench)
    expect(await bench.refused('startExperiment', { experimentKey: 'failing' })).toBe('TOO_FEW_VARIANTS')
    expect((await logOf(bench)).totalCount).toBe(totalCount)
  })

  test('is filtered by actor, action and time, and paged from the newest back', async () => {
    const bench = await Workbench.open(server)
    await bench.experiment('pages')
    const { entries, totalCount } = await logOf(bench)
    const seen: string[] = []
    let after: string | null = null
    do {
      const page = await logOf(bench, {}, { first: 3, after })
      seen.push(...page.entries.map(({ id }) => id))
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after)
    expect(seen).toEqual(entries.map(({ id }) => id))
    expect(seen).toHaveLength(totalCount)
    const byKey = await logOf(bench, { actor: [entries[0]!.actor] })
    expect(byKey.entries.every(({ actor }) => actor === entries[0]!.actor)).toBe(true)
    expect(byKey.totalCount + (await logOf(bench, { actor: ['system'] })).totalCount).toBe(totalCount)
    expect((await logOf(bench, { to: entries[0]!.at })).totalCount).toBeLessThan(totalCount)
    expect((await logOf(bench, { from: new Date(Date.now() + 60_000).toISOString() })).totalCount).toBe(0)
  })

  test('shows nothing of another organization, and nothing to those who may not read it', async () => {
    const bench = await Workbench.open(server)
    const other = await Seed.organization(server)
    const { entries } = await logOf(bench)
    const { data } = await server.send(
      other.keys.adminKey,
      'query ($id: ID!) { node(id: $id) { id } auditLog { edges { node { id } } } }',
      { id: entries[0]!.id },
    )
    expect(data.node).toBeNull()
    const ids = data.auditLog.edges.map(({ node }: { node: { id: string } }) => node.id)
    expect(entries.filter(({ id }) => ids.includes(id))).toEqual([])
    const refused = await server.send(other.keys.serverKey, '{ auditLog { totalCount } }')
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  test.each(['app', 'owner'] as const)('cannot be changed, not even by the %s of the database', async (role) => {
    const bench = await Workbench.open(server)
    const client = new Client(server.database[role])
    await client.connect()
    try {
      await client.query(`set assay.organization_id = '${bench.seed.keys.organizationId}'`)
      const { rows } = await client.query('select count(*)::int as entries from audit_entry')
      expect(rows[0].entries).toBeGreaterThan(0)
      for (const change of [
        "update audit_entry set actor = 'nobody'",
        'delete from audit_entry',
        'truncate audit_entry',
      ]) {
        await expect(client.query(change)).rejects.toMatchObject({ code: '42501' })
      }
    } finally {
      await client.end()
    }
  })
})
