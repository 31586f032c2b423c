import { DomainError } from '../../shared/domain-error.ts'
import {
  checkCount,
  checkInteger,
  checkJson,
  checkNumber,
  checkText,
  fail,
  type InputPath,
} from '../../shared/input-rules.ts'
import { ALL_BASIS_POINTS } from '../experiments/variant-weights.ts'
import type { RampStage } from './ramp-schedule.ts'

const MOST_STAGES = 50
const MOST_STAGE_SECONDS = 90 * 86_400
const MOST_LABEL = 200
const HOUR = 3_600

export const DEFAULT_STAGES: readonly RampStage[] = [
  { shareBasisPoints: 500, minimumDurationSeconds: 2 * HOUR },
  { shareBasisPoints: 2_500, minimumDurationSeconds: 4 * HOUR },
  { shareBasisPoints: 5_000, minimumDurationSeconds: 8 * HOUR },
  { shareBasisPoints: 7_500, minimumDurationSeconds: 12 * HOUR },
  { shareBasisPoints: ALL_BASIS_POINTS, minimumDurationSeconds: 0 },
]

export const DEFAULT_ALPHA = 0.05
export const DEFAULT_SAMPLE_AGE_SECONDS = 300

/** Ascending shares that end with everybody. */
export function checkStages(path: InputPath, stages: readonly RampStage[]): RampStage[] {
  checkCount(path, stages, MOST_STAGES)
  let before = 0
  const checked = stages.map(({ shareBasisPoints, minimumDurationSeconds }, index) => {
    checkInteger([...path, index, 'shareBasisPoints'], shareBasisPoints, 1, ALL_BASIS_POINTS)
    checkInteger([...path, index, 'minimumDurationSeconds'], minimumDurationSeconds, 0, MOST_STAGE_SECONDS)
    if (shareBasisPoints <= before) {
      const at = [...path, index, 'shareBasisPoints']
      fail('STAGES_INVALID', at, `is ${shareBasisPoints}; it must be above ${before}, that of the stage before.`)
    }
    before = shareBasisPoints
    return { shareBasisPoints, minimumDurationSeconds }
  })
  if (before !== ALL_BASIS_POINTS) {
    fail('STAGES_INVALID', path, `end with ${before} basis points; the last stage must reach ${ALL_BASIS_POINTS}.`)
  }
  return checked
}

export function checkStartsAt(path: InputPath, startsAt: Date, now: Date): Date {
  if (startsAt <= now) {
    fail('STARTS_AT_INVALID', path, `is ${startsAt.toISOString()}; a rollout starts by itself in the future only.`)
  }
  return startsAt
}

export function checkVersionLabel(path: InputPath, label: string): string {
  return checkText(path, label, { min: 1, max: MOST_LABEL })
}

export function checkRolloutAlpha(path: InputPath, alpha: number | null): number {
  return alpha === null ? DEFAULT_ALPHA : checkNumber(path, alpha, { min: 0.0001, max: 0.4 })
}

export function checkSampleAge(path: InputPath, seconds: number | null): number {
  return seconds === null ? DEFAULT_SAMPLE_AGE_SECONDS : checkInteger(path, seconds, 10, 86_400)
}

export function checkConfig(path: InputPath, config: Record<string, unknown> | null): Record<string, unknown> | null {
  return config && checkJson(path, config)
}

/** @throws DomainError ONLY_IN_DRAFT */
export function assertDraft({ key, status }: { key: string; status: string }, what: string): void {
  if (status !== 'DRAFT') {
    throw new DomainError('ONLY_IN_DRAFT', `The rollout ${key} is ${status}; ${what} only in a DRAFT.`)
  }
}
