import { createClient as createSseClient } from 'graphql-sse'
import { type Client, createClient } from 'graphql-ws'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Seed } from '../../support/seed.ts'
import { Subscriber } from '../../support/subscriber.ts'
import { startTestServer, type TestServer } from '../../support/test-server.ts'

const RESULTS = `subscription ($key: String!) {
  experimentResults(experimentKey: $key) { id version exposedUnits metrics { metric { key } variants { variant { key } total } } }
}`
const CHANGED = 'subscription ($key: String!) { experimentChanged(experimentKey: $key) { key status name } }'

let server: TestServer
let other: TestServer
const clients: Client[] = []

beforeAll(async () => {
  server = await startTestServer()
  other = await startTestServer({ database: server.database })
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose()
})
afterAll(async () => {
  await other.stop()
  await server.stop()
})

function connect(to: TestServer, key: string): Client {
  const client = createClient({
    url: to.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: 0,
  })
  clients.push(client)
  return client
}

function watch(to: TestServer, key: string, query: string, variables: Record<string, unknown>): Subscriber {
  return new Subscriber((sink) => connect(to, key).subscribe({ query, variables }, sink))
}

describe('experimentResults', () => {
  it('gives the present state first, then what came after, on every server of the database', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'live' })
    const near = watch(server, seed.keys.serverKey, RESULTS, { key: 'live' })
    const far = watch(other, seed.keys.serverKey, RESULTS, { key: 'live' })
    const first = await near.first()
    expect(first.data.experimentResults).toMatchObject({ exposedUnits: 0 })
    await far.first()
    await seed.arms('live', [{ variantKey: 'control', units: 10, events: { 'live-converted': { units: 4 } } }])
    for (const subscriber of [near, far]) {
      const seen = await subscriber.until(
        ({ data }) =>
          data.experimentResults.exposedUnits === 10 && data.experimentResults.metrics[0].variants[0].total === 4,
      )
      expect(seen.data.experimentResults.id).toBe(first.data.experimentResults.id)
      const versions = subscriber.seen.map(({ data }) => data.experimentResults.version)
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
    }
  })

  it('is computed at most four times a second, however much happens', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'busy' })
    const subscriber = watch(server, seed.keys.serverKey, RESULTS, { key: 'busy' })
    await subscriber.first()
    const began = performance.now()
    for (let batch = 0; batch < 40; batch++) {
      await server.graphql(
        seed.keys.serverKey,
        'mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted } }',
        { input: { exposures: [{ experimentKey: 'busy', variantKey: 'control', unitId: `u${batch}` }] } },
      )
    }
    await subscriber.until(({ data }) => data.experimentResults.exposedUnits === 40)
    const seconds = (performance.now() - began) / 1_000
    expect(subscriber.seen.length).toBeLessThanOrEqual(2 + Math.ceil(seconds * 4))
  })

  it('begins at once on every server with what another one has just started, in the graph as well', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const seed = await Seed.organization(server)
      const { serverKey } = seed.keys
      await seed.experiment({ key: 'fresh', start: false })
      // From now on the other server knows the organization without it.
      await other.graphql(serverKey, '{ evaluate(unitId: "u") { reason } }')
      await seed.start('fresh')
      const results = '{ experiment(key: "fresh") { status results { exposedUnits } } }'
      const [pushed, read] = await Promise.all([
        watch(other, serverKey, RESULTS, { key: 'fresh' }).first(),
        other.graphql(serverKey, results),
      ])
      expect(pushed.errors).toBeUndefined()
      expect(pushed.data.experimentResults.exposedUnits).toBe(0)
      expect(read.experiment).toEqual({ status: 'RUNNING', results: { exposedUnits: 0 } })
    }
  })

  it('names what is wrong: an unknown experiment, a draft, a missing permission', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'draft', start: false })
    const code = async (key: string, experiment: string) =>
      (await watch(server, key, RESULTS, { key: experiment }).first()).errors?.[0]?.extensions?.code
    expect(await code(seed.keys.serverKey, 'nothing')).toBe('EXPERIMENT_NOT_FOUND')
    expect(await code(seed.keys.serverKey, 'draft')).toBe('EXPERIMENT_NOT_STARTED')
    expect(await code(seed.keys.clientKey, 'draft')).toBe('FORBIDDEN')
  })

  it('tells nothing of another organization', async () => {
    const mine = await Seed.organization(server)
    const theirs = await Seed.organization(server)
    await theirs.experiment({ key: 'theirs' })
    const answer = await watch(server, mine.keys.serverKey, RESULTS, { key: 'theirs' }).first()
    expect(answer.errors?.[0]?.extensions?.code).toBe('EXPERIMENT_NOT_FOUND')
  })

  it('ends when the experiment is deleted', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'gone' })
    const subscriber = watch(server, seed.keys.serverKey, RESULTS, { key: 'gone' })
    await subscriber.first()
    await seed.admin(
      'mutation ($input: CancelExperimentInput!) { cancelExperiment(input: $input) { __typename ... on Error { code message } } }',
      { experimentKey: 'gone' },
    )
    await seed.admin(
      'mutation ($input: DeleteExperimentInput!) { deleteExperiment(input: $input) { __typename ... on Error { code message } } }',
      { experimentKey: 'gone' },
    )
    expect(await subscriber.ended).toMatchObject([{ extensions: { code: 'EXPERIMENT_DELETED' } }])
  })

  it('ends the stream of changes too when the experiment is deleted', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'gone' })
    const subscriber = watch(server, seed.keys.serverKey, CHANGED, { key: 'gone' })
    await subscriber.first()
    for (const step of ['cancel', 'delete']) {
      await seed.admin(
        `mutation ($input: ${step === 'cancel' ? 'Cancel' : 'Delete'}ExperimentInput!) { ${step}Experiment(input: $input) { __typename ... on Error { code message } } }`,
        { experimentKey: 'gone' },
      )
    }
    expect(await subscriber.ended).toMatchObject([{ extensions: { code: 'EXPERIMENT_DELETED' } }])
  })

  it('comes as Server-Sent Events too', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'sse' })
    const client = createSseClient({
      url: `${server.url}/stream`,
      headers: { authorization: `Bearer ${seed.keys.serverKey}` },
      retryAttempts: 0,
    })
    const subscriber = new Subscriber((sink) =>
      client.subscribe({ query: RESULTS, variables: { key: 'sse' } }, sink as never),
    )
    await subscriber.first()
    await seed.arms('sse', [{ variantKey: 'control', units: 3 }])
    await subscriber.until(({ data }) => data.experimentResults.exposedUnits === 3)
    client.dispose()
  })
})

