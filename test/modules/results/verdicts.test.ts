import { describe, expect, test } from 'vitest'
import { normalDraw, seededRandom } from '../../../src/cli/simulation/random.ts'
import { type AnalysisPlan, DEFAULT_ANALYSIS_PLAN } from '../../../src/modules/experiments/analysis-plan.ts'
import type { Aggregates } from '../../../src/modules/ingestion/aggregates.read-model.ts'
import type { MetricKind } from '../../../src/modules/metrics/metric-definition.ts'
import type { ResultSubject } from '../../../src/modules/results/result-subject.ts'
import { resultsOf } from '../../../src/modules/results/results.ts'

/** Of one variant in one epoch; a rate unless squares are given. */
interface Sums {
  units: number
  x: number
  xx?: number
}

/** By metric, epoch and variant; the units of the first metric are those exposed. */
type Data = ReadonlyArray<ReadonlyArray<readonly Sums[]>>

function subjectOf(analysis: Partial<AnalysisPlan>, kinds: readonly MetricKind[], treatments = 1): ResultSubject {
  const ids = Array.from({ length: treatments + 1 }, (_, id) => id)
  return {
    id: 1,
    key: 'e',
    status: 'RUNNING',
    algorithm: 'HASH',
    analysis: { ...DEFAULT_ANALYSIS_PLAN, ...analysis },
    variants: ids.map((id) => ({ id, key: `v${id}`, isControl: id === 0 })),
    metrics: kinds.map((kind, id) => ({
      metric: { id, key: `m${id}` },
      role: 'PRIMARY',
      margin: null,
      definition: { kind, direction: 'INCREASE' } as ResultSubject['metrics'][number]['definition'],
    })),
    epochs: [{ number: 1, weights: new Map(ids.map((id) => [id, 1])) }],
  }
}

function aggregatesOf(data: Data, exposed: ReadonlyArray<readonly Sums[]> = data[0]!): Aggregates {
  const none = { y: 0, yy: 0, xy: 0, c: 0, cc: 0, xc: 0, d: 0, dd: 0, cd: 0, xd: 0, yc: 0, yd: 0, weighted: null }
  const each = <Cell>(
    epochs: ReadonlyArray<readonly Sums[]>,
    cell: (epoch: number, variantId: number, sums: Sums) => Cell,
  ) => epochs.flatMap((variants, index) => variants.map((sums, variantId) => cell(index + 1, variantId, sums)))
  return {
    experimentId: 1,
    version: 1,
    exposures: each(exposed, (epoch, variantId, { units }) => ({
      epoch,
      variantId,
      units,
      contaminated: 0,
      w: units,
      ww: units,
    })),
    metrics: data.flatMap((epochs, metricId) =>
      each(epochs, (epoch, variantId, { x, xx = x }) => ({ metricId, epoch, variantId, x, xx, ...none })),
    ),
    matured: data.flatMap((epochs, metricId) =>
      each(epochs, (epoch, variantId, { units }) => ({ metricId, epoch, variantId, units, w: units, ww: units })),
    ),
    histograms: [],
    series: [],
    strata: [],
  }
}

function judge(subject: ResultSubject, data: Data, looks: Parameters<typeof resultsOf>[3] = []) {
  const results = resultsOf(subject, aggregatesOf(data), new Date(0), looks)
  return { ...results, first: results.metrics[0]!.comparisons[0]! }
}

/** Two arms of a rate in one epoch. */
const rates = (units: number, control: number, ...treatments: number[]) => [
  [control, ...treatments].map((x) => ({ units, x })),
]

