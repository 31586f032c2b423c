import { hash } from 'node:crypto'
import type { Problem } from '../../shared/domain-error.ts'
import { assertSample } from '../../statistics/sample-summary.ts'
import { correctedTime, idempotencyKeyProblem, notAhead, timeProblem } from '../ingestion/item-rules.ts'
import type { HealthSampleInput, LatencyHistogramInput, MomentsInput } from './health.inputs.ts'
import type { RolloutArm } from './health-check.ts'

const MOST_BOUNDS = 200
const MOST_COUNT = 1e12
const MOST_LATENCY_MS = 1e9
/** Sums that were rounded on their way may leave their range by this share. */
const ROUNDING = 1e-9
/** How old a sample may be, in days; the stages of a rollout are short. */
const MOST_AGE_DAYS = 2

/** A sample as it is stored. */
export interface HealthSampleRow {
  rolloutId: number
  /** Digest of the idempotency key, in the form of a uuid. */
  key: string
  arm: RolloutArm
  from: Date
  to: Date
  requests: number
  errors: number
  latency: MomentsInput
  /** Requests by the lower bound of their bucket. */
  buckets: Array<{ lowerBound: number; requests: number }>
  percentiles: Record<string, number> | null
  quality: MomentsInput
}

const NOTHING: MomentsInput = { count: 0, sum: 0, sumOfSquares: 0 }

/** A sample as it is stored, or the first rule that it breaks. @param rolloutId - undefined where no rollout has the key */
export function checkHealthSample(
  sample: HealthSampleInput,
  rolloutId: number | undefined,
  { sentAt, receivedAt }: { sentAt: Date | null | undefined; receivedAt: Date },
): HealthSampleRow | Problem {
  if (rolloutId === undefined) {
    return { code: 'ROLLOUT_NOT_FOUND', message: `No rollout has the key ${JSON.stringify(sample.rolloutKey)}.` }
  }
  const to = correctedTime(sample.to, sentAt, receivedAt)
  const from = sample.from ? correctedTime(sample.from, sentAt, receivedAt) : to
  const histogram = sample.latencyHistogram ?? null
  const latency = histogram ? null : (sample.latency ?? NOTHING)
  const quality = sample.quality ?? NOTHING
  const problem =
    idempotencyKeyProblem(sample.idempotencyKey) ??
    timeProblem(from, receivedAt, MOST_AGE_DAYS) ??
    timeProblem(to, receivedAt, MOST_AGE_DAYS) ??
    (from > to ? invalid(`from ${from.toISOString()} is after to ${to.toISOString()}`) : null) ??
    countsProblem(sample) ??
    (histogram && sample.latency ? invalid('latency and latencyHistogram exclude each other') : null) ??
    (histogram ? histogramProblem(histogram) : momentsProblem('latency', latency!, MOST_LATENCY_MS)) ??
    momentsProblem('quality', quality, 1) ??
    percentilesProblem(sample)
  if (problem) return problem
  const buckets = histogram ? bucketsOf(histogram) : []
  return {
    rolloutId,
    key: digestOf(sample.idempotencyKey),
    arm: sample.arm,
    from: notAhead(from, receivedAt),
    to: notAhead(to, receivedAt),
    requests: sample.requests,
    errors: sample.errors,
    latency: latency ?? momentsOf(buckets),
    buckets,
    percentiles: givenPercentiles(sample),
    quality,
  }
}

function countsProblem({ requests, errors }: HealthSampleInput): Problem | null {
  for (const [name, count] of Object.entries({ requests, errors })) {
    if (!isCount(count)) return invalid(`${name} is ${count}; it takes a whole number from 0 to 1e12`)
  }
  return errors > requests ? invalid(`errors ${errors} exceed requests ${requests}`) : null
}

function momentsProblem(name: string, moments: MomentsInput, largest: number): Problem | null {
  const { count, sum, sumOfSquares } = moments
  if (!isCount(count)) return invalid(`${name}.count is ${count}; it takes a whole number from 0 to 1e12`)
  const most = count * largest * (1 + ROUNDING)
  if (!(sum >= 0 && sum <= most))
    return invalid(`${name}.sum is ${sum}; ${count} values from 0 to ${largest} cannot sum to it`)
  if (!(sumOfSquares >= 0 && sumOfSquares <= most * largest)) {
    return invalid(`${name}.sumOfSquares is ${sumOfSquares}; ${count} values from 0 to ${largest} cannot have it`)
  }
  try {
    assertSample(moments)
    return null
  } catch (error) {
    return invalid(`${name} is impossible: ${(error as Error).message.replace(/\.$/, '')}`)
  }
}

function histogramProblem({ bounds, counts }: LatencyHistogramInput): Problem | null {
  if (bounds.length === 0 || bounds.length > MOST_BOUNDS) {
    return invalid(`latencyHistogram.bounds has ${bounds.length} items; it takes 1 to ${MOST_BOUNDS}`)
  }
  if (counts.length !== bounds.length + 1) {
    return invalid(
      `latencyHistogram has ${counts.length} counts for ${bounds.length} bounds; it takes one more count than bounds`,
    )
  }
  const misplaced = bounds.findIndex((bound, index) => !(bound > (bounds[index - 1] ?? 0) && bound <= MOST_LATENCY_MS))
  if (misplaced >= 0)
    return invalid(`latencyHistogram.bounds.${misplaced} is ${bounds[misplaced]}; bounds rise from above 0`)
  const broken = counts.findIndex((count) => !isCount(count))
  return broken >= 0 ? invalid(`latencyHistogram.counts.${broken} is ${counts[broken]}; it takes a whole number`) : null
}

function percentilesProblem(sample: HealthSampleInput): Problem | null {
  for (const [name, value] of Object.entries(givenPercentiles(sample) ?? {})) {
    if (!(value >= 0 && value <= MOST_LATENCY_MS))
      return invalid(`latencyPercentiles.${name} is ${value}; it takes 0 to 1e9 ms`)
  }
  return null
}

function givenPercentiles({ latencyPercentiles }: HealthSampleInput): Record<string, number> | null {
  const given = Object.entries(latencyPercentiles ?? {}).filter((entry): entry is [string, number] => entry[1] != null)
  return given.length > 0 ? Object.fromEntries(given) : null
}

function bucketsOf({ bounds, counts }: LatencyHistogramInput): HealthSampleRow['buckets'] {
  return counts
    .map((requests, index) => ({ lowerBound: index === 0 ? 0 : bounds[index - 1]!, requests }))
    .filter(({ requests }) => requests > 0)
}

/** Each request counts as the lower bound of its bucket, which never makes a latency look worse than it is. */
function momentsOf(buckets: HealthSampleRow['buckets']): MomentsInput {
  return buckets.reduce(
    (sums, { lowerBound, requests }) => ({
      count: sums.count + requests,
      sum: sums.sum + requests * lowerBound,
      sumOfSquares: sums.sumOfSquares + requests * lowerBound * lowerBound,
    }),
    NOTHING,
  )
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MOST_COUNT
}

function invalid(what: string): Problem {
  return { code: 'SAMPLE_INVALID', message: `The sample's ${what}.` }
}

/** 128 bits of SHA-256, written as a uuid. */
function digestOf(idempotencyKey: string): string {
  const hex = hash('sha256', idempotencyKey)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
