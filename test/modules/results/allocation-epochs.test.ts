import { describe, expect, test } from 'vitest'
import { normalDraw, seededRandom } from '../../../src/cli/simulation/random.ts'
import type { ResultSubject } from '../../../src/modules/results/result-subject.ts'
import { judge, type Sums, subjectOf } from '../../support/judged-data.ts'

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
