import { Seed } from './seed.ts'
import type { TestServer } from './test-server.ts'

const ROLLOUT = `fragment BenchRollout on Rollout {
  id key name description status unitType salt versionLabel config controlConfig targeting startsAt alpha maximumSampleAgeSeconds
  shareBasisPoints stageDueAt startedAt endedAt version createdBy
  stages { number shareBasisPoints minimumDurationSeconds isCurrent }
  healthChecks { key signal comparison isHigherWorse limit quantile minimumSample onFailure metricVersion metric { key } }
  health {
    windowNumber startedAt verdict
    checks { check { key } status alpha treatmentSample controlSample treatmentEstimate controlEstimate bound newestAt }
    arms { arm requests errorRate meanLatencyMs p95LatencyMs meanQuality newestAt }
  }
  transitions { number action at cause actor shareBefore shareAfter evidence isReproduced }
  promotedFrom { key }
}`

/** A rollout as `ROLLOUT` reads it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at any part of it.
export type SeenRollout = any

export interface RolloutAnswer {
  __typename: string
  rollout?: SeenRollout
  code?: string
  message?: string
  currentVersion?: number | null
  path?: string[]
}

export interface Sample {
  arm: 'TREATMENT' | 'CONTROL'
  [field: string]: unknown
}

export function errors(arm: Sample['arm'], requests: number, failed: number): Sample {
  return { arm, requests, errors: failed }
}

/** Of the health checks, in order. */
export function statuses({ health }: SeenRollout): string[] {
  return health.checks.map(({ status }: { status: string }) => status)
}

/** One organization, and short words for what its people and servers do with rollouts. */
export class RolloutBench {
  readonly seed: Seed
  readonly #server: TestServer
  #samples = 0

  private constructor(server: TestServer, seed: Seed) {
    this.#server = server
    this.seed = seed
  }

  static async open(server: TestServer): Promise<RolloutBench> {
    return new RolloutBench(server, await Seed.organization(server))
  }

  /** `startRollout`, `updateRollout`, …: any mutation that answers a rollout, with any answer. */
  async mutate(name: string, input: Record<string, unknown>): Promise<RolloutAnswer> {
    const type = name[0]!.toUpperCase() + name.slice(1)
    const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) {
      __typename
      ... on ${type}Success { rollout { ...BenchRollout } }
      ... on Error { code message }
      ... on InputError { path }
      ... on ConflictError { currentVersion }
    } } ${ROLLOUT}`
    return (await this.query(query, { input }))[name]
  }

  /** The same, for one that must succeed. */
  async done(name: string, input: Record<string, unknown>): Promise<SeenRollout> {
    const answer = await this.mutate(name, input)
    if (!answer.rollout) throw new Error(`${name}: ${answer.code}: ${answer.message}`)
    return answer.rollout
  }

  /** A draft with two stages of an hour each before everybody. */
  create(key: string, plan: Record<string, unknown> = {}): Promise<SeenRollout> {
    return this.done('createRollout', {
      key,
      name: key,
      versionLabel: `${key}-v2`,
      config: { color: 'new' },
      controlConfig: { color: 'old' },
      stages: [
        { shareBasisPoints: 500, minimumDurationSeconds: 3_600 },
        { shareBasisPoints: 2_500, minimumDurationSeconds: 3_600 },
        { shareBasisPoints: 10_000, minimumDurationSeconds: 0 },
      ],
      ...plan,
    })
  }

  async started(key: string, plan: Record<string, unknown> = {}): Promise<SeenRollout> {
    await this.create(key, plan)
    return this.done('startRollout', { rolloutKey: key })
  }

  async read(key: string): Promise<SeenRollout> {
    return (await this.query(`query ($key: String!) { rollout(key: $key) { ...BenchRollout } } ${ROLLOUT}`, { key }))
      .rollout
  }

  /** Reports samples with keys of their own unless told. */
  async report(rolloutKey: string, samples: Sample[], sentAt?: Date) {
    const query = `mutation ($input: ReportRolloutHealthInput!) {
      reportRolloutHealth(input: $input) { accepted duplicates rejected { index code message } } }`
    const full = samples.map((sample) => ({ rolloutKey, idempotencyKey: `sample-${this.#samples++}`, ...sample }))
    const input = { samples: full, sentAt }
    return (await this.#server.graphql(this.seed.keys.serverKey, query, { input })).reportRolloutHealth
  }

  query(query: string, variables: Record<string, unknown> = {}) {
    return this.#server.graphql(this.seed.keys.adminKey, query, variables)
  }
}
