import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/cli/simulation/random.ts'
import {
  type AnalysisPlan,
  DEFAULT_ANALYSIS_PLAN,
  type DecisionMethod,
} from '../../../src/modules/experiments/analysis-plan.ts'
import type { Aggregates, MetricCell } from '../../../src/modules/ingestion/aggregates.read-model.ts'
import type { Comparison } from '../../../src/modules/results/comparison.ts'
import type { StoredLook } from '../../../src/modules/results/group-sequential-looks.ts'
import type { ResultSubject } from '../../../src/modules/results/result-subject.ts'
import { resultsOf } from '../../../src/modules/results/results.ts'
import type { Correction } from '../../../src/statistics/multiplicity/multiple-testing.ts'

const MAXIMUM = 6_000
const KINDS = ['PROPORTION', 'MEAN', 'CUPED'] as const
type Kind = (typeof KINDS)[number]

function subjectOf(kind: Kind, treatments: number, analysis: Partial<AnalysisPlan>): ResultSubject {
  const keys = ['control', 'b', 'c'].slice(0, treatments + 1)
  const covariateWindowHours = kind === 'CUPED' ? 48 : null
  return {
    id: 1,
    key: 'walk',
    status: 'RUNNING',
    algorithm: 'HASH',
    analysis: { ...DEFAULT_ANALYSIS_PLAN, maximumSampleSize: MAXIMUM, looks: 10, ...analysis },
    variants: keys.map((key, id) => ({ id, key, isControl: id === 0 })),
    metrics: [
      {
        metric: { id: 7, key: 'metric' },
        role: 'PRIMARY',
        margin: null,
        definition: {
          kind: kind === 'PROPORTION' ? 'PROPORTION' : 'MEAN',
          direction: 'INCREASE',
          covariateWindowHours,
        } as ResultSubject['metrics'][number]['definition'],
      },
    ],
    epochs: [{ number: 1, weights: new Map(keys.map((_, id) => [id, 1])) }],
  }
}

/** Sums of variants that grow step by step, by an effect that wanders, at first rather up and later rather down: it may cross a boundary and turn round. */
function* walk(kind: Kind, variants: number, seed: number): Generator<Aggregates> {
  const random = seededRandom(seed)
  const cells = Array.from({ length: variants }, () => ({ units: 0, x: 0, xx: 0, c: 0, cc: 0, xc: 0 }))
  for (let step = 0; step < 12; step++) {
    for (const [id, cell] of cells.entries()) {
      const drift = id === 0 ? 0 : (random() - 0.5) * 0.25 + (step < 4 ? 0.08 : -0.06)
      const units = 60 + Math.floor((random() * 900) / variants)
      for (let unit = 0; unit < units; unit++) {
        const isDone = random() < 0.3 + drift
        const habit = kind === 'CUPED' ? Math.floor(4 * random()) : 0
        const x = kind === 'PROPORTION' ? Number(isDone) : Number(isDone) * 3 + habit
        cell.x += x
        cell.xx += x * x
        cell.c += habit
        cell.cc += habit * habit
        cell.xc += x * habit
      }
      cell.units += units
    }
    const of = { epoch: 1, metricId: 7 }
    const none = { y: 0, yy: 0, xy: 0, d: 0, dd: 0, cd: 0, xd: 0, yc: 0, yd: 0, weighted: null }
    yield {
      experimentId: 1,
      version: step,
      exposures: cells.map(({ units }, variantId) => ({
        epoch: 1,
        variantId,
        units,
        contaminated: 0,
        w: units,
        ww: units,
      })),
      metrics: cells.map(({ units: _, ...sums }, variantId): MetricCell => ({ ...of, ...none, variantId, ...sums })),
      matured: [],
      histograms: [],
      series: [],
      strata: [],
    }
  }
}

/** Every comparison of the metric at every step of a walk, with the looks that are taken on the way. */
function* comparisonsAlong(subject: ResultSubject, kind: Kind, seed: number): Generator<Comparison[]> {
  const looks: StoredLook[] = []
  for (const aggregates of walk(kind, subject.variants.length, seed)) {
    const results = resultsOf(subject, aggregates, new Date(0), looks)
    looks.push(...results.dueLooks)
    yield results.metrics[0]!.comparisons
  }
}

