import type { NewOrganization } from '../../src/modules/organizations/organization.service.ts'
import type { TestServer } from './test-server.ts'

export interface SeedMetric {
  key: string
  kind: 'PROPORTION' | 'MEAN' | 'COUNT' | 'RATIO'
  role?: 'PRIMARY' | 'SECONDARY' | 'GUARDRAIL'
  [field: string]: unknown
}

export interface SeedExperiment {
  key: string
  metrics?: SeedMetric[]
  start?: boolean
  [field: string]: unknown
}

const CREATE_METRIC = `mutation ($input: CreateMetricInput!) {
  createMetric(input: $input) { __typename ... on Error { code message } }
}`
const CREATE_EXPERIMENT = `mutation ($input: CreateExperimentInput!) {
  createExperiment(input: $input) { ... on CreateExperimentSuccess { experiment { id } } ... on Error { code message } }
}`
const START = `mutation ($input: StartExperimentInput!) {
  startExperiment(input: $input) { ... on StartExperimentSuccess { experiment { id startedAt } } ... on Error { code message } }
}`

/** A chain that fills an organization through the API, as its users would. */
export class Seed {
  readonly keys: NewOrganization
  readonly #server: TestServer

  private constructor(server: TestServer, keys: NewOrganization) {
    this.#server = server
    this.keys = keys
  }

  static async organization(server: TestServer): Promise<Seed> {
    return new Seed(server, await server.organization())
  }

  /** Fails the test unless the result union is a success. */
  async admin(query: string, input: Record<string, unknown>): Promise<unknown> {
    const [result] = Object.values(await this.#server.graphql(this.keys.adminKey, query, { input })) as Array<{
      code?: string
      message?: string
    }>
    if (result?.code) throw new Error(`${result.code}: ${result.message}`)
    return result
  }

  async metric({ role: _role, ...metric }: SeedMetric): Promise<this> {
    await this.admin(CREATE_METRIC, { name: metric.key, eventName: metric.key, ...metric })
    return this
  }

  /** Two equal variants, `control` and `treatment`, and one proportion, unless told otherwise; started. */
  async experiment({ key, metrics, start = true, startedAt, ...rest }: SeedExperiment): Promise<this> {
    const used = metrics ?? [{ key: `${key}-converted`, kind: 'PROPORTION' as const }]
    for (const metric of used) await this.metric(metric)
    await this.admin(CREATE_EXPERIMENT, {
      key,
      name: key,
      variants: [
        { key: 'control', isControl: true, weightBasisPoints: 5_000 },
        { key: 'treatment', weightBasisPoints: 5_000 },
      ],
      metrics: used.map((metric, index) => ({
        metricKey: metric.key,
        role: metric.role ?? (index === 0 ? 'PRIMARY' : 'SECONDARY'),
      })),
      ...rest,
    })
    if (start) await this.admin(START, { experimentKey: key, startedAt })
    return this
  }
}
