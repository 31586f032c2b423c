import { RE2JS } from 're2js'

const MOST_REMEMBERED = 500
const compiled = new Map<string, RE2JS | null>()

/**
 * A regular expression that runs in time linear in the text (RE2), whatever the pattern; null for a pattern that RE2
 * does not take, which includes look-around and back-references.
 */
export function linearRegex(pattern: string, ignoreCase: boolean): RE2JS | null {
  const name = `${ignoreCase ? 'i' : 's'}:${pattern}`
  const known = compiled.get(name)
  if (known !== undefined) return known
  if (compiled.size >= MOST_REMEMBERED) compiled.clear()
  const regex = compile(pattern, ignoreCase)
  compiled.set(name, regex)
  return regex
}

function compile(pattern: string, ignoreCase: boolean): RE2JS | null {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  } catch {
    return null
  }
}
