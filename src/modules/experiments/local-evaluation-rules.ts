import type { Problem } from '../../shared/domain-error.ts'
import type { AssignmentAlgorithm } from './experiment.enums.ts'

/** What SDKs that decide by themselves need: the hash alone, and a division that never moves a unit. */
export function localEvaluationProblems(
  experiment: { localEvaluation: boolean; assignmentAlgorithm: AssignmentAlgorithm },
  overrides: number,
): Problem[] {
  if (!experiment.localEvaluation) return []
  const problems: string[] = []
  if (experiment.assignmentAlgorithm !== 'HASH') {
    problems.push(`The algorithm is ${experiment.assignmentAlgorithm}; an experiment evaluated locally takes HASH.`)
  }
  if (overrides > 0) {
    problems.push(`There are ${overrides} overrides; an experiment evaluated locally takes none.`)
  }
  return problems.map((message) => ({ code: 'LOCAL_EVALUATION_RULE', message }))
}

/** What a change of the allocation breaks while SDKs decide by themselves: they remember nobody. */
export function localAllocationProblems(
  before: { trafficBasisPoints: number },
  after: { trafficBasisPoints: number; changesWeights: boolean },
): Problem[] {
  const problems: string[] = []
  if (after.changesWeights) {
    problems.push('The weights change; those of an experiment evaluated locally are fixed once it has started.')
  }
  if (after.trafficBasisPoints < before.trafficBasisPoints) {
    problems.push(
      `The traffic falls from ${before.trafficBasisPoints} to ${after.trafficBasisPoints} basis points; that of an experiment evaluated locally only rises.`,
    )
  }
  return problems.map((message) => ({ code: 'LOCAL_EVALUATION_RULE', message }))
}
