/** JSON that gives back every double as it was: as well negative zero, what is not finite, dates and maps. */
export function toExactJson(value: unknown): string {
  return JSON.stringify(value, function replace(key, shown) {
    // Dates have become text before the replacer sees them.
    const given = (this as Record<string, unknown>)[key]
    if (given instanceof Date) return { $date: given.toISOString() }
    if (given instanceof Map) return { $map: [...given] }
    if (typeof shown === 'number' && (!Number.isFinite(shown) || Object.is(shown, -0))) {
      return { $number: Object.is(shown, -0) ? '-0' : String(shown) }
    }
    return shown
  })
}

export function fromExactJson<T>(text: string): T {
  return JSON.parse(text, (_key, value) => {
    if (typeof value !== 'object' || value === null) return value
    if ('$date' in value) return new Date(value.$date)
    if ('$map' in value) return new Map(value.$map)
    if ('$number' in value) return Number(value.$number)
    return value
  }) as T
}

export interface ExactDifference {
  /** Where the value stands, as in `metrics.0.comparisons.1.alwaysValid.pValue`. */
  path: string
  /** As JSON; null where there is none. */
  stored: string | null
  recomputed: string | null
}

/** Every leaf in which two texts of exact JSON differ. */
export function exactDifferences(stored: string, recomputed: string): ExactDifference[] {
  if (stored === recomputed) return []
  const before = leaves(JSON.parse(stored))
  const after = leaves(JSON.parse(recomputed))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [old, now] = [before.get(path) ?? null, after.get(path) ?? null]
    return old === now ? [] : [{ path, stored: old, recomputed: now }]
  })
}

function leaves(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    found.set(path, JSON.stringify(value))
  } else {
    for (const [key, part] of Object.entries(value)) leaves(part, path === '' ? key : `${path}.${key}`, found)
  }
  return found
}
