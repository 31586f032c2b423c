import { describe, expect, test } from 'vitest'
import { binomialDraw, seededRandom } from '../../../src/cli/simulation/random.ts'
import { planPower, planSampleSize } from '../../../src/modules/planning/plan-design.ts'
import type { PlanSampleSizeInput } from '../../../src/modules/planning/planning.inputs.ts'
import { betaBelief, compareBetaBeliefs, UNIFORM_PRIOR } from '../../../src/statistics/bayesian/beta-binomial.ts'
import { type Difference, proportionDifference } from '../../../src/statistics/comparison.ts'
import { fixedHorizonTest } from '../../../src/statistics/fixed-horizon-test.ts'
import { estimateProportion } from '../../../src/statistics/sample-summary.ts'
import { confidenceSequence } from '../../../src/statistics/sequential/confidence-sequence.ts'
import { monitorGroupSequential } from '../../../src/statistics/sequential/group-sequential-monitor.ts'
import { computed } from '../../support/computed.ts'

const RUNS = 2_000
/** Three standard errors of a share of these runs, and a little for the normal approximation at the rarest events. */
const ERROR = 3 * Math.sqrt((0.8 * 0.2) / RUNS) + 0.01

const look = (control: Arm, treatment: Arm): Difference =>
  proportionDifference(
    computed(estimateProportion(control.units, control.conversions)),
    computed(estimateProportion(treatment.units, treatment.conversions)),
  )

interface Arm {
  units: number
  conversions: number
}

/** Share of simulated experiments of the planned sample that a rule decides, in the direction of the effect. */
function simulated(
  { baseline, minimumDetectableEffect, weightsBasisPoints, ...rest }: PlanSampleSizeInput,
  decides: (looks: Arm[][], totalUnits: number) => boolean,
  looks = 1,
  runs = RUNS,
): { share: number; totalUnits: number } {
  const input = { baseline, minimumDetectableEffect, weightsBasisPoints, ...rest }
  const { totalUnits } = planSampleSize(input)
  const random = seededRandom(11)
  const rates = [baseline, baseline + minimumDetectableEffect]
  let hits = 0
  for (let run = 0; run < runs; run++) {
    const arms = rates.map((): Arm => ({ units: 0, conversions: 0 }))
    const seen = Array.from({ length: looks }, (_, number) =>
      arms.map((arm, index) => {
        const due = Math.round((totalUnits * weightsBasisPoints![index]! * (number + 1)) / 10_000 / looks)
        arm.conversions += binomialDraw(random, due - arm.units, rates[index]!)
        arm.units = due
        return { ...arm }
      }),
    )
    if (decides(seen, totalUnits)) hits++
  }
  return { share: hits / runs, totalUnits }
}

const UNEVEN = [
  { weightsBasisPoints: [5_000, 5_000], baseline: 0.01, minimumDetectableEffect: 0.01 },
  { weightsBasisPoints: [1_000, 9_000], baseline: 0.01, minimumDetectableEffect: 0.01 },
  { weightsBasisPoints: [9_000, 1_000], baseline: 0.01, minimumDetectableEffect: 0.01 },
  { weightsBasisPoints: [1_000, 9_000], baseline: 0.1, minimumDetectableEffect: 0.03 },
  { weightsBasisPoints: [2_000, 8_000], baseline: 0.05, minimumDetectableEffect: 0.02 },
  { weightsBasisPoints: [2_000, 8_000], baseline: 0.05, minimumDetectableEffect: -0.02 },
]

