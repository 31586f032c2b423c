/** Comparable form of a version text: numbers padded, a pre-release below its release (Semantic Versioning 2.0.0, §11). */
export function versionKey(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' && value !== '' ? value : '0'
  const parts = text.replace(/(^v|\+.*$)/g, '').split(/[-.]/)
  // A release has nothing after its third part and stands above every pre-release: ~ sorts after letters and digits.
  if (parts.length === 3) parts.push('~')
  return parts.map((part) => (/^\d+$/.test(part) ? part.padStart(5, ' ') : part)).join('-')
}

/** JSON's name for the type of a value. */
export function jsonType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return ['string', 'number', 'boolean', 'object'].includes(typeof value) ? typeof value : 'unknown'
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