describe('several allocation epochs', () => {
  const FEW_UNITS = [
    [5, 1_000],
    [20, 2_000],
  ] as const

  test.each(FEW_UNITS)('an epoch with %d control and %d treatment units makes no winners', (control, treatment) => {
    const random = seededRandom(11)
    // One in ten pays, and what they pay has a long tail.
    const arm = (units: number): Sums => {
      const values = Array.from({ length: units }, () => (random() < 0.1 ? Math.exp(normalDraw(random)) : 0))
      return { units, x: values.reduce((a, b) => a + b, 0), xx: values.reduce((a, b) => a + b * b, 0) }
    }
    const runs = 400
    const found = { fixed: 0, anytime: 0 }
    for (let run = 0; run < runs; run++) {
      const { first } = judge(subjectOf({}, ['MEAN']), [
        [
          [arm(500), arm(500)],
          [arm(control), arm(treatment)],
        ],
      ])
      if (first.test!.isSignificant) found.fixed++
      if (first.alwaysValid!.isSignificant) found.anytime++
    }
    // Of 400 true nulls at 5 %, 33 are three standard errors above what is expected.
    expect(found.fixed).toBeLessThanOrEqual(33)
    expect(found.anytime).toBeLessThanOrEqual(8)
  })

  test('are averaged by how well their differences are known, whatever the split', () => {
    const { first } = judge(subjectOf({}, ['PROPORTION']), [
      [
        [
          { units: 1_000, x: 100 },
          { units: 1_000, x: 130 },
        ],
        [
          { units: 100, x: 30 },
          { units: 900, x: 180 },
        ],
      ],
    ])
    // Effective units: 1,000·1,000/2,000 = 500 and 100·900/1,000 = 90.
    expect(first.difference!.estimate).toBeCloseTo((500 * 0.03 + 90 * -0.1) / 590, 12)
  })

  test('where the control was alone count for nothing, not even for the burn-in', () => {
    const data = [
      [
        [
          { units: 5_000, x: 820, xx: 3_700 },
          { units: 0, x: 0 },
        ],
        [
          { units: 5, x: 0, xx: 0 },
          { units: 600, x: 99, xx: 450 },
        ],
      ],
    ]
    const { first } = judge(subjectOf({}, ['MEAN']), data)
    expect(first).toMatchObject({ waitsFor: 'MINIMUM_SAMPLE', isSignificant: false })
  })

  test('are as much information as their difference tells, for a sequence as for a sequential test', () => {
    const [small, large] = [
      [
        { units: 9_000, x: 900 },
        { units: 1_000, x: 100 },
      ],
      [
        { units: 5_000, x: 500 },
        { units: 5_000, x: 500 },
      ],
    ]
    const plan = { decisionMethod: 'GROUP_SEQUENTIAL', maximumSampleSize: 40_000, looks: 4 } as const
    const subject = (epochs: number): ResultSubject => {
      const one = subjectOf(plan, ['PROPORTION'])
      return { ...one, epochs: Array.from({ length: epochs }, (_, n) => ({ ...one.epochs[0]!, number: n + 1 })) }
    }
    const first = judge(subject(1), [[small!]])
    expect(first.dueLooks).toMatchObject([{ number: 1, information: 0.25 }])
    // 9,000·1,000/10,000 = 900 effective units in the first epoch, 2,500 in the second: as many as 37,778 units of the first split.
    const second = judge(subject(2), [[small!, large!]], first.dueLooks)
    expect(second.dueLooks).toMatchObject([{ number: 2, information: expect.closeTo(3_400 / 900 / 4, 10) }])
    // O'Brien–Fleming type spending at 1/2, with looks that have hardly anything in common: above what constant weights would give.
    const constant = judge(
      subject(1),
      [[large!.map(({ units, x }) => ({ units: 2 * units, x: 2 * x }))]],
      first.dueLooks,
    )
    expect(second.dueLooks[0]!.criticalValue).toBeGreaterThan(constant.dueLooks[0]!.criticalValue)
  })
})