describe('a plan for rates promises the power of the test that decides', () => {
  const sign = ({ minimumDetectableEffect }: { minimumDetectableEffect: number }) => Math.sign(minimumDetectableEffect)

  test.each(UNEVEN)('FIXED_HORIZON: $weightsBasisPoints, $baseline $minimumDetectableEffect', (design) => {
    const { share } = simulated({ ...design, decisionMethod: 'FIXED_HORIZON' }, ([arms]) => {
      const difference = look(arms![0]!, arms![1]!)
      return computed(fixedHorizonTest(difference, 0.05)).pValue <= 0.05 && difference.estimate * sign(design) > 0
    })
    expect(Math.abs(share - 0.8)).toBeLessThan(ERROR)
  })

  test.each(UNEVEN)('ALWAYS_VALID, last look: $weightsBasisPoints, $baseline $minimumDetectableEffect', (design) => {
    const { share } = simulated({ ...design, decisionMethod: 'ALWAYS_VALID' }, ([arms], totalUnits) => {
      const difference = look(arms![0]!, arms![1]!)
      const { pValue } = computed(confidenceSequence(difference, 0.05, totalUnits))
      return pValue <= 0.05 && difference.estimate * sign(design) > 0
    })
    expect(Math.abs(share - 0.8)).toBeLessThan(ERROR)
  })

  test.each(UNEVEN.slice(1, 4))(
    'GROUP_SEQUENTIAL: $weightsBasisPoints, $baseline $minimumDetectableEffect',
    (design) => {
      const { share } = simulated(
        { ...design, decisionMethod: 'GROUP_SEQUENTIAL', looks: 5 },
        (seen, totalUnits) => {
          const looks = seen.map(([control, treatment]) => {
            const { units, estimate, nullVariance } = look(control!, treatment!)
            return { units, estimate, standardError: Math.sqrt(nullVariance.control + nullVariance.treatment) || 1 }
          })
          const results = monitorGroupSequential(looks, totalUnits, { family: 'OBRIEN_FLEMING' }, 0.05)
          return (results.find(({ isRejected }) => isRejected)?.statistic ?? 0) * sign(design) > 0
        },
        5,
      )
      expect(Math.abs(share - 0.8)).toBeLessThan(ERROR)
    },
  )

  test.each(UNEVEN.slice(4))('BAYESIAN, no less: $weightsBasisPoints, $baseline $minimumDetectableEffect', (design) => {
    const decides = ([arms]: Arm[][]) => {
      const [control, treatment] = arms!.map((arm) => betaBelief(UNIFORM_PRIOR, arm))
      return (compareBetaBeliefs(control!, treatment!).chanceToBeatControl - 0.5) * sign(design) >= 0.45
    }
    const { share } = simulated({ ...design, decisionMethod: 'BAYESIAN' }, decides, 1, 400)
    expect(share).toBeGreaterThan(0.8 - 2 * Math.sqrt((0.8 * 0.2) / 400))
  })

  test('a covariate is taken out with the variances of the variants, which are then what the test divides by', () => {
    const design = { baseline: 0.01, minimumDetectableEffect: 0.01, weightsBasisPoints: [1_000, 9_000] }
    const fixed = { ...design, decisionMethod: 'FIXED_HORIZON', covariateCorrelation: 0.5 } as const
    const drift = 1.959963985 + 0.841621234
    const units = ((drift / 0.01) ** 2 * (0.01 * 0.99)) / 0.1 + ((drift / 0.01) ** 2 * (0.02 * 0.98)) / 0.9
    expect(planSampleSize(fixed).totalUnits).toBe(Math.ceil(0.75 * units))
  })
})

describe('a plan for several variants promises the power of the confidence sequence', () => {
  test.each([2, 6, 10])('%d variants: at the last look as planned, over all looks more', (variants) => {
    const weight = 10_000 / variants
    const weightsBasisPoints = Array.from({ length: variants }, (_, index) =>
      index === 0 ? 10_000 - Math.floor(weight) * (variants - 1) : Math.floor(weight),
    )
    const design = { baseline: 0.3, minimumDetectableEffect: 0.06, weightsBasisPoints }
    const alpha = 0.05 / (variants - 1)
    const isFound = ([control, treatment]: Arm[], totalUnits: number) => {
      const difference = look(control!, treatment!)
      const share = (weightsBasisPoints[0]! + weightsBasisPoints[1]!) / 10_000
      return (
        difference.estimate > 0 && computed(confidenceSequence(difference, alpha, totalUnits * share)).pValue <= alpha
      )
    }
    let foundLast = 0
    const { share: any, totalUnits } = simulated(
      design,
      (seen, units) => {
        if (isFound(seen.at(-1)!, units)) foundLast++
        return seen.some((arms) => isFound(arms, units))
      },
      10,
    )
    const last = foundLast / RUNS
    const { power } = planPower({ ...design, totalUnits })
    expect(power).toBeCloseTo(0.8, 2)
    expect(Math.abs(last - power)).toBeLessThan(ERROR)
    expect(any).toBeGreaterThan(last)
  })
})
