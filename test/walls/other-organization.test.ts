import { createClient } from 'graphql-ws'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createSchema } from '../../src/server/schema.ts'
import { everyOperation, type Values } from '../support/every-operation.ts'
import { Seed } from '../support/seed.ts'
import { Subscriber } from '../support/subscriber.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

/** Stands in every text of organization A, and in nothing that B sends. */
const MARK = 'alpha-only'

/** Once with the filter of the ORM and row-level security, once with row-level security alone. */
describe.each([{ entityFilters: true }, { entityFilters: false }])('with entityFilters: $entityFilters', (options) => {
  let server: TestServer
  let owner: Client
  let a: Seed
  let b: Seed
  let values: Values

  beforeAll(async () => {
    server = await startTestServer(options)
    owner = new Client(server.database.owner)
    await owner.connect()
    a = await Seed.organization(server)
    b = await Seed.organization(server)
    values = await furnish(server, a)
  })
  afterAll(async () => {
    await owner.end()
    await server.stop()
  })

  it('no operation shows or changes anything of another organization', async () => {
    const operations = everyOperation(createSchema(), values)
    expect(operations.length).toBeGreaterThan(50)
    const before = await rowsOf(owner, a.keys.organizationId)
    for (const { name, query, variables } of operations) {
      const text = JSON.stringify(await server.send(b.keys.adminKey, query, variables))
      expect(text, name).not.toContain(MARK)
      expect(text, name).not.toContain('INTERNAL_SERVER_ERROR')
      expect(text, `${name} is not asked as the schema has it`).not.toContain('GRAPHQL_VALIDATION_FAILED')
      expect(text, name).not.toMatch(/"BAD_USER_INPUT".*Variable/)
    }
    expect(await rowsOf(owner, a.keys.organizationId)).toEqual(before)
  })

  it('its own people see what the others do not', async () => {
    const text = JSON.stringify(
      await Promise.all(
        everyOperation(createSchema(), values)
          .filter(({ query }) => query.startsWith('query'))
          .map(({ query, variables }) => server.send(a.keys.adminKey, query, variables)),
      ),
    )
    expect(text).toContain(MARK)
  })

  it.each([
    ['experimentResults', 'experimentKey', 'EXPERIMENT_NOT_FOUND'],
    ['experimentChanged', 'experimentKey', 'EXPERIMENT_NOT_FOUND'],
    ['rolloutUpdates', 'rolloutKey', 'ROLLOUT_NOT_FOUND'],
  ])('%s tells nothing', async (field, argument, code) => {
    const client = createClient({
      url: server.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${b.keys.adminKey}` },
    })
    const query = `subscription ($key: String!) { ${field}(${argument}: $key) { __typename } }`
    const subscriber = new Subscriber((sink) => client.subscribe({ query, variables: { key: values[argument] } }, sink))
    expect((await subscriber.first()).errors?.[0]?.extensions?.code).toBe(code)
    await client.dispose()
  })
})

/** Something of every kind in organization A, and how the arguments of operations name it. */
async function furnish(server: TestServer, a: Seed): Promise<Values> {
  const { adminKey } = a.keys
  await a.experiment({
    key: 'theirs',
    name: `${MARK} experiment`,
    hypothesis: MARK,
    tags: [MARK],
    metrics: [{ key: 'their-metric', name: `${MARK} metric`, kind: 'PROPORTION', description: MARK }],
  })
  await a.arms('theirs', [{ variantKey: 'control', units: 20, events: { 'their-metric': { units: 5 } } }])
  const admin = async (query: string, input: object) =>
    Object.values(await server.graphql(adminKey, query, { input }))[0] as Record<string, { id: string }>
  const { member } = await admin(
    'mutation ($input: AddMemberInput!) { addMember(input: $input) { ... on AddMemberSuccess { member { id } } } }',
    { name: MARK, email: `${MARK}@a.example`, role: 'OWNER' },
  )
  const { apiKey } = await admin(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ... on CreateApiKeySuccess { apiKey { id } } } }',
    { name: MARK, kind: 'SERVER' },
  )
  const { personalToken } = await admin(
    'mutation ($input: CreatePersonalTokenInput!) { createPersonalToken(input: $input) { ... on CreatePersonalTokenSuccess { personalToken { id } } } }',
    { name: MARK, memberId: member!.id },
  )
  await a.admin(
    'mutation ($input: SetOverrideInput!) { setOverride(input: $input) { __typename ... on Error { code message } } }',
    { experimentKey: 'theirs', unitId: 'qa', variantKey: 'control' },
  )
  const { rollout } = await admin(
    'mutation ($input: CreateRolloutInput!) { createRollout(input: $input) { ... on CreateRolloutSuccess { rollout { id } } } }',
    {
      key: 'their-rollout',
      name: `${MARK} rollout`,
      description: MARK,
      versionLabel: 'their-version',
      config: { mark: MARK },
      healthChecks: [{ signal: 'ERROR_RATE' }, { signal: 'METRIC', metricKey: 'their-metric', comparison: 'CONTROL' }],
    },
  )
  await a.admin(
    'mutation ($input: StartRolloutInput!) { startRollout(input: $input) { __typename ... on Error { code message } } }',
    { rolloutKey: 'their-rollout' },
  )
  await server.graphql(
    adminKey,
    'mutation ($input: ReportRolloutHealthInput!) { reportRolloutHealth(input: $input) { accepted } }',
    {
      input: {
        samples: [{ rolloutKey: 'their-rollout', idempotencyKey: 's1', arm: 'TREATMENT', requests: 10, errors: 1 }],
      },
    },
  )
  const { experiment } = await server.graphql(
    adminKey,
    '{ experiment(key: "theirs") { id variants { id } results { id } } }',
  )
  return {
    id: experiment.id,
    ids: [
      rollout!.id,
      experiment.id,
      experiment.variants[0].id,
      experiment.results.id,
      member!.id,
      apiKey!.id,
      personalToken!.id,
    ],
    experimentKey: 'theirs',
    variantKey: 'control',
    metricKey: 'their-metric',
    rolloutKey: 'their-rollout',
    versionLabel: 'their-version',
    memberId: member!.id,
    apiKeyId: apiKey!.id,
    personalTokenId: personalToken!.id,
    unitId: 'theirs:control:1',
  }
}

/** Every row of every table that belongs to the organization, as text. */
async function rowsOf(owner: Client, organizationId: string): Promise<Record<string, string[]>> {
  const { rows: tables } = await owner.query<{ table_name: string }>(
    `select distinct table_name from information_schema.columns
     where table_schema = 'public' and column_name = 'organization_id' order by 1`,
  )
  const dump: Record<string, string[]> = {}
  for (const { table_name } of tables) {
    const { rows } = await owner.query(
      `select t::text as row from ${table_name} t where organization_id = $1 order by 1`,
      [organizationId],
    )
    dump[table_name] = rows.map(({ row }) => row)
  }
  return dump
}
