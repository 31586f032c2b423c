import { hash } from 'node:crypto'
import { checkInteger, checkKey, checkNumber, fail, type InputPath } from '../../shared/input-rules.ts'
import { isRate, type MetricKind } from '../metrics/metric-definition.ts'
import type { CheckedMetric } from './checked-metric.ts'
import type { HealthRule } from './health-check.ts'
import type { RolloutHealthCheckInput } from './rollout.inputs.ts'

const MOST_SAMPLE = 1_000_000_000
const MOST_VALUE = 1e12
const LEAST_RATE = 1e-9
/** Characters of a key that are left beside the name of the comparison. */
const MOST_NAME = 54
const DEFAULT_SAMPLE = 1_000
const DEFAULT_UNITS = 100

/** Worst healthy values: errors per request, milliseconds, score. */
const DEFAULT_THRESHOLD = { ERROR_RATE: 0.05, LATENCY: 200, QUALITY: 0.75 } as const

/** Kinds of metric that a check can judge by the aggregates. */
const TESTABLE: ReadonlySet<string> = new Set<MetricKind>(['PROPORTION', 'RETENTION', 'MEAN', 'COUNT', 'RATIO'])

/** No two rates or scores differ by more. */
export const MOST_RATE_MARGIN = 1

export function isTestable(kind: MetricKind): boolean {
  return TESTABLE.has(kind)
}

export interface CheckDesign extends HealthRule {
  key: string
}

/** A health check with its defaults, every value checked. @param metric - null unless the signal is METRIC */
export function designCheck(
  path: InputPath,
  input: RolloutHealthCheckInput,
  metric: CheckedMetric | null,
): CheckDesign {
  const { signal, comparison } = input
  if (metric && !isTestable(metric.kind)) {
    fail(
      'HEALTH_CHECK_INVALID',
      [...path, 'metricKey'],
      `names a metric of kind ${metric.kind}; a health check takes ${[...TESTABLE].join(', ')}.`,
    )
  }
  const ownKey = `${nameIn(metric?.key ?? signal.toLowerCase())}-${comparison.toLowerCase()}`
  return {
    key: checkKey([...path, 'key'], input.key ?? ownKey),
    signal,
    comparison,
    isHigherWorse: metric ? metric.direction === 'DECREASE' : signal !== 'QUALITY',
    limit: comparison === 'THRESHOLD' ? checkThreshold(path, input, metric) : checkMargin(path, input, metric),
    quantile: checkQuantile(path, input),
    minimumSample: checkInteger(
      [...path, 'minimumSample'],
      input.minimumSample ?? (metric ? DEFAULT_UNITS : DEFAULT_SAMPLE),
      1,
      MOST_SAMPLE,
    ),
    onFailure: input.onFailure,
  }
}

/** A digest tells long keys apart that begin alike. */
function nameIn(key: string): string {
  return key.length > MOST_NAME ? `${key.slice(0, MOST_NAME - 9)}-${hash('sha256', key).slice(0, 8)}` : key
}

function checkThreshold(
  path: InputPath,
  { signal, limit }: RolloutHealthCheckInput,
  metric: CheckedMetric | null,
): number {
  const at = [...path, 'limit']
  if (limit == null) {
    if (signal === 'METRIC') fail('HEALTH_CHECK_INVALID', at, 'is missing; a threshold for a metric has no default.')
    return DEFAULT_THRESHOLD[signal]
  }
  if (isRateSignal(signal, metric) || signal === 'QUALITY') {
    // No sample tells a rate nearer to 0 or 1 than this from them.
    if (!(limit >= LEAST_RATE && limit <= 1 - LEAST_RATE)) {
      fail('HEALTH_CHECK_INVALID', at, `is ${limit}; a rate or score takes a limit from 1e-9 to 1 - 1e-9.`)
    }
    return limit
  }
  return signal === 'LATENCY'
    ? checkNumber(at, limit, { above: 0, max: MOST_VALUE })
    : checkNumber(at, limit, { min: -MOST_VALUE, max: MOST_VALUE })
}

function checkMargin(
  path: InputPath,
  { signal, limit }: RolloutHealthCheckInput,
  metric: CheckedMetric | null,
): number {
  const isFraction = isRateSignal(signal, metric) || signal === 'QUALITY'
  return checkNumber([...path, 'limit'], limit ?? 0, { min: 0, max: isFraction ? MOST_RATE_MARGIN : MOST_VALUE })
}

function checkQuantile(path: InputPath, { signal, comparison, quantile }: RolloutHealthCheckInput): number | null {
  if (quantile == null) return null
  const at = [...path, 'quantile']
  if (signal !== 'LATENCY' || comparison !== 'THRESHOLD') {
    fail('HEALTH_CHECK_INVALID', at, `is ${quantile}; only LATENCY against a THRESHOLD takes a quantile.`)
  }
  if (!(quantile >= 0.01 && quantile <= 0.9999)) {
    fail('HEALTH_CHECK_INVALID', at, `is ${quantile}; it takes a number from 0.01 to 0.9999.`)
  }
  return quantile
}

function isRateSignal(signal: HealthRule['signal'], metric: CheckedMetric | null): boolean {
  return signal === 'ERROR_RATE' || (metric !== null && isRate(metric.kind))
}
