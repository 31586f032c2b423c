import { chancesToBeBest } from '../src/statistics/bayesian/chance-to-be-best.ts'
import { normalEffect } from '../src/statistics/bayesian/normal-effect.ts'
import { cohensD } from '../src/statistics/cohens-d.ts'
import { type Difference, meanDifference, proportionDifference, standardErrorOf } from '../src/statistics/comparison.ts'
import { sampleRatioTest } from '../src/statistics/diagnostics/sample-ratio-test.ts'
import { fixedHorizonTest } from '../src/statistics/fixed-horizon-test.ts'
import { adjustPValues } from '../src/statistics/multiplicity/multiple-testing.ts'
import { isComputable } from '../src/statistics/not-computable.ts'
import { cohensH } from '../src/statistics/proportions/cohens-h.ts'
import { estimateRatio } from '../src/statistics/ratio-summary.ts'
import { relativeLift } from '../src/statistics/relative-lift.ts'
import { type ArmEstimate, estimateMean, estimateProportion } from '../src/statistics/sample-summary.ts'
import { confidenceSequence } from '../src/statistics/sequential/confidence-sequence.ts'
import { quantile } from './traffic.ts'

const VARIANTS = 4
const METRICS = 10
const EXPERIMENTS = 1000
const ROUNDS = 2000
const ALPHA = 0.05

/** The full analysis of an experiment from its summaries, and of a thousand; the baseline is a single z-test. */
export async function benchStatistics(): Promise<string[]> {
  const single = timesOf(() => fixedHorizonTest(proportionDifference(rateOf(0, 1), rateOf(1, 1)), ALPHA))
  const whole = timesOf(analyse)
  const began = performance.now()
  for (let experiment = 0; experiment < EXPERIMENTS; experiment++) analyse(experiment)
  const all = performance.now() - began
  return [
    `one z-test: ${single.toFixed(1)} µs at the median (baseline)`,
    `${VARIANTS} variants × ${METRICS} metrics: ${whole.toFixed(0)} µs at the median, ${(whole / single).toFixed(0)} of the baseline`,
    `${EXPERIMENTS.toLocaleString('en-US')} such experiments: ${all.toFixed(0)} ms`,
  ]
}

/** Sample ratio, and for each metric and treatment: test, confidence sequence, lift, effect size, belief; the chances to be best; then the correction. */
function analyse(seed: number): number {
  const arms = Array.from({ length: VARIANTS }, (_, variant) => ({
    units: 10_000 + ((seed + variant) % 97),
    weight: 2500,
  }))
  const pValues: (number | null)[] = []
  let sink = isComputable(sampleRatioTest(arms)) ? 1 : 0
  for (let metric = 0; metric < METRICS; metric++) {
    const isRate = metric % 2 === 0
    const control = isRate ? rateOf(0, seed) : meanOrRatioOf(0, metric, seed)
    const differences: Difference[] = []
    for (let variant = 1; variant < VARIANTS; variant++) {
      const treatment = isRate ? rateOf(variant, seed) : meanOrRatioOf(variant, metric, seed)
      const difference = isRate ? proportionDifference(control, treatment) : meanDifference(control, treatment)
      differences.push(difference)
      const test = fixedHorizonTest(difference, ALPHA)
      pValues.push(isComputable(test) ? test.pValue : null)
      const size = isRate ? cohensH(control, treatment) : cohensD(control, treatment)
      sink += judge(difference) + (isComputable(size) ? size : 0)
    }
    sink += bestOf(differences)
  }
  return sink + adjustPValues(pValues, 'HOLM', ALPHA).length
}

function judge(difference: Difference): number {
  const sequence = confidenceSequence(difference, ALPHA / (VARIANTS - 1), 80_000)
  if (!isComputable(sequence)) return 0
  const lift = relativeLift(difference, sequence.criticalValue, ALPHA)
  const { estimate } = difference
  const belief = normalEffect({ estimate, standardError: standardErrorOf(difference) }, null, ALPHA)
  return (isComputable(lift) ? lift.estimate : 0) + belief.chanceToWin
}

function bestOf(differences: readonly Difference[]): number {
  const beliefs = differences.map(({ estimate, control, treatment }) => ({
    mean: estimate,
    variance: control.variance + treatment.variance,
    controlVariance: control.variance,
  }))
  return chancesToBeBest(beliefs)[0]!
}

function rateOf(variant: number, seed: number): ArmEstimate {
  return estimateProportion(10_000, 1000 + 13 * variant + (seed % 31)) as ArmEstimate
}

function meanOrRatioOf(variant: number, metric: number, seed: number): ArmEstimate {
  const sum = 20_000 + 90 * variant + (seed % 61)
  const summary = { count: 10_000, sum, sumOfSquares: 90_000 + metric }
  if (metric % 4 === 1) return estimateMean(summary) as ArmEstimate
  return estimateRatio({
    count: summary.count,
    numeratorSum: sum,
    numeratorSumOfSquares: summary.sumOfSquares,
    denominatorSum: 50_000,
    denominatorSumOfSquares: 300_000,
    crossProduct: 110_000,
  }) as ArmEstimate
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
