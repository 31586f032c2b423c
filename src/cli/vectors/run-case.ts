import { compare, type Tolerance } from './compare.ts'
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

/** Runs one case through the statistics core. */
export function runCase({ name, input, expected, tolerance = {} }: VectorCase): CaseResult {
  const result = (outcome: CaseResult['outcome'], details: string[] = [], remarks: string[] = []) => ({
    name,
    outcome,
    details,
    remarks,
  })
  const run = KINDS[input?.kind]
  if (!run) return result('skipped', [`no method answers the kind ${JSON.stringify(input?.kind)}`])
  let got: unknown
  try {
    got = run(input)
  } catch (error) {
    if (!(error instanceof RangeError)) return result('failed', [`threw ${error}`])
    return expected.error === 'invalid_input' ? result('passed') : result('failed', [`rejected: ${error.message}`])
  }
  if (expected.error) return result('failed', [`got ${JSON.stringify(got)}, expected the input to be rejected`])
  const { failures, missing, remarks, compared } = compare(got, expected, tolerance)
  if (missing.length > 0) remarks.unshift(`skipped fields, not offered: ${missing.join(', ')}`)
  if (failures.length > 0) return result('failed', failures, remarks)
  return compared > 0 ? result('passed', [], remarks) : result('skipped', ['no field is offered'], remarks)
}
