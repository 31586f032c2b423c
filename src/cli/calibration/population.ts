import { type Difference, meanDifference, proportionDifference } from '../../statistics/comparison.ts'
import { isComputable, type NotComputable, whenComputable } from '../../statistics/not-computable.ts'
import { rateVariances } from '../../statistics/power/proportion-power.ts'
import { estimateRatio } from '../../statistics/ratio-summary.ts'
import { type ArmEstimate, estimateMean } from '../../statistics/sample-summary.ts'
import { isMeanPastBurnIn, isQuantilePastBurnIn, isRatePastBurnIn } from '../../statistics/sequential/burn-in.ts'
import { cuped } from '../../statistics/variance-reduction/cuped.ts'
import { binomialDraw, normalDraw } from '../simulation/random.ts'
import {
  LatencyArm,
  type LatencyModel,
  poissonDraw,
  type Random,
  RateArm,
  type SimulatedArm,
  ValueArm,
} from './simulated-arms.ts'

/** A control and a treatment as their units arrive. */
export interface SimulatedPair {
  add(random: Random, controlUnits: number, treatmentUnits: number): void
  difference(): Difference | NotComputable
  isPastBurnIn(): boolean
}

/** A kind of metric with units to simulate, and what the product makes of them. */
export interface Population {
  name: string
  /** Units of both arms that a single look needs for the planned effect, about. */
  fixedUnits: number
  /** Share of the units in the control. */
  controlShare: number
  /** The control's expected value. */
  mean: number
  /** Variance of one unit of an arm with this lift, of what the difference is tested by. */
  unitVariance(lift: number): number
  /** The same under the hypothesis of no difference, where the test divides by that. */
  pooledVariance?(lift: number): number
  /** The treatment's expected value is (1 + lift) times the control's. */
  pair(lift: number): SimulatedPair
}

/** How the arms of a kind of metric come about and are compared. */
interface Kind<Arm extends SimulatedArm> {
  arm(lift: number): Arm
  difference(control: Arm, treatment: Arm): Difference | NotComputable
  isPastBurnIn(arm: Arm): boolean
}

function population<Arm extends SimulatedArm>(
  facts: Omit<Population, 'pair' | 'controlShare'> & { controlShare?: number },
  kind: Kind<Arm>,
): Population {
  return {
    controlShare: 0.5,
    ...facts,
    pair: (lift) => {
      const [control, treatment] = [kind.arm(0), kind.arm(lift)]
      return {
        add: (random, controlUnits, treatmentUnits) => {
          control.add(random, controlUnits)
          treatment.add(random, treatmentUnits)
        },
        difference: () => kind.difference(control, treatment),
        isPastBurnIn: () => kind.isPastBurnIn(control) && kind.isPastBurnIn(treatment),
      }
    },
  }
}

function ratePopulation(name: string, rate: number, fixedUnits: number, controlShare = 0.5): Population {
  const facts = {
    name,
    fixedUnits,
    mean: rate,
    controlShare,
    unitVariance: (lift: number) => rate * (1 + lift) * (1 - rate * (1 + lift)),
    pooledVariance: (lift: number) => rateVariances(rate, rate * (1 + lift), controlShare).nullVariance,
  }
  return population<RateArm>(facts, {
    arm: (lift) => new RateArm(rate * (1 + lift)),
    difference: (control, treatment) => compare(control.estimate(), treatment.estimate(), proportionDifference),
    isPastBurnIn: isRatePastBurnIn,
  })
}

/** Units of both arms that the designs below are planned for, in one look. */
const UNITS = 8000

const meanKind: Omit<Kind<ValueArm>, 'arm'> = {
  difference: (control, treatment) => compare(estimateMean(control), estimateMean(treatment), meanDifference),
  isPastBurnIn: ({ count }) => isMeanPastBurnIn(count),
}

/** 30 % pay a log-normal amount; the logarithm has standard deviation 1, so that the top 1 % of units bring 20 % of the revenue. */
const PAYERS = 0.3
const revenue = population(
  {
    name: 'MEAN (revenue)',
    fixedUnits: UNITS,
    mean: PAYERS * Math.exp(0.5),
    unitVariance: (lift) => (PAYERS * Math.exp(2) - PAYERS ** 2 * Math.E) * (1 + lift) ** 2,
  },
  {
    ...meanKind,
    arm: (lift) => new ValueArm((random) => [random() < PAYERS ? (1 + lift) * Math.exp(normalDraw(random)) : 0, 0]),
  },
)

/** Spending with a correlation of 0.7 to that before exposure. */
const CORRELATION = 0.7
const adjusted = population(
  {
    name: 'MEAN with CUPED (correlation 0.7)',
    fixedUnits: UNITS,
    mean: 10,
    unitVariance: () => 25 * (1 - CORRELATION ** 2),
  },
  {
    ...meanKind,
    arm: (lift) =>
      new ValueArm((random) => {
        const before = normalDraw(random)
        const value = CORRELATION * before + Math.sqrt(1 - CORRELATION ** 2) * normalDraw(random)
        return [10 * (1 + lift) + 5 * value, 20 + 5 * before]
      }),
    difference: (control, treatment) => whenComputable(cuped(control, treatment), ({ difference }) => difference),
  },
)

