import { compare, type Tolerance } from './compare.ts'
import { NotOffered } from './kind.ts'
import { KINDS } from './kinds.ts'

/** A case of the reference format. */
export interface VectorCase {
  name: string
  input: { kind: string }
  expected: Record<string, unknown>
  tolerance?: Tolerance
}

export interface CaseResult {
  name: string
  outcome: 'passed' | 'failed' | 'skipped'
  /** What differs, or why the case was skipped. */
  details: string[]
  /** Fields that are not offered, and reasons that differ beside nulls that agree. */
  remarks: string[]
}

/** Runs one case through the statistics core; whatever is no case of the format fails as such. */
export function runCase(reference: unknown): CaseResult {
  const name = isRecord(reference) && reference.name !== undefined ? String(reference.name) : '(without a name)'
  const result = (outcome: CaseResult['outcome'], details: string[] = [], remarks: string[] = []) => ({
    name,
    outcome,
    details,
    remarks,
  })
  if (!isCase(reference)) return result('failed', ['is not a case: input and expected must be objects'])
  const { input, expected } = reference
  const run = Object.hasOwn(KINDS, input.kind) ? KINDS[input.kind] : undefined
  if (!run) return result('skipped', [`no method answers the kind ${JSON.stringify(input.kind)}`])
  let got: unknown
  try {
    got = run(withInfinities(input))
  } catch (error) {
    if (error instanceof NotOffered) return result('skipped', [error.message])
    if (error instanceof TypeError) return result('failed', [`the input does not fit its kind: ${error.message}`])
    if (!(error instanceof RangeError)) return result('failed', [`threw ${error}`])
    return expected.error === 'invalid_input' ? result('passed') : result('failed', [`rejected: ${error.message}`])
  }
  if (expected.error) return result('failed', [`got ${JSON.stringify(got)}, expected the input to be rejected`])
  const tolerance = isRecord(reference.tolerance) ? (reference.tolerance as Tolerance) : {}
  const { failures, missing, remarks, compared } = compare(got, expected, tolerance)
  if (missing.length > 0) remarks.unshift(`skipped fields, not offered: ${missing.join(', ')}`)
  if (failures.length > 0) return result('failed', failures, remarks)
  return compared > 0 ? result('passed', [], remarks) : result('skipped', ['no field is offered'], remarks)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCase(value: unknown): value is VectorCase {
  return isRecord(value) && isRecord(value.input) && isRecord(value.expected)
}

/** JSON has no infinities; the files write them as words. */
function withInfinities(value: unknown): unknown {
  if (value === 'Infinity') return Number.POSITIVE_INFINITY
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY
  if (Array.isArray(value)) return value.map(withInfinities)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withInfinities(inner)]))
}
