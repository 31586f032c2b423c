import { readFileSync } from 'node:fs'
import { parse, print, visit } from 'graphql'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Subscriber } from '../support/subscriber.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

/** What clients type first: these operations stay valid and keep their meaning. */
const operations = operationsOf(readFileSync(new URL('./contract.graphql', import.meta.url), 'utf8'))

let server: TestServer
let key: string

beforeAll(async () => {
  server = await startTestServer()
  key = (await server.organization()).adminKey
})
afterAll(() => server.stop())

const run = (name: string, variables: Record<string, unknown> = {}) =>
  server.graphql(key, operations.get(name)!, variables)

describe('the operations that must run as written', () => {
  it('go from a draft to a verdict', async () => {
    for (const input of [
      { key: 'retention_7', name: 'Day 7', kind: 'PROPORTION', eventName: 'retention_7', direction: 'INCREASE' },
      { key: 'rounds', name: 'Rounds', kind: 'MEAN', eventName: 'rounds', aggregate: 'SUM' },
    ]) {
      expect((await run('CreateMetric', { input })).createMetric.metric).toMatchObject({
        key: input.key,
        kind: input.kind,
      })
    }
    const created = await run('CreateExperiment', {
      input: {
        key: 'gate',
        name: 'Gate 30 or 40',
        hypothesis: 'Later is better.',
        trafficBasisPoints: 10_000,
        assignmentAlgorithm: 'HASH',
        variants: [
          { key: 'gate_30', name: 'Gate at 30', isControl: true, weightBasisPoints: 5_000, config: { level: 30 } },
          { key: 'gate_40', name: 'Gate at 40', weightBasisPoints: 5_000, config: { level: 40 } },
        ],
        metrics: [
          { metricKey: 'retention_7', role: 'PRIMARY' },
          { metricKey: 'rounds', role: 'SECONDARY' },
        ],
        plannedDurationDays: 14,
        analysis: {
          decisionMethod: 'ALWAYS_VALID',
          alpha: 0.05,
          minimumSampleSize: 100,
          plannedSampleSize: 90_000,
          minimumDetectableEffect: 0.01,
        },
      },
    })
    expect(created.createExperiment.experiment).toMatchObject({ key: 'gate', status: 'DRAFT' })
    expect((await run('StartExperiment', { key: 'gate' })).startExperiment.experiment.status).toBe('RUNNING')
    const { assign } = await run('Assign', { experimentKey: 'gate', unitId: 'u1', attributes: { country: 'DE' } })
    expect(assign).toMatchObject({ experimentKey: 'gate', unitId: 'u1', reason: 'ASSIGNED' })
    expect(assign.label).toBe(`gate:${assign.variant.key}`)
    const { evaluate } = await run('Evaluate', { unitId: 'u1' })
    expect(evaluate).toEqual([expect.objectContaining({ reason: 'STICKY', variant: assign.variant })])
    const { recordExposures } = await run('RecordExposures', {
      exposures: [{ experimentKey: 'gate', variantKey: 'gate_30', unitId: 'u2', context: { country: 'DE' } }],
    })
    expect(recordExposures).toEqual({ accepted: 1, duplicates: 0, rejected: [] })
    const { trackEvents } = await run('TrackEvents', {
      events: [
        {
          idempotencyKey: 'e1',
          unitId: 'u2',
          name: 'retention_7',
          value: 1,
          properties: { a: 1 },
          units: [{ type: 'device', id: 'd1' }],
        },
      ],
    })
    expect(trackEvents).toEqual({ accepted: 1, duplicates: 0, rejected: [] })
    const { experiment } = await run('Results', { key: 'gate' })
    expect(experiment).toMatchObject({ progress: { fraction: expect.any(Number) }, results: { exposedUnits: 2 } })
    const page = await run('Experiments', { first: 10, filter: { status: ['RUNNING'] } })
    expect(page.experiments).toMatchObject({ totalCount: 1, pageInfo: { hasNextPage: false } })
  })

  it('push live results', async () => {
    const client = createClient({
      url: server.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${key}` },
    })
    const subscriber = new Subscriber((sink) =>
      client.subscribe({ query: operations.get('LiveResults')!, variables: { key: 'gate' } }, sink),
    )
    const { data } = await subscriber.first()
    const { experiment } = await run('Results', { key: 'gate' })
    expect(data.experimentResults.id).toBe(experiment.results.id)
    await client.dispose()
  })

  it('complete with a winner', async () => {
    const { completeExperiment } = await run('CompleteExperiment', { key: 'gate', winner: 'gate_40' })
    expect(completeExperiment.experiment).toMatchObject({ status: 'COMPLETED', winner: { key: 'gate_40' } })
  })
})

/** By name, each with the fragments that it spreads. */
function operationsOf(text: string): Map<string, string> {
  const document = parse(text)
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === 'FragmentDefinition' ? [[one.name.value, one] as const] : [])),
  )
  return new Map(
    document.definitions.flatMap((one) => {
      if (one.kind !== 'OperationDefinition') return []
      const spread = new Set<string>()
      visit(one, { FragmentSpread: ({ name }) => void spread.add(name.value) })
      return [
        [one.name!.value, [one, ...[...spread].map((name) => fragments.get(name)!)].map(print).join('\n')] as const,
      ]
    }),
  )
}
