import type { NewOrganization } from '../../src/modules/organizations/organization.service.ts'
import type { TestServer } from './test-server.ts'

export interface SeedMetric {
  key: string
  kind: 'PROPORTION' | 'MEAN' | 'COUNT' | 'RATIO' | 'RETENTION' | 'QUANTILE'
  role?: 'PRIMARY' | 'SECONDARY' | 'GUARDRAIL'
  /** In the experiment that it is created with. */
  nonInferiorityMargin?: { value: number; scale: 'ABSOLUTE' | 'RELATIVE' } | null
  [field: string]: unknown
}

export interface SeedExperiment {
  key: string
  /** Created with it. */
  metrics?: SeedMetric[]
  /** Keys of metrics that exist already. */
  useMetrics?: string[]
  start?: boolean
  [field: string]: unknown
}

/** Units of one variant, and which of them send which event. */
export interface SeedArm {
  variantKey: string
  units: number
  /** Number of the first unit, so that more can come later. */
  from?: number
  /** By event name: how many units send it once, and its value. */
  events?: Record<string, { units: number; value?: number }>
}

const EXPOSE = `mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted rejected { code message } } }`
const TRACK = `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted rejected { code message } } }`
const BATCH = 5_000

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

  async metric({ role: _role, nonInferiorityMargin: _margin, ...metric }: SeedMetric): Promise<this> {
    await this.admin(CREATE_METRIC, { name: metric.key, eventName: metric.key, ...metric })
    return this
  }

  /** Two equal variants, `control` and `treatment`, and one proportion, unless told otherwise; started. */
  async experiment({ key, metrics, useMetrics = [], start = true, startedAt, ...rest }: SeedExperiment): Promise<this> {
    const used = metrics ?? [{ key: `${key}-converted`, kind: 'PROPORTION' as const }]
    for (const metric of used) await this.metric(metric)
    const all: SeedMetric[] = [...used, ...useMetrics.map((metric) => ({ key: metric, kind: 'RATIO' as const }))]
    await this.admin(CREATE_EXPERIMENT, {
      key,
      name: key,
      variants: [
        { key: 'control', isControl: true, weightBasisPoints: 5_000 },
        { key: 'treatment', weightBasisPoints: 5_000 },
      ],
      metrics: all.map((metric, index) => ({
        metricKey: metric.key,
        role: metric.role ?? (index === 0 ? 'PRIMARY' : 'SECONDARY'),
        nonInferiorityMargin: metric.nonInferiorityMargin,
      })),
      ...rest,
    })
    return start ? this.start(key, startedAt) : this
  }

  async start(experimentKey: string, startedAt?: unknown): Promise<this> {
    await this.admin(START, { experimentKey, startedAt })
    return this
  }

  /** Exposes units named after experiment and variant, and sends their events. */
  async arms(experimentKey: string, arms: SeedArm[]): Promise<this> {
    const unitId = (arm: SeedArm, unit: number) => `${experimentKey}:${arm.variantKey}:${(arm.from ?? 0) + unit}`
    await this.exposures(
      arms.flatMap((arm) =>
        Array.from({ length: arm.units }, (_, unit) => ({
          experimentKey,
          variantKey: arm.variantKey,
          unitId: unitId(arm, unit),
        })),
      ),
    )
    return this.events(
      arms.flatMap((arm) =>
        Object.entries(arm.events ?? {}).flatMap(([name, { units, value }]) =>
          Array.from({ length: units }, (_, unit) => ({
            idempotencyKey: `${name}:${unitId(arm, unit)}`,
            unitId: unitId(arm, unit),
            name,
            value,
          })),
        ),
      ),
    )
  }

  /** Records exposures, none of which may be rejected. */
  async exposures(items: object[]): Promise<this> {
    await this.#batches(EXPOSE, 'exposures', items)
    return this
  }

  /** Sends events, none of which may be rejected. */
  async events(items: object[]): Promise<this> {
    await this.#batches(TRACK, 'events', items)
    return this
  }

  async #batches(query: string, field: 'exposures' | 'events', items: object[]): Promise<void> {
    for (let start = 0; start < items.length; start += BATCH) {
      const batch = items.slice(start, start + BATCH)
      const answer = await this.#server.graphql(this.keys.serverKey, query, { input: { [field]: batch } })
      const { rejected } = Object.values(answer)[0] as { rejected: unknown[] }
      if (rejected.length > 0) throw new Error(`${rejected.length} of ${batch.length}: ${JSON.stringify(rejected)}`)
    }
  }
}
