import { describe, expect, test } from 'vitest'
import { resultsOf } from '../../../src/modules/results/results.ts'
import { aggregatesOf, judge, rates, subjectOf } from '../../support/judged-data.ts'

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
