import { DomainError } from './domain-error.ts'
import type { ErrorCode } from './error-code.ts'

/** Where a value stands in its input, outermost first. */
export type InputPath = readonly (string | number)[]

const KEY = /^[A-Za-z0-9._-]{1,64}$/

/** The largest value of the type Int. */
export const MAX_INT = 2_147_483_647

/** Limits of JSON that is stored as it came. */
export const MAX_JSON_BYTES = 65_536
export const MAX_JSON_DEPTH = 32

/** Keys go into URLs, labels and code: 1 to 64 characters of A-Z a-z 0-9 . _ -. */
export function checkKey(path: InputPath, value: string): string {
  if (!KEY.test(value)) {
    fail('KEY_INVALID', path, `is ${quoted(value)}; a key takes 1 to 64 characters of A-Z a-z 0-9 . _ -.`)
  }
  return value
}

/** A text of `min` to `max` characters (UTF-16 code units) that PostgreSQL stores unchanged. */
export function checkText(
  path: InputPath,
  value: string,
  { min = 0, max, code = 'BAD_USER_INPUT' }: { min?: number; max: number; code?: ErrorCode },
): string {
  checkStorable(path, value)
  if (value.length < min || value.length > max) {
    fail(code, path, `is ${value.length} characters long; it takes ${min} to ${max}.`)
  }
  if (min > 0 && value.trim() === '') fail(code, path, 'holds only white space; it needs a visible character.')
  return value
}

export function checkOptionalText(
  path: InputPath,
  value: string | null | undefined,
  limits: { max: number },
): string | null | undefined {
  return value == null ? value : checkText(path, value, limits)
}

/** For changes: what may be left out but not cleared. */
export function checkNotNull<T>(path: InputPath, value: T | null): T {
  if (value === null) fail('BAD_USER_INPUT', path, 'is null; it can be changed but not cleared.')
  return value
}

export function checkInteger(path: InputPath, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    fail('BAD_USER_INPUT', path, `is ${value}; it takes a whole number from ${min} to ${max}.`)
  }
  return value
}

export interface NumberRange {
  /** Smallest value that is allowed. */
  min?: number
  /** Values must be greater than this. */
  above?: number
  max: number
}

export function checkNumber(path: InputPath, value: number, { min, above, max }: NumberRange): number {
  const inside = value <= max && (min === undefined || value >= min) && (above === undefined || value > above)
  if (!inside) {
    const from = above === undefined ? `from ${min}` : `above ${above}`
    fail('BAD_USER_INPUT', path, `is ${value}; it takes a number ${from} up to ${max}.`)
  }
  return value
}

/** No more than `max` items. */
export function checkCount<T>(path: InputPath, items: readonly T[], max: number): readonly T[] {
  if (items.length > max) fail('BAD_USER_INPUT', path, `has ${items.length} items; it takes ${max} at the most.`)
  return items
}

/** JSON of limited size and depth, without texts or numbers that would not come out of the database as they went in. */
export function checkJson<T>(path: InputPath, value: T): T {
  checkJsonPart(path, value, 0)
  const text = JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_JSON_BYTES) {
    fail('BAD_USER_INPUT', path, `is ${bytes} bytes of JSON; it takes ${MAX_JSON_BYTES} at the most.`)
  }
  // A plain copy: literals in a document arrive as objects without a prototype.
  return JSON.parse(text) as T
}

function checkJsonPart(path: InputPath, value: unknown, depth: number): void {
  if (depth > MAX_JSON_DEPTH) {
    fail('BAD_USER_INPUT', path.slice(0, 8), `nests JSON deeper than ${MAX_JSON_DEPTH} levels.`)
  }
  if (typeof value === 'string') checkStorable(path, value)
  else if (typeof value === 'number' && !Number.isFinite(value)) {
    fail('BAD_USER_INPUT', path, `is ${value}; JSON takes finite numbers.`)
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkJsonPart([...path, index], item, depth + 1)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      checkStorable(path, key)
      checkJsonPart([...path, key], item, depth + 1)
    }
  }
}

/** A text that PostgreSQL stores as it is: no U+0000 and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000')
}

/** PostgreSQL refuses U+0000 everywhere and lone surrogates in JSON; elsewhere they would be replaced silently. */
export function checkStorable(path: InputPath, value: string): void {
  if (!isStorable(value)) refuseText(path, value)
}

interface Place {
  name: string
  value: unknown
  parent: Place | null
}

/** Every text in the arguments of a field can be stored, the names of members of JSON among them. */
export function checkTexts(args: Record<string, unknown>): void {
  // Neither by recursion nor with a path for each value: JSON may nest deep until a rule of its own looks at it.
  const left: Place[] = []
  let place: Place | undefined = { name: '', value: args, parent: null }
  for (; place; place = left.pop()) {
    const { name, value, parent } = place
    if (!isStorable(name)) refuseText(pathOf(parent), name)
    if (typeof value === 'string' && !isStorable(value)) refuseText(pathOf(place), value)
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) left.push({ name: key, value: child, parent: place })
  }
}

/** Where a value stands inside the input. */
function pathOf(place: Place | null): InputPath {
  const names: string[] = []
  for (let at = place; at?.parent; at = at.parent) names.push(at.name)
  const [first, ...rest] = names.reverse()
  return (first === undefined || first === 'input' ? rest : [first, ...rest]).slice(0, MAX_JSON_DEPTH)
}

function refuseText(path: InputPath, value: string): never {
  const what = value.includes('\u0000')
    ? 'the character U+0000, which cannot be stored'
    : 'a lone surrogate, which is not a character'
  fail('TEXT_INVALID', path, `holds ${what}.`)
}

/** Throws the error about one value of an input; its message begins with the name of the value. */
export function fail(code: ErrorCode, path: InputPath, rest: string): never {
  throw new DomainError(code, `${path.join('.') || 'The input'} ${rest}`, { path: path.map(String) })
}

/** A value for a message, cut to a readable length and without control characters. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…"` : text
}