describe('a family', () => {
  const late = rates(1_000, 0, 0)

  test('counts the metrics that have no data yet, as its intervals do', () => {
    const subject = subjectOf({ correctionScope: 'ROLE', decisionMethod: 'FIXED_HORIZON' }, [
      'PROPORTION',
      'PROPORTION',
      'PROPORTION',
    ])
    const { first, metrics } = judge(subject, [rates(1_000, 100, 130), late, late])
    expect(metrics[0]!.multipleTesting.comparisons).toBe(3)
    expect(first.test!.adjustedPValue).toBeCloseTo(3 * first.test!.pValue, 12)
    expect(first.test!.pValue).toBeLessThan(0.05)
    expect(first.isSignificant).toBe(false)
    expect(first.relativeLift!.interval!.lower).toBeLessThan(0)
  })

  test.each(['HOLM', 'HOCHBERG', 'BENJAMINI_HOCHBERG', 'BENJAMINI_YEKUTIELI'] as const)(
    'of %s and of always-valid evidence does so too',
    (correction) => {
      const subject = subjectOf({ correctionScope: 'ROLE', correction }, ['PROPORTION', 'PROPORTION', 'PROPORTION'])
      const alone = judge(subjectOf({ correction }, ['PROPORTION']), [rates(2_000, 200, 268)])
      const { first } = judge(subject, [rates(2_000, 200, 268), late, late])
      expect(alone.first.isSignificant).toBe(true)
      expect(first.alwaysValid!.adjustedPValue).toBeGreaterThanOrEqual(3 * first.alwaysValid!.pValue - 1e-12)
      expect(first.isSignificant).toBe(false)
    },
  )

  test.each(['BENJAMINI_HOCHBERG', 'BENJAMINI_YEKUTIELI'] as const)(
    'of %s and of always-valid evidence shows the p-value that the verdict goes by',
    (correction) => {
      for (let x = 255; x < 275; x++) {
        const { first } = judge(subjectOf({ correction }, ['PROPORTION'], 2), [rates(2_000, 200, x, x)])
        expect([x, first.isSignificant]).toEqual([x, first.alwaysValid!.adjustedPValue <= 0.05])
      }
    },
  )
})

describe('BAYESIAN', () => {
  test('decides by the level of its interval, with the share that the correction leaves', () => {
    const plan = { decisionMethod: 'BAYESIAN', plannedSampleSize: null } as const
    const near = judge(subjectOf(plan, ['PROPORTION']), [rates(1_000, 100, 124)])
    expect(near.first.bayesian!.chanceToBeatControl).toBeGreaterThan(0.95)
    expect(near.first.bayesian!.interval.lower).toBeLessThan(0)
    expect(near.first.isSignificant).toBe(false)
    const beyond = judge(subjectOf(plan, ['PROPORTION']), [rates(1_000, 100, 134)])
    expect(beyond.first.bayesian!.interval.lower).toBeGreaterThan(0)
    expect(beyond.first.isSignificant).toBe(true)
    const oneOfFour = judge(subjectOf(plan, ['PROPORTION'], 4), [rates(1_000, 100, 134, 100, 100, 100)])
    expect(oneOfFour.first.bayesian!.interval.lower).toBeLessThan(0)
    expect(oneOfFour.first.isSignificant).toBe(false)
  })

  test('goes by what is believed, not by the raw difference, where a prior says otherwise', () => {
    const plan = { decisionMethod: 'BAYESIAN', prior: { mean: 0.1, standardDeviation: 0.02 } } as const
    const { first, decision } = judge(subjectOf(plan, ['PROPORTION']), [rates(2_000, 200, 196)])
    expect(first.bayesian!.chanceToBeatControl).toBeGreaterThan(0.999)
    expect(first.isSignificant).toBe(true)
    expect(decision.recommendation).toBe('SHIP')
  })

  test('never contradicts its credible interval', () => {
    const seen = { significant: 0, open: 0 }
    for (const [control, rate, treatment] of [
      [9_000, 0.2, 300],
      [5_000, 0.5, 5_000],
      [400, 0.1, 400],
    ] as const) {
      for (let x = Math.ceil(treatment * rate * 0.5); x < treatment * rate * 1.6; x++) {
        const data = [
          [
            [
              { units: control, x: control * rate },
              { units: treatment, x },
            ],
          ],
        ]
        const { first } = judge(subjectOf({ decisionMethod: 'BAYESIAN' }, ['PROPORTION']), data)
        if (first.waitsFor) continue
        const { lower, upper } = first.bayesian!.interval
        expect([control, x, lower > 0 || upper < 0]).toEqual([control, x, first.isSignificant])
        seen[first.isSignificant ? 'significant' : 'open']++
      }
    }
    expect(Math.min(seen.significant, seen.open)).toBeGreaterThan(20)
  })
})

