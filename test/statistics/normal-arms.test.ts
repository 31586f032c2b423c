import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalArms } from '../../src/statistics/bandit/normal-arms.ts'
import { probabilityOfBeingBest } from '../../src/statistics/bandit/probability-of-being-best.ts'
import { NotComputable } from '../../src/statistics/not-computable.ts'
import { estimateRatio, type RatioSummary } from '../../src/statistics/ratio-summary.ts'
import { computed } from '../support/computed.ts'
import { pairs, ratioOf } from './properties/arbitraries.ts'

/** Units that each have one of the values in turn. */
function mean(units: number, ...values: number[]): RatioSummary {
  return ratioOf(Array.from({ length: units }, (_, unit) => [values[unit % values.length]!, 1] as const))
}

const bestOf = (...arms: RatioSummary[]) => probabilityOfBeingBest(computed(normalArms(arms)))
const codeOf = (...arms: RatioSummary[]) => {
  const answer = normalArms(arms)
  return answer instanceof NotComputable ? answer.code : null
}

describe('what is believed of arms', () => {
  it('is learnt where an arm shows no spread', () => {
    const [best, dead] = bestOf(mean(500, 1, 0, 0), mean(500, 0))
    expect(best).toBeGreaterThan(0.999)
    expect(dead).toBeLessThan(0.001)
    const [, greatest] = bestOf(mean(500, 2, 4), mean(500, 6, 18), mean(500, 0))
    expect(greatest).toBeGreaterThan(0.999)
    const [fifth, third] = bestOf(mean(500, 5), mean(500, 3))
    expect(fifth).toBeGreaterThan(0.999)
    expect(third).toBeLessThan(0.001)
  })

  it('leaves an arm without spread a chance while units are few', () => {
    const [, dead] = bestOf(mean(20, ...Array(19).fill(0), 1), mean(20, 0))
    expect(dead).toBeGreaterThan(0.1)
    expect(dead).toBeLessThan(0.5)
  })

  it('is the ratio of all arms where one has nothing to divide by', () => {
    const clicks = (share: number): RatioSummary =>
      ratioOf(Array.from({ length: 500 }, (_, unit) => [unit % 10 < share * 10 ? 1 : 0, 1] as const))
    const nothing = ratioOf(Array.from({ length: 500 }, () => [0, 0] as const))
    const [low, high, none] = bestOf(clicks(0.2), clicks(0.6), nothing)
    expect(high).toBeGreaterThan(0.99)
    expect(low! + none!).toBeLessThan(0.01)
    expect(bestOf(clicks(0.2), nothing)[0]).toBeCloseTo(0.5, 12)
  })

  it('is not there while nothing tells the arms apart', () => {
    expect(codeOf()).toBe('NO_ARMS')
    expect(codeOf(mean(500, 1, 0), mean(9, 1, 0))).toBe('INSUFFICIENT_UNITS')
    expect(codeOf(mean(500, 0), mean(500, 0))).toBe('ZERO_VARIANCE')
    const nothing = ratioOf(Array.from({ length: 10 }, () => [0, 0] as const))
    expect(codeOf(nothing, nothing)).toBe('DENOMINATOR_ZERO')
  })

  it('is finite with a positive deviation, and the own estimate of an arm that has a spread', () => {
    fc.assert(
      fc.property(fc.array(pairs, { minLength: 1, maxLength: 4 }), (samples) => {
        const summaries = samples.map(ratioOf)
        const arms = normalArms(summaries)
        if (arms instanceof NotComputable) return
        for (const [index, arm] of arms.entries()) {
          expect(Number.isFinite(arm.mean)).toBe(true)
          expect(arm.standardDeviation > 0 && arm.standardDeviation < Infinity).toBe(true)
          const own = estimateRatio(summaries[index]!)
          if (own instanceof NotComputable || own.unitVariance === 0) continue
          expect(arm.mean).toBe(own.mean)
          expect(arm.standardDeviation / Math.sqrt(own.unitVariance / own.units)).toBeCloseTo(1, 12)
        }
      }),
    )
  })
})
