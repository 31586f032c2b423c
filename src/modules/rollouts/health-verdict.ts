import type { CheckAssessment, FailureAction } from './health-check.ts'
import type { HealthVerdict } from './ramp-schedule.ts'

/**
 * The error budget of one check in one window: alpha of the rollout, shared evenly among its checks and by 1 / (w (w + 1)) among its
 * windows, which sums to alpha however many windows there will be. A healthy rollout is rolled back with a probability of alpha at
 * the most, over all its checks, stages and looks together.
 * @param alpha - of the whole rollout
 * @param windowNumber - from 1
 */
export function alphaOfWindow(alpha: number, checks: number, windowNumber: number): number {
  return alpha / checks / (windowNumber * (windowNumber + 1))
}

/** What all checks say together: one failure is enough, and a rollback goes before a pause. No checks: passed. */
export function verdictOf(
  assessed: ReadonlyArray<{ assessment: CheckAssessment; onFailure: FailureAction }>,
): HealthVerdict {
  const failed = assessed.filter(({ assessment }) => assessment.status === 'FAILED')
  if (failed.length > 0) {
    const rollsBack = failed.some(({ onFailure }) => onFailure === 'ROLL_BACK')
    return { status: 'FAILED', action: rollsBack ? 'ROLL_BACK' : 'PAUSE' }
  }
  const passes = assessed.every(
    ({ assessment }) => assessment.status === 'PASSED' || assessment.status === 'NOT_APPLICABLE',
  )
  return { status: passes ? 'PASSED' : 'HELD', action: null }
}
