import { BURN_IN_CONVERSIONS, BURN_IN_UNITS } from '../../statistics/sequential/burn-in.ts'
import { isRate, type MetricDefinition, type MetricDirection } from '../metrics/metric-definition.ts'
import type { Comparison } from './comparison.ts'
import type { Health } from './health.ts'
import type { MetricResult } from './metric-result.ts'
import { decidingMethod, isFinished, type ResultSubject, type SubjectVariant } from './result-subject.ts'

/** Share of units seen in several variants above which no decision is drawn from the rest. */
const MOST_CONTAMINATED = 0.01

export type Recommendation = 'SHIP' | 'ROLL_BACK' | 'HOLD' | 'KEEP_RUNNING'

export type DecisionReasonCode =
  | 'NO_UNITS'
  | 'SAMPLE_RATIO_MISMATCH'
  | 'MULTIPLE_VARIANT_UNITS'
  | 'MINIMUM_SAMPLE_NOT_REACHED'
  | 'BURN_IN'
  | 'PLANNED_SAMPLE_NOT_REACHED'
  | 'NOT_SIGNIFICANT'
  | 'PLANNED_SAMPLE_REACHED'
  | 'BELOW_MINIMUM_DETECTABLE_EFFECT'
  | 'BETTER_THAN_CONTROL'
  | 'WORSE_THAN_CONTROL'
  | 'PRIMARY_METRICS_DISAGREE'
  | 'GUARDRAIL_WORSE'
  | 'MARGIN_INCONCLUSIVE'
  | 'BEST_OF_SEVERAL'
  // of a step that was taken, never of a recommendation
  | 'SCHEDULED_END'

export interface DecisionReason {
  code: DecisionReasonCode
  message: string
}

export interface Decision {
  recommendation: Recommendation
  winner: SubjectVariant | null
  reasons: DecisionReason[]
}

interface Candidate {
  variant: SubjectVariant
  effect: number
}

/**
 * What to do now, and why. A treatment wins only if it is significantly better than the control on the first primary metric,
 * by the minimum detectable effect at least, is worse on no other primary metric and on no guardrail, is shown to be within the
 * margin of those that have one, and the data are sound.
 */
export function decide(
  subject: ResultSubject,
  metrics: readonly MetricResult[],
  health: Health,
  exposedUnits: number,
): Decision {
  if (exposedUnits === 0) return keepRunning('NO_UNITS', 'No unit has been exposed yet.')
  const veto = healthVeto(health, exposedUnits)
  if (veto) return { recommendation: 'HOLD', winner: null, reasons: [veto] }
  const primary = metrics.find(({ role }) => role === 'PRIMARY')!
  const countedUnits = primary.variants.reduce((sum, { units }) => sum + units, 0)
  if (isBeforePlan(subject, countedUnits)) {
    return keepRunning(
      'PLANNED_SAMPLE_NOT_REACHED',
      `The classical test is right at one look, at ${subject.analysis.plannedSampleSize} units; there are ${countedUnits}.`,
    )
  }
  const reasons: DecisionReason[] = []
  const winners: Candidate[] = []
  let isWorseEverywhere = true
  for (const comparison of primary.comparisons) {
    const judged = judge(subject, metrics, primary, comparison)
    reasons.push(judged.reason)
    if (judged.wins) winners.push({ variant: comparison.variant, effect: judged.effect })
    if (judged.reason.code !== 'WORSE_THAN_CONTROL') isWorseEverywhere = false
  }
  if (winners.length > 0) {
    const best = winners.reduce((a, b) => (b.effect > a.effect ? b : a))
    if (winners.length > 1) {
      reasons.push({
        code: 'BEST_OF_SEVERAL',
        message: `${best.variant.key} has the largest effect of ${winners.length} treatments that win.`,
      })
    }
    return { recommendation: 'SHIP', winner: best.variant, reasons }
  }
  if (isWorseEverywhere) return { recommendation: 'ROLL_BACK', winner: null, reasons }
  const stands = reasons.some(({ code }) => code === 'GUARDRAIL_WORSE' || code === 'PRIMARY_METRICS_DISAGREE')
  if (stands) return { recommendation: 'HOLD', winner: null, reasons }
  if (isFinished(subject, countedUnits)) {
    reasons.push({ code: 'PLANNED_SAMPLE_REACHED', message: 'The experiment has run its course without a winner.' })
    return { recommendation: 'HOLD', winner: null, reasons }
  }
  return { recommendation: 'KEEP_RUNNING', winner: null, reasons }
}

