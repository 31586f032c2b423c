import { createClient } from 'graphql-ws'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createSchema } from '../../src/server/schema.ts'
import { parseGlobalId } from '../../src/shared/global-id.ts'
import { everyOperation, type Operation } from '../support/every-operation.ts'
import { FURNISHABLE, type FurnishedOrganization, furnishOrganization } from '../support/furnished-organization.ts'
import { Seed } from '../support/seed.ts'
import { Subscriber } from '../support/subscriber.ts'
import { type Answer, startTestServer, type TestServer } from '../support/test-server.ts'

/** Stands in every text of organization A, and in nothing that B sends. */
const MARK = 'alpha-only'
const NOT_FOUND = /"(\w+_)?NOT_FOUND"|"UNKNOWN_EXPERIMENT"/
/** Of an operation that came to nothing before it could find anything. */
const NOT_ASKED =
  /INTERNAL_SERVER_ERROR|GRAPHQL_VALIDATION_FAILED|DOCUMENT_TOO_COMPLEX|"BAD_USER_INPUT"[^}]*Variable|"message":"Variable/

/** Operations that name no object of an organization; what they answer and change is the caller's own. */
const NAME_NOTHING = new Set([
  ...['viewer', 'organization', 'members', 'apiKeys', 'personalTokens', 'experiments', 'metrics', 'auditLog'],
  ...['alerts', 'openAlerts', 'rollouts', 'rolloutDecisions', 'createRollout'],
  ...['webhookEndpoints', 'createWebhookEndpoint'],
  ...['planSampleSize', 'planPower', 'planEffect', 'planRunTime'],
  ...['evaluate', 'assignAll', 'assignFirst', 'trackEvents'],
  ...['createExperiment', 'createMetric', 'createMarketingMetrics', 'createApiKey', 'addMember', 'updateOrganization'],
])

const schema = createSchema()

/** Once with the filter of the ORM and row-level security, once with row-level security alone. */
describe.each([{ entityFilters: true }, { entityFilters: false }])('with entityFilters: $entityFilters', (options) => {
  let server: TestServer
  let owner: Client
  let a: FurnishedOrganization
  let operations: Operation[]

  beforeAll(async () => {
    server = await startTestServer({ ...FURNISHABLE, ...options })
    owner = new Client(server.database.owner)
    await owner.connect()
    a = await furnishOrganization(server, MARK)
    operations = everyOperation(schema, a.values)
  })
  afterAll(async () => {
    await owner.end()
    await server.stop()
  })

  it('the ids are of every kind of node', () => {
    const kinds = (a.values.ids as string[]).map((id) => parseGlobalId(id)!.typeName)
    const all = schema.getPossibleTypes(schema.getType('Node') as never).map(({ name }) => name)
    expect(kinds.sort()).toEqual(all.sort())
  })

  it('no operation finds, shows or changes anything of another organization', async () => {
    const b = await Seed.organization(server)
    const before = await rowsOf(owner, a.seed.keys.organizationId)
    for (const operation of operations) {
      const answer = await ask(server, b.keys.adminKey, operation)
      const text = JSON.stringify(answer)
      expect(text, operation.name).not.toContain(MARK)
      expect(text, operation.name).not.toMatch(NOT_ASKED)
      if (!NAME_NOTHING.has(operation.name)) expect(findsNothing(answer), `${operation.name}: ${text}`).toBe(true)
    }
    expect(await rowsOf(owner, a.seed.keys.organizationId)).toEqual(before)
  })

  it('nor one that has objects with the same keys: it meets its own', async () => {
    const b = await furnishOrganization(server, 'beta')
    const { organizationId } = b.seed.keys
    const before = await rowsOf(owner, a.seed.keys.organizationId)
    const ofB = await rowsOf(owner, organizationId)
    for (const operation of operations) {
      const text = JSON.stringify(await ask(server, b.seed.keys.adminKey, operation))
      expect(text, operation.name).not.toContain(MARK)
      expect(text, operation.name).not.toMatch(NOT_ASKED)
    }
    expect(await rowsOf(owner, a.seed.keys.organizationId)).toEqual(before)
    expect(await rowsOf(owner, organizationId)).not.toEqual(ofB)
  })

  it('its own people find with the same operations what the others do not', async () => {
    // What takes something away comes last.
    const order = ({ name }: Operation) => [/^(remove|revoke)/, /^delete/].findIndex((last) => last.test(name))
    let seen = 0
    for (const operation of operations.toSorted((one, other) => order(one) - order(other))) {
      const answer = await ask(server, a.seed.keys.adminKey, operation)
      const text = JSON.stringify(answer)
      if (text.includes(MARK)) seen++
      expect(text, operation.name).not.toMatch(NOT_ASKED)
      if (!NAME_NOTHING.has(operation.name)) expect(findsNothing(answer), `${operation.name}: ${text}`).toBe(false)
    }
    expect(seen).toBeGreaterThan(30)
  })
})

/** Whether nothing was found of what the operation names. */
function findsNothing(answer: Answer): boolean {
  const [data] = Object.values(answer.data ?? {})
  if (NOT_FOUND.test(JSON.stringify(answer))) return true
  return !answer.errors && [data].flat().every((item) => item === null) && [data].flat().length > 0
}

async function ask(server: TestServer, key: string, { kind, query, variables }: Operation): Promise<Answer> {
  if (kind !== 'subscription') return server.send(key, query, variables)
  const client = createClient({
    url: server.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${key}` },
  })
  const subscriber = new Subscriber((sink) => client.subscribe({ query, variables }, sink))
  // The present state, where a subscription gives one, or the refusal; or nothing, until something changes.
  const first = await Promise.race([subscriber.first(), subscriber.ended, settled(server, key)])
  await client.dispose()
  return first as Answer
}

/** An answer to a later request on another connection, for a subscription that has nothing to say yet. */
async function settled(server: TestServer, key: string): Promise<Answer> {
  for (let request = 0; request < 50; request++) await server.send(key, '{ viewer { actor } }')
  return { data: { nothing: 'yet' } }
}

/** Every row of every table that belongs to the organization, as text. */
async function rowsOf(owner: Client, organizationId: string): Promise<Record<string, string[]>> {
  const { rows: tables } = await owner.query<{ table_name: string }>(
    `select distinct table_name from information_schema.columns
     where table_schema = 'public' and column_name = 'organization_id' order by 1`,
  )
  const dump: Record<string, string[]> = {}
  for (const name of ['organization', ...tables.map(({ table_name }) => table_name)]) {
    const { rows } = await owner.query(
      `select t::text as row from "${name}" t where ${name === 'organization' ? 'id' : 'organization_id'} = $1 order by 1`,
      [organizationId],
    )
    dump[name] = rows.map(({ row }) => row)
  }
  return dump
}