describe('experimentChanged', () => {
  it('tells of status and definition', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'watched', start: false })
    const subscriber = watch(other, seed.keys.serverKey, CHANGED, { key: 'watched' })
    expect((await subscriber.first()).data.experimentChanged).toMatchObject({ status: 'DRAFT', name: 'watched' })
    await seed.admin(
      'mutation ($input: StartExperimentInput!) { startExperiment(input: $input) { __typename ... on Error { code message } } }',
      { experimentKey: 'watched' },
    )
    await subscriber.until(({ data }) => data.experimentChanged.status === 'RUNNING')
    await seed.admin(
      'mutation ($input: UpdateExperimentInput!) { updateExperiment(input: $input) { __typename ... on Error { code message } } }',
      { experimentKey: 'watched', name: 'A better name' },
    )
    await subscriber.until(({ data }) => data.experimentChanged.name === 'A better name')
  })
})

describe('the WebSocket', () => {
  it('fails an operation with a bad document alone, and leaves the others', async () => {
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'solid' })
    const client = connect(server, seed.keys.serverKey)
    const good = new Subscriber((sink) => client.subscribe({ query: RESULTS, variables: { key: 'solid' } }, sink))
    await good.first()
    const bad = new Subscriber((sink) => client.subscribe({ query: 'subscription {' }, sink))
    expect(await bad.ended).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }])
    const unknown = new Subscriber((sink) => client.subscribe({ query: '{ nothing }' }, sink))
    expect(await unknown.ended).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
    await seed.arms('solid', [{ variantKey: 'control', units: 1 }])
    await good.until(({ data }) => data.experimentResults.exposedUnits === 1)
  })

  it('closes with 4401 without a valid key', async () => {
    const subscriber = watch(server, 'nonsense', RESULTS, { key: 'x' })
    expect(await subscriber.ended).toMatchObject({ code: 4401 })
  })

  it('closes with 1001 when the server goes away', async () => {
    const third = await startTestServer({ database: server.database })
    const seed = await Seed.organization(server)
    await seed.experiment({ key: 'leaving' })
    const subscriber = watch(third, seed.keys.serverKey, RESULTS, { key: 'leaving' })
    await subscriber.first()
    await third.stop()
    expect(await subscriber.ended).toMatchObject({ code: 1001 })
  })
})
