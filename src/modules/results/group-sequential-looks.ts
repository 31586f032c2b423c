import { type Difference, type LiftBase, nullStandardErrorOf } from '../../statistics/comparison.ts'
import { around, type Interval } from '../../statistics/interval.ts'
import type { NotComputable } from '../../statistics/not-computable.ts'
import { type RelativeLift, relativeLift } from '../../statistics/relative-lift.ts'
import { monitorGroupSequential } from '../../statistics/sequential/group-sequential-monitor.ts'
import type { AnalysisPlan } from '../experiments/analysis-plan.ts'
import { alphaSpendingOf } from '../experiments/spending.ts'

/** A look at one comparison, as it was taken; it is taken once and never changed. */
export interface StoredLook {
  metricId: number
  variantId: number
  /** 1 to the plan's number of looks: the largest planned share of the maximum sample that was reached. */
  number: number
  /** Units of all variants together. */
  units: number
  /** Share of the information at the maximum sample, had the allocation stayed what it was at the start; it grows as 1 / variance does. */
  information: number
  /** The difference, in the metric's unit. */
  estimate: number
  /** Under no difference, as are the variances of the means. */
  standardError: number
  control: { mean: number; variance: number }
  treatment: { mean: number; variance: number }
  /** What a lift is relative to, where that is not the control's mean. */
  base: LiftBase | null
  /** Boundary for the absolute statistic, given the looks before. */
  criticalValue: number
  isRejected: boolean
}

export interface SequentialVerdict {
  /** Share of the maximum sample at the last look, at most 1. */
  informationFraction: number
  looksTaken: number
  /** Null while the look is so early that nothing can be spent on it. */
  criticalValue: number | null
  statistic: number
  /** Repeated interval of the last look; null with the boundary. */
  interval: Interval | null
  /** Whether this or an earlier look crossed its boundary. */
  isSignificant: boolean
  /** The difference at the look at which the verdict stands, in the metric's unit. */
  verdictDifference: number
}

/** The share of the maximum sample that a look stands for: the largest planned one that its units had reached. */
function fractionOf({ number }: Pick<StoredLook, 'number'>, { looks }: AnalysisPlan): number {
  return number / looks
}

/**
 * The look that is due at this many units, if the next planned one has been reached; it spends what its share of information allows.
 * @param units - of all variants together that count for the metric
 * @param information - see {@link StoredLook}; null where the allocation has never changed: then it is the planned share
 */
export function dueLook(
  plan: AnalysisPlan,
  taken: readonly StoredLook[],
  of: Pick<StoredLook, 'metricId' | 'variantId'>,
  units: number,
  information: number | null,
  difference: Difference,
  alpha: number,
): StoredLook | null {
  const number = Math.min(plan.looks, Math.floor((units * plan.looks) / plan.maximumSampleSize!))
  if (number <= (taken.at(-1)?.number ?? 0)) return null
  const { estimate, control, treatment, nullVariance, base = null } = difference
  const look = {
    ...of,
    number,
    units,
    information: information ?? number / plan.looks,
    estimate,
    standardError: nullStandardErrorOf(difference),
    control: { mean: control.mean, variance: nullVariance.control },
    treatment: { mean: treatment.mean, variance: nullVariance.treatment },
    base,
  }
  const known = [...taken, look].map((each) => ({ ...each, units: each.number }))
  const result = monitorGroupSequential(known, plan.looks, alphaSpendingOf(plan.spending), alpha).at(-1)!
  return { ...look, criticalValue: result.criticalValue, isRejected: result.isRejected }
}

/** What the looks taken so far say; null before the first. */
export function sequentialVerdict(
  plan: AnalysisPlan,
  looks: readonly StoredLook[],
  alpha: number,
): SequentialVerdict | null {
  const last = looks.at(-1)
  if (!last) return null
  const { estimate, standardError, criticalValue } = last
  return {
    informationFraction: fractionOf(last, plan),
    looksTaken: looks.length,
    criticalValue: Number.isFinite(criticalValue) ? criticalValue : null,
    statistic: estimate / standardError,
    interval: Number.isFinite(criticalValue) ? around(estimate, criticalValue * standardError, alpha) : null,
    isSignificant: looks.some(({ isRejected }) => isRejected),
    verdictDifference: standingLook(looks)!.estimate,
  }
}

/** The look at which the verdict stands: the first that crossed its boundary, which none after it can undo, or else the last. */
function standingLook(looks: readonly StoredLook[]): StoredLook | undefined {
  return looks.find(({ isRejected }) => isRejected) ?? looks.at(-1)
}

/** The lift at the look at which the verdict stands; null before a look on which something can be spent. */
export function liftOfVerdict(
  plan: AnalysisPlan,
  looks: readonly StoredLook[],
  alpha: number,
): { informationFraction: number; lift: RelativeLift | NotComputable } | null {
  const look = standingLook(looks)
  if (!look || !Number.isFinite(look.criticalValue)) return null
  const { estimate, control, treatment, base, criticalValue } = look
  const nullVariance = { control: control.variance, treatment: treatment.variance }
  const parts = { estimate, control, treatment, nullVariance, ...(base && { base }) }
  return {
    informationFraction: fractionOf(look, plan),
    lift: relativeLift(parts, criticalValue, alpha),
  }
}
