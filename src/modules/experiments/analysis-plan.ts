export type DecisionMethod = 'ALWAYS_VALID' | 'FIXED_HORIZON'

/** How an experiment is judged; frozen when it starts. */
export interface AnalysisPlan {
  /** Shape of this record, so that a stored plan can be read by a later engine. */
  planVersion: 1
  decisionMethod: DecisionMethod
  /** Two-sided significance level, 0 < alpha < 1; intervals have the level 1 − alpha. */
  alpha: number
  /** Exposed units that each variant needs before a verdict. */
  minimumSampleSize: number
  /** Units of all variants together that the experiment is planned for; tunes the confidence sequence. Null: 10,000. */
  plannedSampleSize: number | null
  /** Smallest absolute difference of the primary metric worth having, in its unit; null: any. */
  minimumDetectableEffect: number | null
}

export const DEFAULT_ANALYSIS_PLAN: AnalysisPlan = {
  planVersion: 1,
  decisionMethod: 'ALWAYS_VALID',
  alpha: 0.05,
  minimumSampleSize: 100,
  plannedSampleSize: null,
  minimumDetectableEffect: null,
}

/** Sample size that the confidence sequence is tuned to where none is planned. */
export const DEFAULT_TUNING_SIZE = 10_000

/** The plan as one paragraph that can be agreed on before the start. */
export function planInWords(plan: AnalysisPlan): string {
  const level = `${round(100 * (1 - plan.alpha))} %`
  const tuned = count(plan.plannedSampleSize ?? DEFAULT_TUNING_SIZE)
  const method =
    plan.decisionMethod === 'ALWAYS_VALID'
      ? `The always-valid confidence sequence decides, with ${level} intervals tuned to ${tuned} units: it may be looked at as often as anyone likes.`
      : `The classical test decides, with ${level} intervals: it is right at one look, ${
          plan.plannedSampleSize === null
            ? 'which nobody has planned a sample size for'
            : `once ${tuned} units have been exposed`
        }.`
  const effect =
    plan.minimumDetectableEffect === null
      ? 'Any significant difference in the good direction wins.'
      : `A difference of the primary metric below ${plan.minimumDetectableEffect} is not worth having and does not win.`
  return `${method} There is no verdict before every variant has ${count(plan.minimumSampleSize)} exposed units. ${effect}`
}

function count(units: number): string {
  return units.toLocaleString('en-US')
}

/** Without the digits that binary fractions leave behind: 100 × (1 − 0.05) is 95. */
function round(percent: number): number {
  return Number(percent.toPrecision(10))
}
