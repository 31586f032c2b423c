import { MAX_INT } from './input-rules.ts'

/** Opaque, stable id, unique over all types: base64url of `Type:key`. */
export function toGlobalId(typeName: string, key: string | number): string {
  return Buffer.from(`${typeName}:${key}`, 'utf8').toString('base64url')
}

/** @returns the parts, or null for text that no server of ours has issued */
export function parseGlobalId(id: string): { typeName: string; key: string } | null {
  const text = Buffer.from(id, 'base64url').toString('utf8')
  const match = /^([A-Za-z]+):([A-Za-z0-9-]+)$/.exec(text)
  if (!match?.[1] || !match[2] || toGlobalId(match[1], match[2]) !== id) return null
  return { typeName: match[1], key: match[2] }
}

/** The integer key inside a global id of the expected type, or null for any other text. */
export function integerKey(id: string, typeName: string): number | null {
  const parsed = parseGlobalId(id)
  if (parsed?.typeName !== typeName || !/^[1-9]\d{0,9}$/.test(parsed.key)) return null
  const key = Number(parsed.key)
  return key <= MAX_INT ? key : null
}
