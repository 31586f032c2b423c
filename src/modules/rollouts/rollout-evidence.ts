import { isDeepStrictEqual } from 'node:util'
import { ENGINE_VERSION } from '../../statistics/engine-version.ts'
import { type AssessmentContext, assessCheck } from './assess-check.ts'
import type { CheckAssessment, HealthData, HealthRule } from './health-check.ts'
import { alphaOfWindow, verdictOf } from './health-verdict.ts'
import type { HealthVerdict } from './ramp-schedule.ts'

/** A health check with what is known for it in a window. */
export interface WatchedCheck {
  key: string
  rule: HealthRule
  data: HealthData
}

/** The circumstances of a look at all checks of a rollout. */
export interface Look extends Omit<AssessmentContext, 'alpha'> {
  /** Of the whole rollout. */
  alpha: number
  windowNumber: number
}

export interface Assessment {
  verdict: HealthVerdict
  /** In the order of the checks. */
  checks: CheckAssessment[]
}

/** Judges all checks of a rollout as of one moment. */
export function assessHealth(watched: readonly WatchedCheck[], look: Look): Assessment {
  const alpha = watched.length > 0 ? alphaOfWindow(look.alpha, watched.length, Math.max(1, look.windowNumber)) : 0
  const checks = watched.map(({ rule, data }) => assessCheck(rule, data, { ...look, alpha }))
  const verdict = verdictOf(
    watched.map(({ rule }, index) => ({ assessment: checks[index]!, onFailure: rule.onFailure })),
  )
  return { verdict, checks }
}

/** What a step of the system rests on, as it is stored: all that is needed to judge it again. */
export interface RolloutEvidence {
  /** Of the engine that judged it. */
  engineVersion: string
  look: Stored<Look>
  watched: Array<Stored<WatchedCheck>>
  verdict: HealthVerdict
  checks: CheckAssessment[]
}

/** After JSON: times are texts. */
type Stored<T> = T extends Date ? string : T extends object ? { [Name in keyof T]: Stored<T[Name]> } : T

export function evidenceOf(watched: readonly WatchedCheck[], look: Look, assessment: Assessment): RolloutEvidence {
  return JSON.parse(JSON.stringify({ engineVersion: ENGINE_VERSION, look, watched, ...assessment }))
}

/** Whether judging the stored summaries again gives the same numbers, to the bit. */
export function isReproduced(evidence: RolloutEvidence): boolean {
  const { stored, recomputed } = judgedAgain(evidence)
  return isDeepStrictEqual(stored, recomputed)
}

/** What was judged, as it is stored and as it comes out again. */
export function judgedAgain({ look, watched, verdict, checks }: RolloutEvidence): {
  stored: Assessment
  recomputed: Assessment
} {
  const again = assessHealth(
    watched.map(({ key, rule, data }) => ({
      key,
      rule,
      data: { ...data, newestAt: data.newestAt === null ? null : new Date(data.newestAt) },
    })),
    { ...look, now: new Date(look.now) },
  )
  // As it would be stored: JSON knows no negative zero.
  return { stored: { verdict, checks }, recomputed: JSON.parse(JSON.stringify(again)) }
}