/** Poisson counts. */
const EVENTS = 2
const counts = population(
  {
    name: 'COUNT (Poisson, mean 2)',
    fixedUnits: UNITS,
    mean: EVENTS,
    unitVariance: (lift) => EVENTS * (1 + lift),
  },
  { ...meanKind, arm: (lift) => new ValueArm((random) => [poissonDraw(random, EVENTS * (1 + lift)), 0]) },
)

/** Clicks per impression; a fifth of the users click four times as often, and users with many impressions weigh more. */
const CLICK_RATES = [0.05, 0.2] as const
const FREQUENT = 0.2
const IMPRESSIONS = 4
const CLICKS = (1 - FREQUENT) * CLICK_RATES[0] + FREQUENT * CLICK_RATES[1]
const ratio = population(
  {
    name: 'RATIO (clicks per impression)',
    fixedUnits: UNITS,
    mean: CLICKS,
    unitVariance: (lift) => ratioVariance(1 + lift),
  },
  {
    ...meanKind,
    arm: (lift) =>
      new ValueArm((random) => {
        const impressions = 1 + poissonDraw(random, IMPRESSIONS - 1)
        const rate = CLICK_RATES[random() < FREQUENT ? 1 : 0] * (1 + lift)
        return [binomialDraw(random, impressions, rate), impressions]
      }),
    difference: (control, treatment) => compare(ratioOf(control), ratioOf(treatment), meanDifference),
  },
)

function ratioOf(arm: ValueArm): ArmEstimate | NotComputable {
  return estimateRatio({
    count: arm.count,
    numeratorSum: arm.sum,
    numeratorSumOfSquares: arm.sumOfSquares,
    denominatorSum: arm.preSum,
    denominatorSumOfSquares: arm.preSumOfSquares,
    crossProduct: arm.crossProduct,
  })
}

/** Variance of (clicks − R·impressions)/mean impressions: within users, and between the two sorts of them. */
function ratioVariance(factor: number): number {
  const [rare, often] = CLICK_RATES.map((rate) => rate * factor) as [number, number]
  const mean = CLICKS * factor
  const within = IMPRESSIONS * ((1 - FREQUENT) * rare * (1 - rare) + FREQUENT * often * (1 - often))
  const between = (1 - FREQUENT) * (rare - mean) ** 2 + FREQUENT * (often - mean) ** 2
  // E[impressions²] of 1 + Poisson(m): 1 + 3m + m².
  const m = IMPRESSIONS - 1
  return (within + between * (1 + 3 * m + m * m)) / IMPRESSIONS ** 2
}

/** Latencies in whole milliseconds, log-normal around a median of 200; half of their variance lies between users. */
const QUANTILE = 0.9
const LATENCY_DEVIATION = 0.5
const LATENCY_MODEL: LatencyModel = {
  median: 200,
  betweenUsers: LATENCY_DEVIATION * Math.SQRT1_2,
  withinUser: LATENCY_DEVIATION * Math.SQRT1_2,
  furtherValues: 1,
}
const Z90 = 1.2815515655446004
const LATENCY = 200 * Math.exp(LATENCY_DEVIATION * Z90)
/** That two values of one user both lie below the quantile: the bivariate normal probability at z, z with a correlation of one half. */
const BOTH_BELOW = 0.832401523

const latency = population(
  {
    name: 'QUANTILE (p90 of latency, clustered by user)',
    fixedUnits: UNITS,
    mean: LATENCY,
    // Var(Σ(1{value ≤ Q} − q)) of one user over (f · mean count)², f the density at the quantile.
    unitVariance: (lift) => {
      const density = Math.exp((-Z90 * Z90) / 2) / Math.sqrt(2 * Math.PI) / (LATENCY_DEVIATION * LATENCY * (1 + lift))
      const m = LATENCY_MODEL.furtherValues
      const count = 1 + m
      // E[count · (count − 1)] of 1 + Poisson(m) is m² + 2m.
      const variance = count * QUANTILE * (1 - QUANTILE) + (m * m + 2 * m) * (BOTH_BELOW - QUANTILE ** 2)
      return variance / (density * count) ** 2
    },
  },
  {
    arm: (lift) => new LatencyArm({ ...LATENCY_MODEL, median: LATENCY_MODEL.median * (1 + lift) }, QUANTILE),
    difference: (control, treatment) => compare(control.estimate(), treatment.estimate(), meanDifference),
    isPastBurnIn: ({ counted: { units, values } }) => isMeanPastBurnIn(units) && isQuantilePastBurnIn(values, QUANTILE),
  },
)

/** What calibration simulates: every kind of metric, with the awkward cases of rare events and of an uneven split. */
export const POPULATIONS: readonly Population[] = [
  ratePopulation('PROPORTION (10 %)', 0.1, UNITS),
  ratePopulation('PROPORTION (1 %)', 0.01, 40_000),
  ratePopulation('PROPORTION (5 %, split 90/10)', 0.05, 40_000, 0.9),
  ratePopulation('RETENTION (25 %)', 0.25, UNITS),
  revenue,
  adjusted,
  counts,
  ratio,
  latency,
]

function compare(
  control: ArmEstimate | NotComputable,
  treatment: ArmEstimate | NotComputable,
  differenceOf: (control: ArmEstimate, treatment: ArmEstimate) => Difference,
): Difference | NotComputable {
  if (!isComputable(control)) return control
  return isComputable(treatment) ? differenceOf(control, treatment) : treatment
}
