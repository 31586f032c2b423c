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

/** A value for which a peer is known to give another one: a reference passes at full tolerance with either, and the peer's is said. */
export class PeerSlip {
  readonly value: unknown
  /** What the peer gives. */
  readonly peer: unknown
  /** What the peer does wrong. */
  readonly why: string

  constructor(value: unknown, peer: unknown, why: string) {
    this.value = value
    this.peer = peer
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
  } else if (got instanceof PeerSlip) {
    compareWithPeer(got, expected, path, context)
  } else if (got === undefined) {
    missing.push(name)
  } else if (expected === null) {
    context.comparison.compared++
    compareReason(got, path, context)
  } else if (typeof expected === 'object') {
    if (!hasFieldsLike(got, expected as object)) {
      failures.push(`${name}: got ${show(got)}, expected ${show(expected)}`)
      return
    }
    for (const [key, value] of Object.entries(expected)) {
      const inner = got instanceof NotComputable || got === null ? got : ownField(got, key)
      compareField(inner, value, [...path, key], context)
    }
  } else {
    context.comparison.compared++
    if (isSame(got, numberOf(expected), path, context.tolerance)) return
    failures.push(`${name}: got ${show(got)}, expected ${show(expected)}`)
  }
}

/** Whether fields can be compared one by one; a reason stands for every field. */
function hasFieldsLike(got: unknown, expected: object): boolean {
  if (Array.isArray(expected)) return Array.isArray(got) && got.length === expected.length
  return got instanceof NotComputable || got === null || (typeof got === 'object' && !Array.isArray(got))
}

function ownField(got: unknown, key: string): unknown {
  return typeof got === 'object' && got !== null && Object.hasOwn(got, key) ? got[key as keyof typeof got] : undefined
}

/** The peer's value where the reference is that one and not ours, which is said. */
function compareWithPeer(got: PeerSlip, expected: unknown, path: readonly string[], context: Context): void {
  const isPeer = !isAsExpected(got.value, expected, path, context) && isAsExpected(got.peer, expected, path, context)
  if (isPeer) context.comparison.remarks.push(`${path.join('.')}: the reference is the value of a peer: ${got.why}`)
  compareField(isPeer ? got.peer : got.value, expected, path, context)
}

function isAsExpected(got: unknown, expected: unknown, path: readonly string[], context: Context): boolean {
  const alone: Comparison = { failures: [], missing: [], remarks: [], compared: 0 }
  compareField(got, expected, path, { ...context, comparison: alone })
  return alone.failures.length === 0
}

/** Strictly where that succeeds; else with the wider tolerance, which is said. */
function compareCoarsely(got: CoarseReference, expected: unknown, path: readonly string[], context: Context): void {
  const fields = Object.values(context.tolerance.fields ?? {})
  const abs = Math.max(context.tolerance.abs ?? 0, ...fields.map((field) => field.abs ?? 0))
  const isStrict = isAsExpected(got.value, expected, path, context)
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