describe('GROUP_SEQUENTIAL', () => {
  const plan = { decisionMethod: 'GROUP_SEQUENTIAL', maximumSampleSize: 1_000, looks: 50 } as const

  test('looks at the planned shares, however many units there are between them', () => {
    expect(judge(subjectOf(plan, ['PROPORTION']), [rates(203, 60, 70)]).first.sequential!.informationFraction).toBe(0.4)
    expect(judge(subjectOf(plan, ['PROPORTION']), [rates(290, 60, 70)]).dueLooks).toMatchObject([{ number: 29 }])
    expect(judge(subjectOf(plan, ['PROPORTION']), [rates(700, 60, 70)]).first.sequential!.informationFraction).toBe(1)
  })

  test('has run its course at its maximum sample, not at a planned one', () => {
    const open = subjectOf({ ...plan, maximumSampleSize: 5_000, plannedSampleSize: 1_000 }, ['PROPORTION'])
    expect(judge(open, [rates(600, 60, 66)]).decision.recommendation).toBe('KEEP_RUNNING')
    expect(judge(subjectOf(plan, ['PROPORTION']), [rates(600, 60, 66)]).decision.recommendation).toBe('HOLD')
  })

  test('of retention counts the units whose window has passed', () => {
    const subject = subjectOf({ ...plan, maximumSampleSize: 10_000 }, ['RETENTION'])
    const exposed = [[5_150, 5_150].map((units) => ({ units, x: 0 }))]
    const early = resultsOf(subject, aggregatesOf([rates(150, 45, 60)], exposed), new Date(0))
    expect(early.metrics[0]!.comparisons[0]!.sequential).toMatchObject({ informationFraction: 0.02, looksTaken: 1 })
    expect(early.decision.recommendation).toBe('KEEP_RUNNING')
    const late = resultsOf(subject, aggregatesOf([rates(5_150, 1_545, 2_045)], exposed), new Date(0))
    expect(late.metrics[0]!.comparisons[0]).toMatchObject({
      isSignificant: true,
      sequential: { informationFraction: 1, looksTaken: 1 },
    })
  })

  test('lets a verdict stand when units are taken out afterwards', () => {
    const subject = subjectOf(plan, ['PROPORTION'])
    const { dueLooks, first } = judge(subject, [rates(203, 26, 110)])
    expect(first.isSignificant).toBe(true)
    for (const left of [rates(201, 24, 109), rates(201, 0, 0), rates(3, 1, 2)]) {
      const after = judge(subject, [left], dueLooks)
      expect(after.first).toMatchObject({ isSignificant: true, waitsFor: null, sequential: { looksTaken: 1 } })
      expect(after.decision.recommendation).toBe('SHIP')
      expect(after.first.relativeLift).toEqual(first.relativeLift)
    }
  })
})

test('a confidence sequence is narrowest where the plan ends, for any number of variants', () => {
  const plan = { plannedSampleSize: 12_000 }
  const width = (treatments: number) => {
    const data = [rates(12_000 / (treatments + 1), 600, ...Array(treatments).fill(600))]
    const { first } = judge(subjectOf({ ...plan, correction: 'NONE' }, ['PROPORTION'], treatments), data)
    const { lower, upper } = first.alwaysValid!.interval
    // In standard errors, of which a 95 % interval has 1.96 on either side.
    const { lower: from, upper: to } = first.difference!.interval
    return (upper - lower) / (to - from)
  }
  expect(width(5)).toBeCloseTo(width(1), 2)
  expect(width(9)).toBeCloseTo(width(1), 2)
})
