import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_ANALYSIS_PLAN } from '../../../src/modules/experiments/analysis-plan.ts'
import type { Aggregates, MetricCell } from '../../../src/modules/ingestion/aggregates.read-model.ts'
import type { ResultSubject } from '../../../src/modules/results/result-subject.ts'
import { resultsOf } from '../../../src/modules/results/results.ts'

const KINDS = ['PROPORTION', 'MEAN'] as const
const VARIANTS = [0, 1, 2, 3]

interface Cell {
  epoch: number
  variantId: number
  units: number
  done: number
}

const cells = fc
  .array(
    fc.tuple(...VARIANTS.map(() => fc.tuple(fc.integer({ min: 2, max: 3_000 }), fc.integer({ min: 0, max: 20 })))),
    { minLength: 1, maxLength: 3 },
  )
  .map((epochs): Cell[] =>
    epochs.flatMap((arms, epoch) =>
      arms.map(([units, percent], variantId) => ({
        epoch,
        variantId,
        units,
        done: Math.round((units * percent) / 100),
      })),
    ),
  )

function subjectOf(kind: (typeof KINDS)[number], direction: 'INCREASE' | 'DECREASE', hasPrior: boolean): ResultSubject {
  const prior = hasPrior ? { mean: 0.01, standardDeviation: 0.1 } : null
  return {
    id: 1,
    key: 'chances',
    status: 'RUNNING',
    algorithm: 'HASH',
    analysis: { ...DEFAULT_ANALYSIS_PLAN, prior },
    variants: VARIANTS.map((id) => ({ id, key: `v${id}`, isControl: id === 0 })),
    metrics: [
      {
        metric: { id: 7, key: 'metric' },
        role: 'PRIMARY',
        margin: null,
        definition: { kind, direction } as ResultSubject['metrics'][number]['definition'],
      },
    ],
    epochs: [0, 1, 2].map((number) => ({ number, weights: new Map(VARIANTS.map((id) => [id, 1])) })),
  }
}

function aggregatesOf(given: readonly Cell[]): Aggregates {
  const none = { y: 0, yy: 0, xy: 0, c: 0, d: 0, cc: 0, dd: 0, cd: 0, xc: 0, xd: 0, yc: 0, yd: 0, weighted: null }
  return {
    experimentId: 1,
    version: 1,
    exposures: given.map(({ done: _, ...cell }) => ({ ...cell, contaminated: 0, w: cell.units, ww: cell.units })),
    metrics: given.map(
      ({ units: _, done, ...cell }): MetricCell => ({ ...none, ...cell, metricId: 7, x: done, xx: done }),
    ),
    matured: [],
    histograms: [],
    series: [],
    strata: [],
  }
}

test.each(KINDS)('chances to be the best by a %s sum to 1, none above the chance to beat the control', (kind) => {
  let told = 0
  fc.assert(
    fc.property(cells, fc.constantFrom('INCREASE', 'DECREASE'), fc.boolean(), (given, direction, hasPrior) => {
      const subject = subjectOf(kind, direction, hasPrior)
      const { variants, comparisons } = resultsOf(subject, aggregatesOf(given), new Date(0)).metrics[0]!
      const chances = variants.map(({ chanceToBeBest }) => chanceToBeBest)
      if (comparisons.some(({ bayesian }) => bayesian === null)) {
        expect(chances).toEqual([null, null, null, null])
        return
      }
      told++
      expect(Math.abs(chances.reduce<number>((sum, chance) => sum + chance!, 0) - 1)).toBeLessThan(1e-9)
      for (const [index, { bayesian }] of comparisons.entries()) {
        expect(chances[index + 1]!).toBeLessThan(bayesian!.chanceToBeatControl + 1e-9)
      }
      // The control is best only where no treatment beats it.
      const losers = comparisons.map(({ bayesian }) => 1 - bayesian!.chanceToBeatControl)
      expect(chances[0]!).toBeLessThan(Math.min(...losers) + 1e-9)
    }),
    { numRuns: 150 },
  )
  expect(told).toBeGreaterThan(75)
})
