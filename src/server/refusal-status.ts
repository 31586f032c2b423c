import type { ErrorCode } from '../shared/error-code.ts'

const STATUS: Partial<Record<ErrorCode, number>> = { UNAUTHENTICATED: 401, ORIGIN_NOT_ALLOWED: 403, RATE_LIMITED: 429 }

/** HTTP status of a request that is refused before its document is looked at. */
export function refusalStatus(code: ErrorCode): number {
  return STATUS[code] ?? 400
}
