import { Seed, type SeedExperiment } from './seed.ts'
import type { TestServer } from './test-server.ts'

const EXPERIMENT = `fragment WorkbenchExperiment on Experiment {
  id key name hypothesis description tags status unitType assignmentAlgorithm seed trafficBasisPoints targeting configSchema
  timeZone localEvaluation plannedDurationDays startedAt endedAt createdAt version createdBy updatedBy
  analysis { decisionMethod alpha minimumSampleSize plannedSampleSize minimumDetectableEffect inWords }
  winner { key }
  variants { id key name description isControl weightBasisPoints config }
  metrics { role nonInferiorityMargin { value scale } metricVersion metric { key } }
  overrides { unitId variant { key } }
  epochs { number startedAt trafficBasisPoints targeting weights { variant { key } weightBasisPoints } }
  progress { fraction remainingDays }
}`

/** An experiment as `EXPERIMENT` reads it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at any part of it.
export type SeenExperiment = any

/** What a mutation on experiments answers: the experiment, or a failure. */
export interface MutationAnswer {
  __typename: string
  experiment?: SeenExperiment
  code?: string
  message?: string
  currentVersion?: number | null
  path?: string[]
  problems?: Array<{ code: string; message: string }>
}

/** One organization, and short words for what its people do with experiments. */
export class Workbench {
  readonly seed: Seed
  readonly #server: TestServer

  private constructor(server: TestServer, seed: Seed) {
    this.#server = server
    this.seed = seed
  }

  static async open(server: TestServer): Promise<Workbench> {
    return new Workbench(server, await Seed.organization(server))
  }

  /** A draft, or with `start` a running experiment, with the defaults of {@link Seed.experiment}. */
  async experiment(key: string, design: Omit<SeedExperiment, 'key'> = {}): Promise<SeenExperiment> {
    await this.seed.experiment({ key, start: false, ...design })
    return this.read(key)
  }

  /** `startExperiment`, `updateVariant`, …: any mutation that answers an experiment, with any answer. */
  async mutate(name: string, input: Record<string, unknown>, key = this.seed.keys.adminKey): Promise<MutationAnswer> {
    const type = name[0]!.toUpperCase() + name.slice(1)
    const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) {
      __typename
      ... on ${type}Success { experiment { ...WorkbenchExperiment } }
      ... on Error { code message }
      ... on InputError { path }
      ... on ConflictError { currentVersion }
      ... on RuleError { problems { code message } }
    } } ${EXPERIMENT}`
    return (await this.#server.graphql(key, query, { input }))[name]
  }

  /** The same, for one that must succeed. */
  async done(name: string, input: Record<string, unknown>): Promise<SeenExperiment> {
    const answer = await this.mutate(name, input)
    if (!answer.experiment) throw new Error(`${name}: ${answer.code}: ${answer.message}`)
    return answer.experiment
  }

  /** The same, for one that must fail: its code. */
  async refused(name: string, input: Record<string, unknown>): Promise<string> {
    const { code } = await this.mutate(name, input)
    if (!code) throw new Error(`${name} was not refused.`)
    return code
  }

  async read(key: string): Promise<SeenExperiment> {
    const query = `query ($key: String!) { experiment(key: $key) { ...WorkbenchExperiment } } ${EXPERIMENT}`
    return (await this.query(query, { key })).experiment
  }

  query(query: string, variables: Record<string, unknown> = {}) {
    return this.#server.graphql(this.seed.keys.adminKey, query, variables)
  }
}