/** Those that can have a verdict and have an interval, which they have not while the control's mean could as well be 0. */
function withVerdict(comparisons: readonly Comparison[], decisionMethod: DecisionMethod): Comparison[] {
  return comparisons.filter(({ waitsFor, relativeLift }) => {
    if (waitsFor || !relativeLift?.interval) return false
    // Before a look on which alpha can be spent there is no verdict that the interval could follow.
    return decisionMethod !== 'GROUP_SEQUENTIAL' || relativeLift.informationFraction !== null
  })
}

function excludesZero({ relativeLift }: Comparison): boolean {
  const { lower, upper } = relativeLift!.interval!
  return lower > 0 || upper < 0
}

const METHODS: DecisionMethod[] = ['GROUP_SEQUENTIAL', 'ALWAYS_VALID', 'FIXED_HORIZON']
const CASES = METHODS.flatMap((decisionMethod) => KINDS.map((kind) => ({ decisionMethod, kind })))

describe.each(CASES)('the lift of a $kind that $decisionMethod decides', ({ decisionMethod, kind }) => {
  test('excludes 0 exactly when the verdict is significant, at every step of a random walk', () => {
    const seen = { significant: 0, open: 0 }
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const subject = subjectOf(kind, 1, { decisionMethod })
        for (const comparison of withVerdict([...comparisonsAlong(subject, kind, seed)].flat(), decisionMethod)) {
          expect(excludesZero(comparison)).toBe(comparison.isSignificant)
          seen[comparison.isSignificant ? 'significant' : 'open']++
        }
      }),
      { numRuns: 25 },
    )
    expect(Math.min(seen.significant, seen.open)).toBeGreaterThan(20)
  })

  test.each<Correction>(['NONE', 'BONFERRONI', 'HOLM', 'HOCHBERG', 'BENJAMINI_HOCHBERG'])(
    'and where %s corrects for a second treatment',
    (correction) => {
      // Boundaries and intervals are Bonferroni's; a stepwise correction of p-values may only show more.
      const isExact = correction === 'NONE' || correction === 'BONFERRONI' || decisionMethod === 'GROUP_SEQUENTIAL'
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const subject = subjectOf(kind, 2, { decisionMethod, correction })
          for (const comparison of withVerdict([...comparisonsAlong(subject, kind, seed)].flat(), decisionMethod)) {
            const isShown = excludesZero(comparison)
            expect(isShown === comparison.isSignificant || (!isExact && !isShown)).toBe(true)
          }
        }),
        { numRuns: 10 },
      )
    },
  )
})

describe.each(KINDS)('the lift of a %s at looks', (kind) => {
  const subject = subjectOf(kind, 1, { decisionMethod: 'GROUP_SEQUENTIAL' })

  test('stays what it was when its boundary was crossed, and is that of the last look until then', () => {
    let turned = 0
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        let crossed: Comparison | null = null
        for (const [comparison] of comparisonsAlong(subject, kind, seed)) {
          const { relativeLift, sequential, dueLook, difference } = comparison!
          if (!sequential || !relativeLift) continue
          if (crossed) {
            expect(relativeLift).toEqual(crossed.relativeLift)
            if (Math.sign(difference!.estimate) !== Math.sign(crossed.difference!.estimate)) turned++
          } else {
            expect(relativeLift.informationFraction).toBe(
              sequential.criticalValue === null ? null : sequential.informationFraction,
            )
            if (dueLook) expect(sequential.verdictDifference).toBe(difference!.estimate)
          }
          expect(Math.sign(relativeLift.estimate)).toBe(
            Math.sign(relativeLift.informationFraction === null ? difference!.estimate : sequential.verdictDifference),
          )
          if (sequential.isSignificant) crossed ??= comparison!
        }
      }),
      { numRuns: 40 },
    )
    expect(turned).toBeGreaterThan(0)
  })
})
