import { RE2JS } from 're2js'

const MOST_REMEMBERED = 500
/** Characters of a pattern. */
const MOST_PATTERN = 1_000
/** Instructions of a compiled pattern: a match takes time in proportion to them and to the text. */
const MOST_INSTRUCTIONS = 2_000
const compiled = new Map<string, RE2JS | null>()

/**
 * A regular expression that runs in time linear in the text (RE2), whatever the pattern; null for a pattern that RE2
 * does not take, which includes look-around and back-references, and for one of more than 1,000 characters or 2,000
 * instructions, as repeated repetitions make them: `(.{1000})` written a hundred times is linear and yet takes seconds.
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
  if (pattern.length > MOST_PATTERN) return null
  try {
    const regex = RE2JS.compile(RE2JS.translateRegExp(pattern), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
    return regex.programSize() > MOST_INSTRUCTIONS ? null : regex
  } catch {
    return null
  }
}
