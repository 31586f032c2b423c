import { scoreVariance } from '../../statistics/guardrails/score-non-inferiority.ts'
import { isComputable } from '../../statistics/not-computable.ts'
import type { ArmEstimate } from '../../statistics/sample-summary.ts'
import { confidenceSequenceAbove } from '../../statistics/sequential/confidence-sequence.ts'
import { rateLowerLimit } from '../../statistics/sequential/rate-above-test.ts'
import { type ArmSummary, estimateOf, unitsOf } from './arm-summary.ts'
import type { CheckAssessment, HealthData, HealthRule } from './health-check.ts'

/** Units per arm below which a mean is not tested: the sequence rests on the central limit theorem. */
const MEAN_BURN_IN = 100
/** Conversions, and units without one, of both arms together below which two rates are not compared. */
const RATE_BURN_IN = 25
/** Units at which the confidence sequences are narrowest. */
const TUNING_UNITS = 10_000

export interface AssessmentContext {
  /** One-sided error budget of this check in this window, below 1/2. */
  alpha: number
  now: Date
  /** Whether all units are on the new version, so that there is no concurrent control. */
  isEverybody: boolean
  /** Samples older than this say nothing about now, in seconds. */
  maximumSampleAgeSeconds: number
}

/**
 * What one check says of a window. It fails when an always-valid one-sided bound lies beyond its limit, so that looking every few
 * seconds does not cause false alarms; it passes with enough fresh samples and, against a threshold, an estimate within the limit.
 */
export function assessCheck(
  rule: HealthRule,
  { treatment, control, newestAt }: HealthData,
  { alpha, now, isEverybody, maximumSampleAgeSeconds }: AssessmentContext,
): CheckAssessment {
  const isAgainstControl = rule.comparison === 'CONTROL'
  const arms = { treatment: treatment && estimateOf(treatment), control: control && estimateOf(control) }
  const assessment: CheckAssessment = {
    status: 'PASSED',
    alpha,
    treatmentSample: treatment ? unitsOf(treatment) : 0,
    controlSample: isAgainstControl && control ? unitsOf(control) : 0,
    treatmentEstimate: arms.treatment && isComputable(arms.treatment) ? arms.treatment.mean : null,
    controlEstimate: isAgainstControl && arms.control && isComputable(arms.control) ? arms.control.mean : null,
    bound: null,
    limit: rule.limit,
  }
  if (isAgainstControl && isEverybody) return { ...assessment, status: 'NOT_APPLICABLE' }
  const smallest = isAgainstControl
    ? Math.min(assessment.treatmentSample, assessment.controlSample)
    : assessment.treatmentSample
  if (smallest === 0 || !treatment || newestAt === null) return { ...assessment, status: 'NO_DATA' }

  const bound = isAgainstControl
    ? differenceBound(rule, control!, treatment, alpha)
    : thresholdBound(rule, treatment, alpha)
  const known = { ...assessment, bound }
  if (bound !== null && isBeyond(rule, bound)) return { ...known, status: 'FAILED' }
  if (now.getTime() - newestAt.getTime() > maximumSampleAgeSeconds * 1_000) return { ...known, status: 'STALE' }
  if (smallest < rule.minimumSample || known.treatmentEstimate === null) return { ...known, status: 'TOO_FEW_SAMPLES' }
  if (!isAgainstControl && isBeyond(rule, known.treatmentEstimate)) {
    return { ...known, status: 'BEYOND_LIMIT' }
  }
  return known
}

/** Whether a bound or estimate is worse than the rule allows; with a quantile it is the share of requests beyond the limit. */
function isBeyond({ comparison, limit, isHigherWorse, quantile }: HealthRule, value: number): boolean {
  if (comparison === 'CONTROL') return (isHigherWorse ? value : -value) > limit
  if (quantile !== null) return value > 1 - quantile
  return isHigherWorse ? value > limit : value < limit
}

/** The best value of the signal that the data leave possible; null while too little is known. */
function thresholdBound(rule: HealthRule, summary: ArmSummary, alpha: number): number | null {
  if (summary.kind === 'RATE') {
    const { units, conversions } = summary
    if (rule.quantile !== null) return rateLowerLimit(units, conversions, 1 - rule.quantile, alpha)
    return rule.isHigherWorse
      ? rateLowerLimit(units, conversions, rule.limit, alpha)
      : 1 - rateLowerLimit(units, units - conversions, 1 - rule.limit, alpha)
  }
  const estimate = estimateOf(summary)
  if (!isComputable(estimate) || estimate.units < MEAN_BURN_IN) return null
  const sign = rule.isHigherWorse ? 1 : -1
  // About the limit instead of the mean: what the variance is if the limit is just kept; it exists for equal values too.
  const variance = estimate.unitVariance + (estimate.mean - rule.limit) ** 2
  const lower = lowerLimit(estimate.units, sign * estimate.mean, variance / estimate.units, alpha)
  return lower === null ? null : sign * lower
}

/** The best difference treatment − control that the data leave possible; null while too little is known. */
function differenceBound(rule: HealthRule, control: ArmSummary, treatment: ArmSummary, alpha: number): number | null {
  const c = estimateOf(control)
  const t = estimateOf(treatment)
  if (!isComputable(c) || !isComputable(t)) return null
  const sign = rule.isHigherWorse ? 1 : -1
  const variance = differenceVariance(control, treatment, c, t, sign * rule.limit)
  if (variance === null) return null
  const lower = lowerLimit(c.units + t.units, sign * (t.mean - c.mean), variance, alpha)
  return lower === null ? null : sign * lower
}

function differenceVariance(
  control: ArmSummary,
  treatment: ArmSummary,
  c: ArmEstimate,
  t: ArmEstimate,
  nullDifference: number,
): number | null {
  if (control.kind === 'RATE' && treatment.kind === 'RATE') {
    const conversions = control.conversions + treatment.conversions
    if (Math.min(conversions, c.units + t.units - conversions) < RATE_BURN_IN) return null
    return scoreVariance(c, t, nullDifference)
  }
  if (Math.min(c.units, t.units) < MEAN_BURN_IN) return null
  return c.unitVariance / c.units + t.unitVariance / t.units
}

function lowerLimit(units: number, estimate: number, variance: number, alpha: number): number | null {
  const known = confidenceSequenceAbove({ units, estimate, standardError: Math.sqrt(variance) }, alpha, TUNING_UNITS)
  return isComputable(known) ? known.lowerLimit : null
}