function judge(
  { analysis: plan }: ResultSubject,
  metrics: readonly MetricResult[],
  primary: MetricResult,
  comparison: MetricResult['comparisons'][number],
): { wins: boolean; effect: number; reason: DecisionReason } {
  const { variant } = comparison
  const effect = gain(primary, comparison)
  const loses = (code: DecisionReasonCode, message: string) => ({ wins: false, effect, reason: { code, message } })
  const where = `${variant.key} on ${primary.metric.key}`
  if (comparison.waitsFor === 'MINIMUM_SAMPLE') {
    return loses(
      'MINIMUM_SAMPLE_NOT_REACHED',
      `${variant.key} and the control need ${plan.minimumSampleSize} exposed units each before a verdict.`,
    )
  }
  if (comparison.waitsFor === 'BURN_IN') {
    return loses('BURN_IN', `${where}: for the test to hold, both variants need ${burnInOf(primary.definition)}.`)
  }
  if (!comparison.isSignificant) {
    const why = comparison.notComputable && !comparison.alwaysValid ? ` ${comparison.notComputable.message}` : ''
    return loses('NOT_SIGNIFICANT', `${where}: no difference from the control is shown at alpha ${plan.alpha}.${why}`)
  }
  if (effect < 0) return loses('WORSE_THAN_CONTROL', `${where}: significantly worse than the control.`)
  const least = plan.minimumDetectableEffect
  if (least !== null && effect < least) {
    return loses(
      'BELOW_MINIMUM_DETECTABLE_EFFECT',
      `${where}: better by ${effect}, which is below the minimum detectable effect of ${least}.`,
    )
  }
  for (const metric of metrics) {
    if (metric === primary || metric.role === 'SECONDARY') continue
    const other = metric.comparisons.find((one) => one.variant.id === variant.id)
    const harm = other && harmOf(metric, other)
    if (!harm) continue
    const better = `${variant.key} is better on ${primary.metric.key}`
    if (harm.isShown) {
      const code = metric.role === 'GUARDRAIL' ? 'GUARDRAIL_WORSE' : 'PRIMARY_METRICS_DISAGREE'
      return loses(code, `${better}, but ${harm.what}`)
    }
    return loses('MARGIN_INCONCLUSIVE', `${better}, but ${harm.what}`)
  }
  return {
    wins: true,
    effect,
    reason: { code: 'BETTER_THAN_CONTROL', message: `${where}: significantly better than the control, by ${effect}.` },
  }
}

function burnInOf({ kind }: MetricDefinition): string {
  if (isRate(kind)) return `${BURN_IN_CONVERSIONS} conversions and ${BURN_IN_CONVERSIONS} units without one`
  const values = kind === 'QUANTILE' ? ` and ${BURN_IN_CONVERSIONS} values on either side of the quantile` : ''
  return `${BURN_IN_UNITS} units${values}`
}

/** Why a treatment must not win for another metric: by its margin if it has one, which may be worse and tolerated; null if it may. */
function harmOf(
  metric: MetricResult,
  comparison: MetricResult['comparisons'][number],
): { isShown: boolean; what: string } | null {
  const { key } = metric.metric
  const { nonInferiority } = comparison
  if (!nonInferiority) {
    const isWorse = comparison.isSignificant && gain(metric, comparison) < 0
    return isWorse ? { isShown: true, what: `significantly worse on ${key}.` } : null
  }
  const { verdict, reason } = nonInferiority
  if (verdict === 'NON_INFERIOR') return null
  const what = verdict === 'INFERIOR' ? 'worse than tolerated' : 'not shown to be within the margin'
  return { isShown: verdict === 'INFERIOR', what: `${what} on ${key}. ${reason.message}` }
}

/** The difference that the verdict speaks of, in the good direction, in the metric's unit; 0 where there is none to speak of. */
function gain(
  { definition }: { definition: { direction: MetricDirection } },
  { verdictDifference }: Comparison,
): number {
  const estimate = verdictDifference ?? 0
  return definition.direction === 'DECREASE' ? -estimate : estimate
}

function healthVeto(
  { sampleRatioMismatch, multipleVariantUnits }: Health,
  exposedUnits: number,
): DecisionReason | null {
  if (sampleRatioMismatch.isMismatch) {
    const { pValue } = sampleRatioMismatch
    return {
      code: 'SAMPLE_RATIO_MISMATCH',
      message: `The units did not arrive in the proportions of the weights${pValue === null ? '' : ` (p = ${pValue.toPrecision(2)})`}; find out why before anything is believed.`,
    }
  }
  if (multipleVariantUnits > MOST_CONTAMINATED * (exposedUnits + multipleVariantUnits)) {
    return {
      code: 'MULTIPLE_VARIANT_UNITS',
      message: `${multipleVariantUnits} units met several variants, more than 1 % of all; find out why before anything is believed.`,
    }
  }
  return null
}

function isBeforePlan(subject: ResultSubject, countedUnits: number): boolean {
  const { analysis, algorithm } = subject
  const isClassical = decidingMethod(analysis, algorithm === 'THOMPSON') === 'FIXED_HORIZON'
  return isClassical && analysis.plannedSampleSize !== null && !isFinished(subject, countedUnits)
}

function keepRunning(code: DecisionReasonCode, message: string): Decision {
  return { recommendation: 'KEEP_RUNNING', winner: null, reasons: [{ code, message }] }
}
