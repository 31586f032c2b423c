import type { Difference } from '../../statistics/comparison.ts'
import { marginDistance } from '../../statistics/guardrails/margin-distance.ts'
import { alwaysValidMarginTest, fixedMarginTest, type MarginTest } from '../../statistics/guardrails/margin-test.ts'
import type { Interval } from '../../statistics/interval.ts'
import { isComputable, NotComputable } from '../../statistics/not-computable.ts'
import type { DecisionMethod } from '../experiments/analysis-plan.ts'
import { marginInWords, type NonInferiorityMargin } from '../experiments/non-inferiority-margin.ts'
import type { MetricDirection } from '../metrics/metric-definition.ts'

export type NonInferiorityVerdict = 'NON_INFERIOR' | 'INFERIOR' | 'INCONCLUSIVE'
export type NonInferiorityMethod = 'ALWAYS_VALID' | 'FIXED_HORIZON'
export type NonInferiorityReasonCode =
  | 'BOUND_INSIDE_MARGIN'
  | 'BOUND_BEYOND_MARGIN'
  | 'MARGIN_WITHIN_BOUNDS'
  | 'MINIMUM_SAMPLE_NOT_REACHED'
  | 'BURN_IN'
  | 'NOT_COMPUTABLE'

/** Whether a treatment is shown to be not worse than the control by more than the margin of the metric, or shown to be. */
export interface NonInferiority {
  verdict: NonInferiorityVerdict
  reason: { code: NonInferiorityReasonCode; message: string }
  margin: NonInferiorityMargin
  /** In the metric's unit; null where there is no distance. */
  absoluteMargin: number | null
  method: NonInferiorityMethod
  /** How far the treatment lies inside the margin, in the metric's unit; negative beyond it. */
  distance: { estimate: number; interval: Interval } | null
  /** One-sided, against being worse by the margin or more. */
  pValue: number | null
  /** One-sided, against being worse by the margin or less. */
  inferiorityPValue: number | null
  /** What each of both p-values is held against. */
  alpha: number
}

export interface NonInferiorityQuestion {
  margin: NonInferiorityMargin
  direction: MetricDirection
  /** N* of the confidence sequence, in units of both arms. */
  tuningSize: number
  /** The method that decides. */
  decidingMethod: DecisionMethod
  /** Whether the one look that the classical test is right at has come. */
  isFinished: boolean
  /** This comparison's share of its error budget. */
  alpha: number
  waitsFor: 'MINIMUM_SAMPLE' | 'BURN_IN' | null
}

/**
 * Each bound takes half of the share, as of the two-sided interval; since a treatment is on one side of its margin, one of both
 * verdicts is right, and a wrong one comes with half the share at the most.
 * The classical test is used where it decides, and at its one look; everywhere else somebody may look at any time, an automation for
 * one, so that only the confidence sequence holds.
 */
export function nonInferiorityOf(
  question: NonInferiorityQuestion,
  difference: Difference | NotComputable,
): NonInferiority {
  const { margin, tuningSize, decidingMethod, isFinished, alpha, waitsFor } = question
  const method: NonInferiorityMethod =
    decidingMethod === 'FIXED_HORIZON' && isFinished ? 'FIXED_HORIZON' : 'ALWAYS_VALID'
  const empty: NonInferiority = {
    verdict: 'INCONCLUSIVE',
    reason: { code: 'NOT_COMPUTABLE', message: '' },
    margin,
    absoluteMargin: null,
    method,
    distance: null,
    pValue: null,
    inferiorityPValue: null,
    alpha: alpha / 2,
  }
  const notComputable = ({ message }: NotComputable, absoluteMargin: number | null = null): NonInferiority => ({
    ...empty,
    reason: { code: 'NOT_COMPUTABLE', message },
    absoluteMargin,
  })
  if (!isComputable(difference)) return notComputable(difference)
  const distance = marginDistance(difference, margin, question.direction)
  if (!isComputable(distance)) return notComputable(distance)
  const test =
    method === 'FIXED_HORIZON'
      ? fixedMarginTest(distance, alpha / 2)
      : alwaysValidMarginTest(distance, alpha / 2, tuningSize)
  if (!isComputable(test)) return notComputable(test, distance.margin)
  const { lower, upper, pValue, pValueBeyond } = test
  return {
    ...empty,
    ...verdictOf(test, margin, waitsFor),
    absoluteMargin: distance.margin,
    distance: { estimate: distance.estimate, interval: { lower, upper, level: 1 - alpha } },
    pValue,
    inferiorityPValue: pValueBeyond,
  }
}

function verdictOf(
  { isInside, isBeyond, lower, upper }: MarginTest,
  margin: NonInferiorityMargin,
  waitsFor: NonInferiorityQuestion['waitsFor'],
): Pick<NonInferiority, 'verdict' | 'reason'> {
  const tolerated = `a margin of ${marginInWords(margin)}`
  if (waitsFor === 'MINIMUM_SAMPLE') {
    return inconclusive('MINIMUM_SAMPLE_NOT_REACHED', 'A variant has fewer units than the plan asks for.')
  }
  if (waitsFor === 'BURN_IN') {
    return inconclusive('BURN_IN', 'There are too few conversions or units for the test to hold.')
  }
  if (isInside) {
    const message = `It lies within ${tolerated}, by ${short(lower)} at least.`
    return { verdict: 'NON_INFERIOR', reason: { code: 'BOUND_INSIDE_MARGIN', message } }
  }
  if (isBeyond) {
    const message = `It is worse than ${tolerated} tolerates, by ${short(-upper)} at least.`
    return { verdict: 'INFERIOR', reason: { code: 'BOUND_BEYOND_MARGIN', message } }
  }
  return inconclusive('MARGIN_WITHIN_BOUNDS', `The data agree with lying on either side of ${tolerated}.`)
}

function inconclusive(code: NonInferiorityReasonCode, message: string): Pick<NonInferiority, 'verdict' | 'reason'> {
  return { verdict: 'INCONCLUSIVE', reason: { code, message } }
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}
