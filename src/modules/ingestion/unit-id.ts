import type { Problem } from '../../shared/domain-error.ts'
import { isStorable } from '../../shared/input-rules.ts'

const MOST_UNIT_ID_BYTES = 256
const MOST_UNIT_TYPE = 64

export function unitIdProblem(unitId: string): Problem | null {
  const bytes = Buffer.byteLength(unitId)
  if (bytes === 0 || bytes > MOST_UNIT_ID_BYTES) {
    return { code: 'UNIT_ID_INVALID', message: `The unit id has ${bytes} bytes; it takes 1 to ${MOST_UNIT_ID_BYTES}.` }
  }
  return isStorable(unitId) ? null : textProblem('The unit id')
}

export function unitTypeProblem(unitType: string): Problem | null {
  return /^[A-Za-z0-9._-]+$/.test(unitType) && unitType.length <= MOST_UNIT_TYPE
    ? null
    : {
        code: 'UNIT_TYPE_INVALID',
        message: `The unit type is ${JSON.stringify(unitType)}; it takes 1 to ${MOST_UNIT_TYPE} of A-Z a-z 0-9 . _ -.`,
      }
}

export function textProblem(what: string): Problem {
  return { code: 'TEXT_INVALID', message: `${what} holds U+0000 or half of a surrogate pair, which cannot be stored.` }
}
