import type { ArmSummary } from '../../modules/rollouts/arm-summary.ts'
import { assessCheck } from '../../modules/rollouts/assess-check.ts'
import type { HealthRule, RolloutArm } from '../../modules/rollouts/health-check.ts'
import { alphaOfWindow, verdictOf } from '../../modules/rollouts/health-verdict.ts'
import { advanceRamp, type Ramp, type RampStage } from '../../modules/rollouts/ramp-schedule.ts'
import { binomialDraw, normalDraw } from './random.ts'

/** How the requests of one arm fare. */
export interface ArmBehaviour {
  errorRate: number
  /** Mean of a log-normal latency, in milliseconds, whose logarithm has the standard deviation 0.8. */
  latencyMs: number
  /** Share of answers that are right. */
  quality: number
}

export interface Simulation {
  stages: readonly RampStage[]
  alpha: number
  behaviour: Record<RolloutArm, ArmBehaviour>
  requestsPerSecond: number
  secondsBetweenLooks: number
  looks: number
  random: () => number
}

const LATENCY_DEVIATION = 0.8

/** The checks that simulated rollouts have: the three default thresholds, and errors and latency against the control. */
export const SIMULATED_RULES: readonly HealthRule[] = [
  rule('ERROR_RATE', 'THRESHOLD', 0.05),
  rule('LATENCY', 'THRESHOLD', 200),
  { ...rule('QUALITY', 'THRESHOLD', 0.75), isHigherWorse: false },
  rule('ERROR_RATE', 'CONTROL', 0),
  rule('LATENCY', 'CONTROL', 0),
]

function rule(signal: HealthRule['signal'], comparison: HealthRule['comparison'], limit: number): HealthRule {
  return {
    signal,
    comparison,
    limit,
    isHigherWorse: true,
    quantile: null,
    minimumSample: 100,
    onFailure: 'ROLL_BACK',
  }
}

interface ArmTotals {
  requests: number
  errors: number
  latencySum: number
  latencySumOfSquares: number
  right: number
}

/** Runs one rollout by the product's own rules. @returns seconds until it was rolled back, or null if it never was */
export function simulateRollout(simulation: Simulation): number | null {
  const { stages, alpha, looks, secondsBetweenLooks } = simulation
  const start = Date.UTC(2026, 0, 1)
  let ramp: Ramp = {
    status: 'DRAFT',
    stages,
    startsAt: new Date(start),
    stageIndex: null,
    shareBasisPoints: 0,
    stageDueAt: null,
    windowNumber: 0,
  }
  let totals = fresh()
  for (let look = 0; look <= looks; look++) {
    const now = new Date(start + look * secondsBetweenLooks * 1_000)
    if (ramp.status === 'RUNNING') addTraffic(totals, simulation, ramp.shareBasisPoints)
    const isEverybody = ramp.shareBasisPoints === 10_000
    const assessed = SIMULATED_RULES.map((each) => ({
      onFailure: each.onFailure,
      assessment: assessCheck(
        each,
        { treatment: summaryOf(each, totals.TREATMENT), control: summaryOf(each, totals.CONTROL), newestAt: now },
        {
          alpha: alphaOfWindow(alpha, SIMULATED_RULES.length, Math.max(1, ramp.windowNumber)),
          now,
          isEverybody,
          maximumSampleAgeSeconds: 300,
        },
      ),
    }))
    const change = advanceRamp(ramp, verdictOf(assessed), now)
    if (change?.action === 'ROLLED_BACK') return (now.getTime() - start) / 1_000
    if (change?.action === 'COMPLETED') return null
    if (change && change.state.windowNumber !== ramp.windowNumber) totals = fresh()
    if (change) ramp = { ...ramp, ...change.state }
  }
  return null
}

function addTraffic(totals: Record<RolloutArm, ArmTotals>, simulation: Simulation, shareBasisPoints: number): void {
  const { behaviour, random, requestsPerSecond, secondsBetweenLooks } = simulation
  const requests = requestsPerSecond * secondsBetweenLooks
  const treated = binomialDraw(random, requests, Math.min(shareBasisPoints / 10_000, 1 - 1e-12))
  for (const [arm, count] of [
    ['TREATMENT', treated],
    ['CONTROL', requests - treated],
  ] as const) {
    const { errorRate, latencyMs, quality } = behaviour[arm]
    const sums = totals[arm]
    sums.requests += count
    sums.errors += binomialDraw(random, count, errorRate)
    sums.right += count - binomialDraw(random, count, 1 - quality)
    const logMean = Math.log(latencyMs) - LATENCY_DEVIATION ** 2 / 2
    for (let request = 0; request < count; request++) {
      const latency = Math.exp(logMean + LATENCY_DEVIATION * normalDraw(random))
      sums.latencySum += latency
      sums.latencySumOfSquares += latency * latency
    }
  }
}

function summaryOf({ signal }: HealthRule, sums: ArmTotals): ArmSummary | null {
  const { requests, errors, latencySum, latencySumOfSquares, right } = sums
  if (requests === 0) return null
  if (signal === 'ERROR_RATE') return { kind: 'RATE', units: requests, conversions: errors }
  if (signal === 'QUALITY') return { kind: 'MEAN', count: requests, sum: right, sumOfSquares: right }
  return { kind: 'MEAN', count: requests, sum: latencySum, sumOfSquares: latencySumOfSquares }
}

function fresh(): Record<RolloutArm, ArmTotals> {
  const nothing = { requests: 0, errors: 0, latencySum: 0, latencySumOfSquares: 0, right: 0 }
  return { TREATMENT: { ...nothing }, CONTROL: { ...nothing } }
}
