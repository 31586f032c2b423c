import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type KeyKind,
  type MemberRole,
  type Permission,
  permissionsOf,
} from '../../src/modules/organizations/permissions.ts'
import { createSchema } from '../../src/server/schema.ts'
import { everyOperation, type Operation } from '../support/every-operation.ts'
import { FURNISHABLE, type FurnishedOrganization, furnishOrganization } from '../support/furnished-organization.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const HOLDERS = ['CLIENT', 'SERVER', 'analyst', 'experimenter', 'admin', 'owner', 'ADMIN'] as const
/** Open to everybody, or as open as what the ids name. */
const NEED_NO_PERMISSION_OF_THEIR_OWN = new Set(['viewer', 'node', 'nodes'])

const ADD_MEMBER = `mutation ($input: AddMemberInput!) {
  addMember(input: $input) { ... on AddMemberSuccess { member { id } } ... on Error { code message } }
}`
const CREATE_TOKEN = `mutation ($input: CreatePersonalTokenInput!) {
  createPersonalToken(input: $input) { ... on CreatePersonalTokenSuccess { secret } ... on Error { code message } }
}`

let server: TestServer
let organization: FurnishedOrganization
let operations: Operation[]

beforeAll(async () => {
  server = await startTestServer(FURNISHABLE)
  organization = await furnishOrganization(server, 'ours')
  operations = everyOperation(createSchema(), organization.values).filter(({ kind }) => kind !== 'subscription')
})
afterAll(() => server.stop())

async function secretOf(holder: MemberRole | KeyKind): Promise<string> {
  const { seed } = organization
  const { adminKey, serverKey, clientKey } = seed.keys
  if (holder === 'ADMIN') return adminKey
  if (holder === 'SERVER') return serverKey
  if (holder === 'CLIENT') return clientKey
  const input = { name: holder, email: `${holder}@people.example`, role: holder.toUpperCase() }
  const { member } = (await seed.admin(ADD_MEMBER, input)) as { member: { id: string } }
  const token = (await seed.admin(CREATE_TOKEN, { name: holder, memberId: member.id })) as { secret: string }
  return token.secret
}

/** What the description of an operation says that it needs, where it names something of somebody else. */
function permissionNeeded({ name, description }: Operation): Permission {
  const needed =
    /Needs \S+, for others ([a-z]+:[a-z]+)/.exec(description)?.[1] ?? /Needs ([a-z]+:[a-z]+)/.exec(description)?.[1]
  if (!needed) throw new Error(`The description of ${name} does not say which permission it needs.`)
  return needed as Permission
}

describe.each(HOLDERS)('%s', (holder) => {
  it('is let in exactly where the descriptions say so', async () => {
    const secret = await secretOf(holder)
    const held = permissionsOf(holder)
    const wrong: string[] = []
    for (const operation of operations) {
      if (NEED_NO_PERMISSION_OF_THEIR_OWN.has(operation.name)) continue
      const { errors } = await server.send(secret, operation.query, operation.variables)
      expect(JSON.stringify(errors ?? []), operation.name).not.toMatch(
        /DOCUMENT_TOO_COMPLEX|VALIDATION_FAILED|Variable/,
      )
      const isRefused = (errors ?? []).some(
        ({ path, extensions }) => extensions.code === 'FORBIDDEN' && path?.length === 1,
      )
      const needed = permissionNeeded(operation)
      if (isRefused === held.has(needed))
        wrong.push(`${operation.name} (${needed}): ${isRefused ? 'refused' : 'let in'}`)
    }
    expect(wrong).toEqual([])
  })
})

it('a client key is let in nowhere else than to assign, evaluate or decide, record and track', () => {
  const open = operations
    .filter(({ name }) => !NEED_NO_PERMISSION_OF_THEIR_OWN.has(name))
    .filter((operation) => permissionsOf('CLIENT').has(permissionNeeded(operation)))
  expect(open.map(({ name }) => name).sort()).toEqual([
    'assign',
    'assignAll',
    'assignFirst',
    'evaluate',
    'recordExposures',
    'recordRolloutExposures',
    'rolloutDecision',
    'rolloutDecisionByVersion',
    'rolloutDecisions',
    'trackEvents',
  ])
})

it('nobody reads by its id what they may not read otherwise', async () => {
  const query = 'query ($id: ID!) { node(id: $id) { __typename } }'
  for (const id of organization.values.ids as string[]) {
    const { errors } = await server.send(organization.seed.keys.clientKey, query, { id })
    expect(errors?.[0]?.extensions.code, Buffer.from(id, 'base64url').toString()).toBe('FORBIDDEN')
  }
})
