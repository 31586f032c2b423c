import { recomputeResults } from '../../src/server/jobs/recompute-results.ts'
import { createSchema } from '../../src/server/schema.ts'
import { integerKey } from '../../src/shared/global-id.ts'
import { selection } from './every-operation.ts'
import type { SeedExperiment } from './seed.ts'
import type { TestServer } from './test-server.ts'
import { Workbench } from './workbench.ts'

const schema = createSchema()
/** Everything that results say. */
const WHOLE = selection(schema, schema.getType('ExperimentResults') as never, 6, ['Variant', 'Metric'])
const STATE =
  'id asOf status requestedAt requestedBy startedAt finishedAt engineVersion experiment { key } failure { code message }'
const REQUEST = `mutation ($input: RecomputeResultsInput!) { recomputeResults(input: $input) {
  ... on RecomputeResultsSuccess { recomputation { ${STATE} results { id } } }
  ... on Error { __typename code message } ... on InputError { path }
} }`
const RECORD =
  'mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted rejected { code } } }'
const TRACK = 'mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted rejected { code } } }'

const PLATFORMS = ['ios', 'android', 'web']

export interface SeenEvent {
  unitId: string
  name: string
  value?: number
  occurredAt?: Date
}

/** One organization, and short words for asking for its results as of a moment. */
export class RecomputationBench {
  readonly bench: Workbench
  readonly #server: TestServer
  #events = 0

  private constructor(server: TestServer, bench: Workbench) {
    this.#server = server
    this.bench = bench
  }

  static async open(server: TestServer): Promise<RecomputationBench> {
    return new RecomputationBench(server, await Workbench.open(server))
  }

  get organizationId(): string {
    return this.bench.seed.keys.organizationId
  }

  async started(key: string, design: Omit<SeedExperiment, 'key'> = {}): Promise<void> {
    await this.bench.experiment(key, { start: true, ...design })
  }

  /** Units that come from three platforms in turn. */
  async expose(experimentKey: string, variantKey: string, units: readonly string[], occurredAt?: Date): Promise<void> {
    const context = (index: number) => ({ platform: PLATFORMS[index % PLATFORMS.length] })
    const exposures = units.map((unitId, index) => ({
      experimentKey,
      variantKey,
      unitId,
      occurredAt,
      context: context(index),
    }))
    const { recordExposures } = await this.bench.query(RECORD, { input: { exposures } })
    if (recordExposures.accepted !== units.length) throw new Error(JSON.stringify(recordExposures))
  }

  async track(events: readonly SeenEvent[]): Promise<void> {
    const input = { events: events.map((event) => ({ idempotencyKey: `e${this.#events++}`, ...event })) }
    const { trackEvents } = await this.bench.query(TRACK, { input })
    if (trackEvents.accepted !== events.length) throw new Error(JSON.stringify(trackEvents))
  }

  /** The answer of the mutation: `recomputation`, or a failure with its code. */
  async ask(experimentKey: string, asOf: Date, key = this.bench.seed.keys.adminKey) {
    const variables = { input: { experimentKey, asOf: asOf.toISOString() } }
    return (await this.#server.graphql(key, REQUEST, variables)).recomputeResults
  }

  /** Asks for one that must be taken. @returns its id */
  async asked(experimentKey: string, asOf: Date): Promise<string> {
    const { recomputation, code, message } = await this.ask(experimentKey, asOf)
    if (!recomputation) throw new Error(`${code}: ${message}`)
    return recomputation.id
  }

  /** One turn of its job, on the server or on another one beside it. */
  turn(id: string, { signal, on = this.#server }: { signal?: AbortSignal; on?: TestServer } = {}): Promise<void> {
    const payload = { recomputationId: integerKey(id, 'ResultsRecomputation')! }
    return recomputeResults(on.platform, { organizationId: this.organizationId, payload, signal })
  }

  async read(id: string, fields = `${STATE} results { id exposedUnits }`) {
    const query = `query ($id: ID!) { resultsRecomputation(id: $id) { ${fields} } }`
    return (await this.bench.query(query, { id })).resultsRecomputation
  }

  /** The whole results as of a moment, from the log. */
  async recomputed(experimentKey: string, asOf: Date) {
    const id = await this.asked(experimentKey, asOf)
    await this.turn(id)
    const { status, failure, results } = await this.read(id, `status failure { code message } results ${WHOLE}`)
    if (status !== 'SUCCEEDED') throw new Error(`${status}: ${JSON.stringify(failure)}`)
    return numbersOf(results)
  }

  /** The whole results of now. */
  async live(key: string) {
    const query = `query ($key: String!) { experiment(key: $key) { results ${WHOLE} } }`
    return numbersOf((await this.bench.query(query, { key })).experiment.results)
  }
}

/** The same with the keys of variants and metrics in their places: what else they say is of now. */
// biome-ignore lint/suspicious/noExplicitAny: results as the graph gives them.
function numbersOf(results: object): any {
  return JSON.parse(JSON.stringify(results), (_key, value) =>
    value?.__typename === 'Variant' || value?.__typename === 'Metric' ? value.key : value,
  )
}
