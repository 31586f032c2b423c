import {
  combineStrata,
  type Difference,
  effectiveUnits,
  meanDifference,
  proportionDifference,
} from '../../statistics/comparison.ts'
import { isComputable, NotComputable } from '../../statistics/not-computable.ts'
import type { ArmEstimate } from '../../statistics/sample-summary.ts'
import { type CupedSummary, cuped } from '../../statistics/variance-reduction/cuped.ts'
import { type CupedRatioSummary, cupedRatio } from '../../statistics/variance-reduction/cuped-ratio.ts'
import { postStratify } from '../../statistics/variance-reduction/post-stratification.ts'
import { isRate, type MetricDefinition } from '../metrics/metric-definition.ts'
import { type ArmSums, addUp, ratioSummaryOf } from './arm-sums.ts'
import { estimateArm } from './estimate-arm.ts'

export type ArmByEpoch = ReadonlyMap<number, ArmSums>

/** One treatment and the control, by epoch. */
export interface Arms {
  control: ArmByEpoch
  treatment: ArmByEpoch
  /** The same by the values of the dimension that the plan stratifies by, which share out all units; empty without one. */
  strata: ReadonlyArray<{ control: ArmByEpoch; treatment: ArmByEpoch }>
  /** Whether the units of all variants, of these two and the others, came in one epoch. */
  isOneEpoch: boolean
}

/** Units that an arm needs in an epoch or a stratum for its variance to be believed, where there are several. */
const LEAST_UNITS = 50

/**
 * The epochs in which both arms can be compared, and nothing else: a control that was there long before the treatment says nothing
 * of its difference. Of several, those in which an arm is too small are left out too.
 */
export function comparedArms({ control, treatment, strata, isOneEpoch }: Arms): Arms {
  const unitsIn = (epoch: number) => Math.min(control.get(epoch)?.units ?? 0, treatment.get(epoch)?.units ?? 0)
  const common = [...treatment.keys()].filter((epoch) => unitsIn(epoch) > 0)
  const large = common.filter((epoch) => unitsIn(epoch) >= LEAST_UNITS)
  const epochs = new Set(large.length > 0 ? large : common)
  const only = (arm: ArmByEpoch) => new Map([...arm].filter(([epoch]) => epochs.has(epoch)))
  return {
    control: only(control),
    treatment: only(treatment),
    strata: strata.map((each) => ({ control: only(each.control), treatment: only(each.treatment) })),
    isOneEpoch,
  }
}

/** What the covariate from before exposure did, averaged over epochs and strata. */
export interface CupedEffect {
  /** Regression coefficient. */
  theta: number
  /** Share of the variance of the difference that it took away; below 0 only by chance. */
  varianceReduction: number
}

export interface Measured {
  difference: Difference
  cuped: CupedEffect | null
}

/** Epoch by epoch, then averaged by effective units. @param arms - in the epochs in which they are compared */
export function measureDifference(
  definition: MetricDefinition,
  arms: Arms,
  isAdaptive: boolean,
): Measured | NotComputable {
  const { control, treatment } = arms
  const parts: Part[] = []
  let reason = new NotComputable('NO_UNITS')
  for (const [epoch, sums] of treatment) {
    const other = control.get(epoch)
    if (!other) continue
    const part =
      stratified(definition, strataIn(definition, arms, epoch), isAdaptive) ??
      measurePair(definition, { control: other, treatment: sums }, isAdaptive)
    if (isComputable(part)) parts.push({ ...part, weight: effectiveUnits(other.units, sums.units) })
    else reason = part
  }
  return parts.length === 0 ? reason : combinedOf(parts, combineStrata)
}

interface Part extends Measured {
  weight: number
}

interface Pair {
  control: ArmSums
  treatment: ArmSums
}

/** Means and rates alone are averages of what they are in the strata. */
const STRATIFIED: ReadonlySet<MetricDefinition['kind']> = new Set(['PROPORTION', 'RETENTION', 'MEAN', 'COUNT'])

/** The strata of an epoch; those too small to stand alone are put together, and to the smallest other if that is not enough. */
function strataIn({ kind }: MetricDefinition, { strata }: Arms, epoch: number): Pair[] {
  if (!STRATIFIED.has(kind)) return []
  const pairs = strata.map(({ control, treatment }) => ({
    control: control.get(epoch) ?? addUp([]),
    treatment: treatment.get(epoch) ?? addUp([]),
  }))
  const whole = (members: readonly Pair[]): Pair => ({
    control: addUp(members.map(({ control }) => control)),
    treatment: addUp(members.map(({ treatment }) => treatment)),
  })
  const isLarge = ({ control, treatment }: Pair) => Math.min(control.units, treatment.units) >= LEAST_UNITS
  const large = pairs.filter(isLarge).sort((a, b) => a.control.units - b.control.units)
  const small = pairs.filter((pair) => !isLarge(pair))
  const rest = whole(small)
  if (small.length === 0 || rest.control.units + rest.treatment.units === 0) return large
  if (isLarge(rest) || large.length === 0) return [...large, rest]
  return [whole([large[0]!, rest]), ...large.slice(1)]
}

/**
 * Compared within each stratum, then averaged by units: post-stratification.
 * @returns null where it does not apply, or a stratum cannot be compared
 */
