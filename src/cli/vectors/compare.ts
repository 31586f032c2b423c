import { NotComputable } from '../../statistics/not-computable.ts'

/** A number passes when |got − expected| ≤ abs + rel·|expected|; of several named fields around it, the innermost rules. */
export interface Tolerance {
  rel?: number
  abs?: number
  fields?: Record<string, { rel?: number; abs?: number }>
}

export interface Comparison {
  /** Fields that differ, with both values. */
  failures: string[]
  /** Fields that the engine does not offer. */
  missing: string[]
  /** Fields that do not exist on both sides, but for differing reasons. */
  remarks: string[]
}

/**
 * Compares what the engine says with what a reference file expects. NotComputable answers every null below it, and its
 * reason is held against the one in `reasons`.
 */
export function compare(got: unknown, expected: Record<string, unknown>, tolerance: Tolerance): Comparison {
  const { reasons, ...fields } = expected
  const comparison: Comparison = { failures: [], missing: [], remarks: [] }
  compareField(got, fields, [], { tolerance, reasons: (reasons ?? {}) as Record<string, string>, comparison })
  return comparison
}

interface Context {
  tolerance: Tolerance
  reasons: Record<string, string>
  comparison: Comparison
}

function compareField(got: unknown, expected: unknown, path: readonly string[], context: Context): void {
  const { failures, missing } = context.comparison
  const name = path.join('.')
  if (got === undefined) {
    missing.push(name)
  } else if (expected === null) {
    compareReason(got, path, context)
  } else if (typeof expected === 'object') {
    if (Array.isArray(expected) && (!Array.isArray(got) || got.length !== expected.length)) {
      failures.push(`${name}: got ${show(got)}, expected ${show(expected)}`)
      return
    }
    for (const [key, value] of Object.entries(expected)) {
      const inner = got instanceof NotComputable || got === null ? got : (got as Record<string, unknown>)[key]
      compareField(inner, value, [...path, key], context)
    }
  } else if (!isSame(got, numberOf(expected), path, context.tolerance)) {
    failures.push(`${name}: got ${show(got)}, expected ${show(expected)}`)
  }
}

function compareReason(got: unknown, path: readonly string[], { reasons, comparison }: Context): void {
  const name = path.join('.')
  if (got !== null && !(got instanceof NotComputable)) {
    comparison.failures.push(`${name}: got ${show(got)}, expected null`)
    return
  }
  const prefixes = path.map((_, index) => path.slice(0, path.length - index).join('.'))
  const reason = prefixes.map((prefix) => reasons[prefix]).find((known) => known !== undefined)
  if (got instanceof NotComputable && reason && got.code.toLowerCase() !== reason) {
    comparison.remarks.push(`${name}: the reason is ${got.code.toLowerCase()}, given as ${reason}`)
  }
}

function isSame(got: unknown, expected: unknown, path: readonly string[], tolerance: Tolerance): boolean {
  if (got === expected) return true
  if (typeof got !== 'number' || typeof expected !== 'number') return false
  const named = path.toReversed().find((name) => tolerance.fields?.[name])
  const { rel = 0, abs = 0 } = (named && tolerance.fields?.[named]) || tolerance
  return Math.abs(got - expected) <= abs + rel * Math.abs(expected)
}

function numberOf(expected: unknown): unknown {
  if (expected === 'Infinity') return Number.POSITIVE_INFINITY
  return expected === '-Infinity' ? Number.NEGATIVE_INFINITY : expected
}

function show(value: unknown): string {
  if (value instanceof NotComputable) return `null (${value.code.toLowerCase()})`
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
