/** Comparable form of a version text: numbers padded, a pre-release below its release (Semantic Versioning 2.0.0, §11). */
export function versionKey(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : '0'
  // Cut by index: a pattern that removes the build would look ahead once per plus sign, quadratic in a hostile text.
  const build = text.indexOf('+')
  const parts = text.slice(text.startsWith('v') ? 1 : 0, build < 0 ? undefined : build).split(/[-.]/)
  // A release has nothing after its third part and stands above every pre-release: ~ sorts after letters and digits.
  if (parts.length === 3) parts.push('~')
  return parts.map((part) => (/^\d+$/.test(part) ? part.padStart(5, ' ') : part)).join('-')
}

export const JSON_TYPES: readonly string[] = ['null', 'boolean', 'number', 'string', 'array', 'object']

/** JSON's name for the type of a value. */
export function jsonType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return JSON_TYPES.includes(typeof value) ? typeof value : 'unknown'
}

/** The value at a dotted path, through own properties only; null where there is none. */
export function valueAt(attributes: unknown, path: string): unknown {
  let current: unknown = attributes
  for (const part of path.split('.')) {
    if (current === null || typeof current !== 'object' || !Object.hasOwn(current, part)) return null
    current = (current as Record<string, unknown>)[part]
  }
  return current ?? null
}

/** Letters in lower case where both sides ignore case. */
export function folded(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value
}

/** Whether the value, or one element of it when it is a list, is among the candidates. */
export function isAmong(value: unknown, candidates: readonly unknown[], ignoreCase = false): boolean {
  const pool = ignoreCase ? candidates.map(folded) : candidates
  const isIn = (one: unknown) => pool.includes(ignoreCase ? folded(one) : one)
  return Array.isArray(value) ? value.some(isIn) : isIn(value)
}

/** Levels of nested lists that become text; deeper ones count as empty. Attributes come from anyone, to any depth. */
const MOST_TEXT_DEPTH = 12

/** A value as the SDKs turn it into text: a list is its elements between commas, an object says only that it is one. */
export function asText(value: unknown, depth = 0): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (!Array.isArray(value)) return '[object Object]'
  if (depth === MOST_TEXT_DEPTH) return ''
  return value.map((element) => (element === null ? '' : asText(element, depth + 1))).join(',')
}

/** A value as the SDKs compare it by size: lists and objects by their text. */
export function asComparable(value: unknown): string | number {
  return typeof value === 'object' && value !== null ? asText(value) : (value as string | number)
}

/** Equality of JSON values, whatever the order of an object's keys, since storage does not keep it. */
export function isSameJson(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== 'object' || typeof actual !== 'object' || expected === null || actual === null) {
    return expected === actual
  }
  const keys = Object.keys(expected)
  return (
    Array.isArray(expected) === Array.isArray(actual) &&
    keys.length === Object.keys(actual).length &&
    keys.every((key) => Object.hasOwn(actual, key) && isSameJson(Reflect.get(expected, key), Reflect.get(actual, key)))
  )
}
