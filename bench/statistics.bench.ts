import { resultsOf } from '../src/modules/results/results.ts'
import { proportionDifference } from '../src/statistics/comparison.ts'
import { fixedHorizonTest } from '../src/statistics/fixed-horizon-test.ts'
import { type ArmEstimate, estimateProportion } from '../src/statistics/sample-summary.ts'
import { aggregatesOf, SUBJECT } from './analysed-experiment.ts'
import { quantile } from './traffic.ts'

const EXPERIMENTS = 1000
const ROUNDS = 2000
const ALPHA = 0.05
const NOW = new Date()

/** The full results of an experiment from its aggregates, as the product gives them, and of a thousand; the baseline is a single z-test. */
export async function benchStatistics(): Promise<string[]> {
  const [control, treatment] = [1_000, 1_013].map(
    (conversions) => estimateProportion(10_000, conversions) as ArmEstimate,
  )
  const single = timesOf(() => fixedHorizonTest(proportionDifference(control!, treatment!), ALPHA))
  const aggregates = Array.from({ length: EXPERIMENTS }, (_, round) => aggregatesOf(round))
  const whole = timesOf((round) => resultsOf(SUBJECT, aggregates[round % EXPERIMENTS]!, NOW))
  const began = performance.now()
  for (const each of aggregates) resultsOf(SUBJECT, each, NOW)
  const all = performance.now() - began
  return [
    `one z-test: ${single.toFixed(1)} µs at the median (baseline)`,
    `${SUBJECT.variants.length} variants × ${SUBJECT.metrics.length} metrics, half of them rates: ${whole.toFixed(0)} µs at the median, ${(whole / single).toFixed(0)} of the baseline`,
    `${EXPERIMENTS.toLocaleString('en-US')} such experiments: ${all.toFixed(0)} ms`,
  ]
}

/** Median time of a run, in microseconds. */
function timesOf(run: (round: number) => unknown): number {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    run(round)
    if (round >= ROUNDS / 10) times.push(1000 * (performance.now() - began))
  }
  return quantile(times, 0.5)
}
