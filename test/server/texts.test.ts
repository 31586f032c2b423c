import { isObjectType } from 'graphql'
import { type Client, createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createSchema } from '../../src/server/schema.ts'
import type { Operation } from '../support/every-operation.ts'
import { argumentsWith, everyText, textsOf } from '../support/every-text.ts'
import { FURNISHABLE, type FurnishedOrganization, furnishOrganization } from '../support/furnished-organization.ts'
import { Subscriber } from '../support/subscriber.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

/** Operations that reject the items of a batch one by one. */
const BATCHES = new Set(['recordExposures', 'trackEvents', 'reportRolloutHealth', 'recordRolloutExposures'])
/** Only looked at to decide about the unit. */
const NOT_STORED = 'recordRolloutExposures input.exposures.attributes'
const ROOTS = new Set(['Query', 'Mutation', 'Subscription'])

const schema = createSchema()
let server: TestServer
let organization: FurnishedOrganization
let socket: Client
beforeAll(async () => {
  server = await startTestServer(FURNISHABLE)
  organization = await furnishOrganization(server, 'ours')
  socket = createClient({
    url: server.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${organization.seed.keys.adminKey}` },
  })
})
afterAll(async () => {
  await socket.dispose()
  await server.stop()
})

async function ask({ kind, query, variables }: Operation): Promise<string> {
  const { adminKey } = organization.seed.keys
  if (kind !== 'subscription') return JSON.stringify(await server.send(adminKey, query, variables))
  const subscriber = new Subscriber((sink) => socket.subscribe({ query, variables }, sink))
  return JSON.stringify([await subscriber.ended, subscriber.seen])
}

describe.each([
  ['U+0000', 'a\u0000b'],
  ['a lone surrogate', '\ud800'],
])('%s', (_name, text) => {
  it('is refused in every text of every operation by the name of its field, in batches by item', async () => {
    const operations = everyText(schema, organization.values, text)
    expect(operations.length).toBeGreaterThan(150)
    for (const operation of operations) {
      const answer = await ask(operation)
      const place = `${operation.name} ${operation.path.join('.')}`
      const what = `${place}: ${answer}`
      expect(answer, what).not.toContain('INTERNAL_SERVER_ERROR')
      if (place === NOT_STORED) continue
      if (BATCHES.has(operation.name)) {
        expect(answer, what).toContain('"rejected":[{"code":"')
      } else {
        expect(answer, what).toContain('"code":"TEXT_INVALID"')
        const named = operation.path.filter((name) => name !== 'input').join('.')
        expect(answer.replaceAll(/\.\d+/g, ''), what).toContain(`"message":"${named} holds `)
      }
    }
  })

  it('is refused in the arguments of every other field', () => {
    const fields = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && !ROOTS.has(type.name))
      .flatMap((type) => Object.values((isObjectType(type) && type.getFields()) || {}))
    const texts = fields.flatMap((field) => textsOf(field).map((path) => ({ field, path })))
    expect(texts.length).toBeGreaterThan(5)
    for (const { field, path } of texts) {
      const args = argumentsWith(field, {}, path, text)
      expect(() => field.resolve?.({}, args, {}, {} as never), `${field.name} ${path.join('.')}`).toThrow(
        expect.objectContaining({ code: 'TEXT_INVALID' }),
      )
    }
  })
})

describe('a time', () => {
  it.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
    '%s is stored, or refused for a reason',
    async (time) => {
      const operations = everyText(schema, organization.values, time, ['DateTime'])
      expect(operations.length).toBeGreaterThan(15)
      for (const operation of operations) {
        const answer = await ask(operation)
        const what = `${operation.name} ${operation.path.join('.')}: ${answer}`
        expect(answer, what).not.toMatch(/INTERNAL_SERVER_ERROR|"Variable/)
      }
    },
  )

  it.each(['0000-01-01T00:00:00Z', '+010000-01-01T00:00:00Z'])('%s is refused everywhere', async (time) => {
    for (const operation of everyText(schema, organization.values, time, ['DateTime'])) {
      const answer = await ask(operation)
      expect(answer, `${operation.name} ${operation.path.join('.')}: ${answer}`).toContain('"code":"BAD_USER_INPUT"')
    }
  })

  it('at the beginning of the first year can be the start of an experiment, in any time zone', async () => {
    const { seed } = organization
    await seed.experiment({ key: 'ancient', startedAt: '0001-01-01T00:00:00Z', timeZone: 'America/New_York' })
    const query = '{ experiment(key: "ancient") { startedAt progress { fraction } results { exposedUnits } } }'
    const { experiment } = await server.graphql(seed.keys.adminKey, query)
    expect(experiment).toMatchObject({ startedAt: '0001-01-01T00:00:00.000Z', results: { exposedUnits: 0 } })
  })
})
