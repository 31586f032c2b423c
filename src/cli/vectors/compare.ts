import { NotComputable } from '../../statistics/not-computable.ts'

/** A number passes when |got − expected| ≤ abs + rel·|expected|; of several named fields around it, the innermost rules. */
export interface Tolerance {
  rel?: number
  abs?: number
  fields?: Record<string, { rel?: number; abs?: number }>
}

/** A value whose reference is known to be coarse: held against it at this relative tolerance, and said to be. */
export class CoarseReference {
  readonly value: unknown
  readonly rel: number
  /** What is wrong with the reference. */
  readonly why: string

  constructor(value: unknown, rel: number, why: string) {
    this.value = value
    this.rel = rel
    this.why = why
  }
}

export interface Comparison {
  /** Fields that differ, with both values. */
  failures: string[]
  /** Fields that the engine does not offer. */
  missing: string[]
  /** Fields that do not exist on both sides, but for differing reasons, and references that are coarse. */
  remarks: string[]
  /** How many fields were held against each other. */
  compared: number
}

/**
 * Compares what the engine says with what a reference file expects. NotComputable answers every null below it, and its
 * reason is held against the one in `reasons`.
 */
export function compare(got: unknown, expected: Record<string, unknown>, tolerance: Tolerance): Comparison {
  const { reasons, ...fields } = expected
  const comparison: Comparison = { failures: [], missing: [], remarks: [], compared: 0 }
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
  if (got instanceof CoarseReference) {
    compareCoarsely(got, expected, path, context)
  } else if (got === undefined) {
    missing.push(name)
  } else if (expected === null) {
    context.comparison.compared++
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
  } else {
    context.comparison.compared++
    if (isSame(got, numberOf(expected), path, context.tolerance)) return
    failures.push(`${name}: got ${show(got)}, expected ${show(expected)}`)
  }
}

/** Strictly where that succeeds; else with the wider tolerance, which is said. */
function compareCoarsely(got: CoarseReference, expected: unknown, path: readonly string[], context: Context): void {
  const strictly: Comparison = { failures: [], missing: [], remarks: [], compared: 0 }
  compareField(got.value, expected, path, { ...context, comparison: strictly })
  const fields = Object.values(context.tolerance.fields ?? {})
  const abs = Math.max(context.tolerance.abs ?? 0, ...fields.map((field) => field.abs ?? 0))
  const isStrict = strictly.failures.length === 0
  if (!isStrict) context.comparison.remarks.push(`${path.join('.')}: held to ${got.rel} only: ${got.why}`)
  compareField(got.value, expected, path, isStrict ? context : { ...context, tolerance: { rel: got.rel, abs } })
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
