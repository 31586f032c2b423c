import { hash } from 'node:crypto'
import type { Problem } from '../../shared/domain-error.ts'
import type { EventInput } from './ingestion.types.ts'
import {
  bagProblem,
  correctedTime,
  idempotencyKeyProblem,
  nameProblem,
  timeProblem,
  valueProblem,
} from './item-rules.ts'
import { unitIdProblem, unitTypeProblem } from './unit-id.ts'

const MOST_FURTHER_UNITS = 5
/** The type of an event's own unit. */
export const DEFAULT_UNIT_TYPE = 'user'

export interface EventRow {
  /** Digest of the idempotency key, in the form of a uuid. */
  key: string
  units: ReadonlyArray<{ type: string; id: string }>
  name: string
  value: number | null
  occurredAt: Date
  /** JSON text; null for none. */
  properties: string | null
}

export interface Receiving {
  sentAt: Date | null | undefined
  receivedAt: Date
  retentionDays: number
}

/** An event as it is stored, or the first rule that it breaks. */
export function checkEvent(event: EventInput, { sentAt, receivedAt, retentionDays }: Receiving): EventRow | Problem {
  const occurredAt = correctedTime(event.occurredAt, sentAt, receivedAt)
  const further = event.units ?? []
  const problem =
    idempotencyKeyProblem(event.idempotencyKey) ??
    unitIdProblem(event.unitId) ??
    nameProblem(event.name) ??
    valueProblem(event.value) ??
    timeProblem(occurredAt, receivedAt, retentionDays) ??
    bagProblem('The properties', event.properties) ??
    furtherUnitsProblem(further)
  if (problem) return problem
  return {
    key: digestOf(event.idempotencyKey),
    units: further.length === 0 ? [{ type: DEFAULT_UNIT_TYPE, id: event.unitId }] : unique(event.unitId, further),
    name: event.name,
    value: event.value ?? null,
    occurredAt,
    properties: event.properties ? JSON.stringify(event.properties) : null,
  }
}

function furtherUnitsProblem(units: ReadonlyArray<{ type: string; id: string }>): Problem | null {
  if (units.length > MOST_FURTHER_UNITS) {
    return {
      code: 'UNIT_TYPE_INVALID',
      message: `The event names ${units.length} further units; it takes ${MOST_FURTHER_UNITS}.`,
    }
  }
  for (const { type, id } of units) {
    const problem = unitTypeProblem(type) ?? unitIdProblem(id)
    if (problem) return problem
  }
  return null
}

function unique(unitId: string, further: ReadonlyArray<{ type: string; id: string }>) {
  const units = [{ type: DEFAULT_UNIT_TYPE, id: unitId }, ...further]
  return units.filter(
    (unit, place) => units.findIndex(({ type, id }) => type === unit.type && id === unit.id) === place,
  )
}

/** 128 bits of SHA-256, written as a uuid. */
function digestOf(idempotencyKey: string): string {
  const hex = hash('sha256', idempotencyKey)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