function stratified(definition: MetricDefinition, strata: readonly Pair[], isAdaptive: boolean): Measured | null {
  if (isAdaptive || strata.length < 2) return null
  const parts: Part[] = []
  for (const pair of strata) {
    const part = measurePair(definition, pair, isAdaptive)
    if (!isComputable(part)) return null
    parts.push({ ...part, weight: pair.control.units + pair.treatment.units })
  }
  const whole = combinedOf(parts, postStratify)
  return isComputable(whole) ? whole : null
}

function combinedOf(parts: readonly Part[], combine: typeof combineStrata): Measured | NotComputable {
  const difference = combine(
    parts.map((part) => part.difference),
    parts.map((part) => part.weight),
  )
  return isComputable(difference) ? { difference, cuped: combined(parts) } : difference
}

function measurePair(
  definition: MetricDefinition,
  { control, treatment }: Pair,
  isAdaptive: boolean,
): Measured | NotComputable {
  if (definition.covariateWindowHours != null && !isAdaptive) {
    const adjusted = adjustedByHistory(definition, control, treatment)
    if (adjusted) return adjusted
  }
  const c = estimateArm(definition, control, isAdaptive)
  if (!isComputable(c)) return c
  const t = estimateArm(definition, treatment, isAdaptive)
  return isComputable(t) ? { difference: plainDifference(definition, c, t, isAdaptive), cuped: null } : t
}

/** @returns null where no unit has history to adjust by */
function adjustedByHistory(
  definition: MetricDefinition,
  control: ArmSums,
  treatment: ArmSums,
): Measured | NotComputable | null {
  if (definition.kind === 'RATIO') return adjustedRatio(definition, control, treatment)
  const adjusted = cuped(
    cupedSummary(control),
    cupedSummary(treatment),
    isRate(definition.kind) ? 'BERNOULLI' : 'SAMPLE',
  )
  if (!isComputable(adjusted)) return adjusted
  const { theta, varianceReduction, difference, isApplied } = adjusted
  return isApplied ? { difference, cuped: { theta, varianceReduction } } : null
}

/** A ratio by the same ratio before exposure. */
function adjustedRatio(
  definition: MetricDefinition,
  control: ArmSums,
  treatment: ArmSums,
): Measured | NotComputable | null {
  const adjusted = cupedRatio(cupedRatioSummary(control), cupedRatioSummary(treatment))
  if (!isComputable(adjusted)) return adjusted
  const { theta, difference } = adjusted
  if (theta === 0) return null
  const [c, t] = [estimateArm(definition, control, false), estimateArm(definition, treatment, false)]
  if (!isComputable(c) || !isComputable(t)) return null
  const before = c.unitVariance / c.units + t.unitVariance / t.units
  const after = difference.control.variance + difference.treatment.variance
  return {
    difference: {
      ...difference,
      degreesOfFreedom: Number.POSITIVE_INFINITY,
      // As the metric is shown: net of its denominator where it is.
      control: { ...difference.control, mean: c.mean },
      treatment: { ...difference.treatment, mean: c.mean + difference.estimate },
      base: { ...difference.base!, mean: c.mean },
    },
    cuped: { theta, varianceReduction: before > 0 ? 1 - after / before : 0 },
  }
}

function cupedRatioSummary(sums: ArmSums): CupedRatioSummary {
  const { c, d, cc, dd, cd, xc, xd, yc, yd } = sums
  return {
    post: ratioSummaryOf(sums),
    pre: ratioSummaryOf({ ...sums, x: c, y: d, xx: cc, yy: dd, xy: cd }),
    numeratorPreNumerator: xc,
    denominatorPreDenominator: yd,
    numeratorPreDenominator: xd,
    denominatorPreNumerator: yc,
  }
}

function cupedSummary({ units, x, xx, c, cc, xc }: ArmSums): CupedSummary {
  return { count: units, sum: x, sumOfSquares: xx, preSum: c, preSumOfSquares: cc, crossProduct: xc }
}

function plainDifference(
  { kind }: MetricDefinition,
  control: ArmEstimate,
  treatment: ArmEstimate,
  isAdaptive: boolean,
): Difference {
  if (isRate(kind) && !isAdaptive) return proportionDifference(control, treatment)
  const difference = meanDifference(control, treatment)
  return kind === 'RATIO' || kind === 'QUANTILE' || isAdaptive
    ? { ...difference, degreesOfFreedom: Number.POSITIVE_INFINITY }
    : difference
}

/** A part that was not adjusted has no coefficient, and nothing of its variance was taken away. */
function combined(parts: readonly Part[]): CupedEffect | null {
  const applied = parts.flatMap(({ cuped: effect, weight }) => (effect ? [{ ...effect, weight }] : []))
  if (applied.length === 0) return null
  const total = (of: ReadonlyArray<{ weight: number }>) => of.reduce((sum, { weight }) => sum + weight, 0)
  const summed = (pick: (effect: CupedEffect) => number) =>
    applied.reduce((sum, effect) => sum + pick(effect) * effect.weight, 0)
  return {
    theta: summed(({ theta }) => theta) / total(applied),
    varianceReduction: summed(({ varianceReduction }) => varianceReduction) / total(parts),
  }
}
