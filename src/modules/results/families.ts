import { eBenjaminiHochberg } from '../../statistics/multiplicity/e-benjamini-hochberg.ts'
import { adjustPValues } from '../../statistics/multiplicity/multiple-testing.ts'
import { isComputable } from '../../statistics/not-computable.ts'
import { type AnalysisPlan, alphaOf } from '../experiments/analysis-plan.ts'
import type { Comparison } from './comparison.ts'
import { decidingMethod, type ResultSubject, type SubjectMetric, treatmentsOf } from './result-subject.ts'

/** Comparisons that share an error budget. */
export interface Family {
  name: string
  alpha: number
  /** How many there are. */
  size: number
}

/** The family that a metric's comparisons belong to. @param slices - of the units, in each of which they are made */
export function familyOf(subject: ResultSubject, { metric, role }: SubjectMetric, slices = 1): Family {
  const { analysis: plan, metrics } = subject
  const treatments = treatmentsOf(subject).length * slices
  const alpha = alphaOf(plan, role)
  if (plan.correctionScope === 'VARIANTS') return { name: `metric ${metric.id}`, alpha, size: treatments }
  return { name: role, alpha, size: treatments * metrics.filter((other) => other.role === role).length }
}

/** What one comparison gets of the budget: intervals and boundaries are Bonferroni's unless nothing is corrected for. */
export function shareOf({ alpha, size }: Family, { correction }: AnalysisPlan): number {
  return correction === 'NONE' ? alpha : alpha / size
}

/**
 * Adjusts the p-values of a family for each other, and gives each comparison its verdict. One that cannot be computed yet counts as
 * without any evidence (p = 1, e = 1): the family is as large as was planned, whatever has data so far.
 */
export function judgeFamily(
  comparisons: readonly Comparison[],
  family: Family,
  plan: AnalysisPlan,
  isAdaptive: boolean,
): Comparison[] {
  const { alpha } = family
  const { correction } = plan
  const fixed = adjustPValues(
    comparisons.map(({ test }) => test?.pValue ?? 1),
    correction,
    alpha,
  )
  const anytime = adjustPValues(
    comparisons.map(({ alwaysValid }) => alwaysValid?.pValue ?? 1),
    // An always-valid p-value is the inverse of an e-value: adjusted so, it says what e-BH does, whatever the dependence.
    correction === 'BENJAMINI_YEKUTIELI' ? 'BENJAMINI_HOCHBERG' : correction,
    alpha,
  )
  // Plain Benjamini–Hochberg does not hold for evidence that is looked at again and again; e-values may be.
  const byEValue = correction.startsWith('BENJAMINI')
    ? eBenjaminiHochberg(
        comparisons.map(({ alwaysValid }) => alwaysValid?.logEValue ?? 0),
        alpha,
      )
    : null
  return comparisons.map((comparison, index) => {
    const judged = {
      ...comparison,
      test: comparison.test && { ...comparison.test, ...adjustment(fixed[index]!) },
      alwaysValid: comparison.alwaysValid && {
        ...comparison.alwaysValid,
        ...adjustment(anytime[index]!),
        ...(byEValue && { isSignificant: byEValue[index]! }),
      },
    }
    return {
      ...judged,
      isSignificant: judged.waitsFor === null && decides(judged, plan, isAdaptive, shareOf(family, plan)),
    }
  })
}

function adjustment({ adjusted, isRejected }: ReturnType<typeof adjustPValues>[number]) {
  return { adjustedPValue: isComputable(adjusted) ? adjusted : 1, isSignificant: isRejected }
}

/** @param alpha - this comparison's share */
function decides(comparison: Comparison, plan: AnalysisPlan, isAdaptive: boolean, alpha: number): boolean {
  const { test, alwaysValid, sequential, bayesian } = comparison
  switch (decidingMethod(plan, isAdaptive)) {
    case 'FIXED_HORIZON':
      return test?.isSignificant ?? false
    case 'ALWAYS_VALID':
      return alwaysValid?.isSignificant ?? false
    case 'GROUP_SEQUENTIAL':
      return sequential?.isSignificant ?? false
    case 'BAYESIAN':
      return bayesian !== null && Math.abs(bayesian.chanceToBeatControl - 0.5) >= (1 - alpha) / 2
  }
}
