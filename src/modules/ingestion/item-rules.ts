import type { Problem } from '../../shared/domain-error.ts'
import { isStorable } from '../../shared/input-rules.ts'
import { AMOUNTS } from '../metrics/amounts.ts'
import { textProblem } from './unit-id.ts'

const MOST_NAME = 200
const MOST_KEY = 256
const MOST_PROPERTY_BYTES = 16_384
const MOST_PROPERTY_DEPTH = 8
/** Clocks of clients may be ahead by so much, in milliseconds. */
export const AHEAD_MS = 10 * 60_000
const DAY_MS = 86_400_000

/** When an item happened, by the clock of the server: its own time, moved by how wrong the sender's clock was. */
export function correctedTime(
  occurredAt: Date | null | undefined,
  sentAt: Date | null | undefined,
  receivedAt: Date,
): Date {
  if (!occurredAt) return receivedAt
  return sentAt ? new Date(occurredAt.getTime() + receivedAt.getTime() - sentAt.getTime()) : occurredAt
}

/** What came in is over, whatever the clock of the sender says: for judging how new it is. */
export function notAhead(at: Date, receivedAt: Date): Date {
  return at > receivedAt ? receivedAt : at
}

/** @param retentionDays - how long before its receipt an item may have happened */
export function timeProblem(at: Date, receivedAt: Date, retentionDays: number): Problem | null {
  const ahead = at.getTime() - receivedAt.getTime()
  if (ahead > AHEAD_MS) {
    return {
      code: 'TIME_IN_FUTURE',
      message: `${at.toISOString()} lies more than ${AHEAD_MS / 60_000} minutes in the future.`,
    }
  }
  if (-ahead > retentionDays * DAY_MS) {
    return {
      code: 'TIME_PAST_RETENTION',
      message: `${at.toISOString()} lies more than ${retentionDays} days back, beyond the retention of events.`,
    }
  }
  return null
}

export function nameProblem(name: string): Problem | null {
  if (name.length === 0 || name.length > MOST_NAME) {
    return {
      code: 'EVENT_NAME_INVALID',
      message: `The event name has ${name.length} characters; it takes 1 to ${MOST_NAME}.`,
    }
  }
  return isStorable(name) ? null : textProblem('The event name')
}

export function idempotencyKeyProblem(key: string): Problem | null {
  if (key.length === 0 || key.length > MOST_KEY) {
    return {
      code: 'IDEMPOTENCY_KEY_INVALID',
      message: `The idempotency key has ${key.length} characters; it takes 1 to ${MOST_KEY}.`,
    }
  }
  // Halves of surrogate pairs have no UTF-8: keys that differ only in them would share one digest.
  return isStorable(key) ? null : textProblem('The idempotency key')
}

export function valueProblem(value: number | null | undefined): Problem | null {
  if (value == null || value === 0) return null
  const size = Math.abs(value)
  if (size >= AMOUNTS.smallest && size <= AMOUNTS.largest) return null
  return {
    code: 'VALUE_OUT_OF_RANGE',
    message: `The value is ${value}; it takes 0, or a number of a size from 1e-30 to 1e12.`,
  }
}

/** Rules for a bag of JSON that is stored with an item. */
export function bagProblem(what: string, bag: Record<string, unknown> | null | undefined): Problem | null {
  if (bag == null) return null
  if (depthOf(bag) > MOST_PROPERTY_DEPTH) {
    return { code: 'PROPERTIES_INVALID', message: `${what}: nested deeper than ${MOST_PROPERTY_DEPTH} levels.` }
  }
  const text = JSON.stringify(bag)
  const bytes = Buffer.byteLength(text)
  if (bytes > MOST_PROPERTY_BYTES) {
    return {
      code: 'PROPERTIES_INVALID',
      message: `${what} have ${bytes} bytes as JSON; they take ${MOST_PROPERTY_BYTES}.`,
    }
  }
  // JSON.stringify writes null for what is not finite, and what cannot be stored as \\u0000 and \\udXXX.
  if (text.includes('null') && !allFinite(bag)) {
    return { code: 'PROPERTIES_INVALID', message: `${what} hold a number that is not finite, which JSON cannot carry.` }
  }
  return /\\u(0000|d[89a-f])/.test(text) && !allStorable(bag) ? textProblem(what) : null
}

function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > MOST_PROPERTY_DEPTH) return depth
  return Object.values(value).reduce(
    (deepest: number, child) => Math.max(deepest, depthOf(child, depth + 1)),
    depth + 1,
  )
}

function allFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value !== 'object' || value === null || Object.values(value).every(allFinite)
}

function allStorable(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, child]) => isStorable(key) && allStorable(child))
}
