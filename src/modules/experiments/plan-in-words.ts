import { type AnalysisPlan, tuningSizeOf } from './analysis-plan.ts'
import { marginInWords, type NonInferiorityMargin } from './non-inferiority-margin.ts'

/** A metric that a treatment may be worse on by no more than this. */
export interface TolerantMetric {
  key: string
  margin: NonInferiorityMargin
}

/** The plan as one paragraph that can be agreed on before the start. @param tolerant - the metrics that have a margin */
export function planInWords(plan: AnalysisPlan, tolerant: readonly TolerantMetric[]): string {
  const effect =
    plan.minimumDetectableEffect === null
      ? 'Any significant difference in the good direction wins.'
      : `A difference of the primary metric below ${plan.minimumDetectableEffect} is not worth having and does not win.`
  return [
    methodInWords(plan),
    budgetsInWords(plan),
    correctionInWords(plan),
    `There is no verdict on a treatment before it and the control have ${count(plan.minimumSampleSize)} units each that count.`,
    effect,
    marginsInWords(plan, tolerant),
    dimensionsInWords(plan),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

function methodInWords(plan: AnalysisPlan): string {
  const level = percent(1 - plan.alpha)
  switch (plan.decisionMethod) {
    case 'ALWAYS_VALID':
      return `The always-valid confidence sequence decides, with ${level} intervals tuned to ${count(tuningSizeOf(plan))} units: it may be looked at as often as anyone likes.`
    case 'GROUP_SEQUENTIAL':
      return `A group-sequential test decides, with an error of at most ${percent(plan.alpha)} over up to ${plan.looks} looks, evenly spread up to ${count(plan.maximumSampleSize ?? 0)} units; ${SPENDING[plan.spending]}. The confidence sequence is shown between the looks.`
    case 'BAYESIAN':
      return `The chance to be better decides: a treatment is better once that chance is ${percent(1 - plan.alpha / 2)}, worse once it is ${percent(plan.alpha / 2)}. ${priorInWords(plan)} Looked at often, this errs more often than ${percent(plan.alpha)}.`
    case 'FIXED_HORIZON':
      return `The classical test decides, with ${level} intervals: it is right at one look, ${
        plan.plannedSampleSize === null
          ? 'which nobody has planned a sample size for'
          : `once ${count(plan.plannedSampleSize)} units count`
      }.`
  }
}

const SPENDING: Record<AnalysisPlan['spending'], string> = {
  OBRIEN_FLEMING: 'hardly any of it is spent early (O’Brien–Fleming type)',
  POCOCK: 'it is spent nearly evenly (Pocock type)',
  QUADRATIC: 'it is spent by the square of the information',
}

function priorInWords({ prior }: AnalysisPlan): string {
  if (!prior) return 'Nothing is believed before the data.'
  return `Before the data the lift is believed to be ${percent(prior.mean)}, give or take ${percent(prior.standardDeviation)}.`
}

function budgetsInWords({ secondaryAlpha, guardrailAlpha }: AnalysisPlan): string {
  const budgets = [
    secondaryAlpha === null ? [] : `Secondary metrics may err in ${percent(secondaryAlpha)}`,
    guardrailAlpha === null ? [] : `guardrails may err in ${percent(guardrailAlpha)}`,
  ].flat()
  return budgets.length > 0 ? `${budgets.join('; ')}.` : ''
}

function correctionInWords({ correction, correctionScope, decisionMethod }: AnalysisPlan): string {
  if (correction === 'NONE') return 'Several comparisons are not corrected for.'
  const over = correctionScope === 'VARIANTS' ? 'the treatments of a metric' : 'the treatments and metrics of a role'
  // A boundary and a chance are each held against their own share of the error.
  const isByShares = decisionMethod === 'GROUP_SEQUENTIAL' || decisionMethod === 'BAYESIAN'
  const method = correction.toLowerCase().replaceAll('_', '–')
  return isByShares && correction !== 'BONFERRONI'
    ? `Several comparisons over ${over} share the error equally; their p-values are corrected by ${method}.`
    : `Several comparisons over ${over} are corrected for by ${method}.`
}

function dimensionsInWords({ dimensions, stratifyBy, correction }: AnalysisPlan): string {
  if (dimensions.length === 0) return ''
  const keys = dimensions.map(({ key }) => key).join(', ')
  const corrected = correction === 'NONE' ? '' : ', corrected for the number of groups'
  const grouped = `Results can be grouped by ${keys}${corrected}.`
  return stratifyBy === null
    ? grouped
    : `Rates and means are compared within the values of ${stratifyBy}, then averaged. ${grouped}`
}

function marginsInWords(
  { decisionMethod, plannedSampleSize }: AnalysisPlan,
  tolerant: readonly TolerantMetric[],
): string {
  if (tolerant.length === 0) return ''
  const margins = tolerant.map(({ key, margin }) => `on ${key} by ${marginInWords(margin)}`).join(', ')
  const look = plannedSampleSize === null ? 'the end' : 'the planned sample'
  const classical = decisionMethod === 'FIXED_HORIZON' ? `, the classical test from ${look} on` : ''
  return `A treatment may be worse than the control ${margins}. One-sided confidence sequences say so at any time${classical}, each way with half of what a comparison may err in; a treatment does not win before it is shown to be within the margins of guardrails and primary metrics.`
}

function count(units: number): string {
  return units.toLocaleString('en-US')
}

/** Without the digits that binary fractions leave behind: 100 × (1 − 0.05) is 95. */
function percent(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(10))} %`
}
