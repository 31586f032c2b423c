import {
  checkCount,
  checkInteger,
  checkJson,
  checkNotNull,
  checkOptionalText,
  checkStorable,
  checkText,
  fail,
  type InputPath,
  quoted,
} from '../../shared/input-rules.ts'
import { conditionProblems } from '../targeting/condition-problems.ts'
import { ALL_BASIS_POINTS } from './variant-weights.ts'

const MAX_NAME = 200
const MAX_TEXT = 5_000
const MAX_TAGS = 20
const MAX_TAG = 64
const UNIT_TYPE = /^[A-Za-z0-9._-]{1,64}$/
const MAX_UNIT_ID_BYTES = 256
const MAX_DURATION_DAYS = 730

/** Name and texts of an experiment or variant, at `path` in the input. */
export function checkName(path: InputPath, name: string | null): string {
  return checkText(path, checkNotNull(path, name), { min: 1, max: MAX_NAME })
}

export function checkLongText(path: InputPath, text: string | null | undefined): string | null | undefined {
  return checkOptionalText(path, text, { max: MAX_TEXT })
}

export function checkTags(path: InputPath, tags: readonly string[]): string[] {
  checkCount(path, tags, MAX_TAGS)
  for (const [index, tag] of tags.entries()) {
    checkText([...path, index], tag, { min: 1, max: MAX_TAG })
    if (tags.indexOf(tag) !== index) fail('BAD_USER_INPUT', [...path, index], `repeats the tag ${quoted(tag)}.`)
  }
  return [...tags]
}

export function checkUnitType(path: InputPath, unitType: string): string {
  if (!UNIT_TYPE.test(unitType)) {
    fail('UNIT_TYPE_INVALID', path, `is ${quoted(unitType)}; it takes 1 to 64 characters of A-Z a-z 0-9 . _ -.`)
  }
  return unitType
}

export function checkUnitId(path: InputPath, unitId: string): string {
  checkStorable(path, unitId)
  const bytes = Buffer.byteLength(unitId)
  if (bytes === 0 || bytes > MAX_UNIT_ID_BYTES) {
    fail('UNIT_ID_INVALID', path, `has ${bytes} bytes; a unit id takes 1 to ${MAX_UNIT_ID_BYTES}.`)
  }
  return unitId
}

export function checkBasisPoints(path: InputPath, share: number): number {
  return checkInteger(path, share, 0, ALL_BASIS_POINTS)
}

export function checkDuration(path: InputPath, days: number | null | undefined): number | null | undefined {
  return days == null ? days : checkInteger(path, days, 1, MAX_DURATION_DAYS)
}

export function checkTargeting(path: InputPath, condition: Record<string, unknown>): Record<string, unknown> {
  const checked = checkJson(path, condition)
  const [problem] = conditionProblems(checked)
  if (problem) fail('TARGETING_INVALID', path, `is not a condition that can be evaluated: ${problem}`)
  return checked
}
