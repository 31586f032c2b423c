import { linearRegex } from './linear-regex.ts'
import { KNOWN_OPERATORS } from './targeting.ts'

const MOST_DEPTH = 12
const MOST_PARTS = 500
const MOST_TEXT = 10_000
const LISTS = new Set(['$and', '$or', '$nor'])
const LIST_OPERANDS = new Set(['$in', '$nin', '$ini', '$nini', '$all', '$alli'])

/** What is wrong with a targeting condition, each naming the place and the rule; none when it can be saved. */
export function conditionProblems(condition: unknown): string[] {
  const problems: string[] = []
  let parts = 0
  const visit = (value: unknown, place: string, depth: number): void => {
    if (++parts === MOST_PARTS + 1) problems.push(`The condition has more than ${MOST_PARTS} parts.`)
    if (depth === MOST_DEPTH + 1) problems.push(`${place} lies deeper than ${MOST_DEPTH} levels.`)
    if (parts > MOST_PARTS || depth > MOST_DEPTH) return
    if (typeof value === 'string' && value.length > MOST_TEXT)
      problems.push(`${place} is longer than ${MOST_TEXT} characters.`)
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      const inside = Array.isArray(value) ? `${place}[${key}]` : place ? `${place}.${key}` : key
      if (!Array.isArray(value)) problems.push(...entryProblems(key, child, inside, place === ''))
      visit(child, inside, depth + 1)
    }
  }
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition))
    return ['The condition must be an object.']
  visit(condition, '', 0)
  return problems
}

function entryProblems(key: string, value: unknown, place: string, isTop: boolean): string[] {
  if (!key.startsWith('$')) return []
  if (LISTS.has(key)) {
    return Array.isArray(value) &&
      value.every((each) => typeof each === 'object' && each !== null && !Array.isArray(each))
      ? []
      : [`${place} must be a list of conditions.`]
  }
  if (key === '$not') return typeof value === 'object' && value !== null ? [] : [`${place} must be a condition.`]
  if (!KNOWN_OPERATORS.has(key))
    return [`${place} is not an operator; the operators are ${[...KNOWN_OPERATORS].join(', ')}.`]
  if (isTop) return [`${place} needs an attribute to apply to.`]
  if (LIST_OPERANDS.has(key) && !Array.isArray(value)) return [`${place} must be a list.`]
  if (key === '$regex' || key === '$regexi') {
    if (typeof value !== 'string') return [`${place} must be a text.`]
    if (!linearRegex(value, key === '$regexi'))
      return [
        `${place} is ${JSON.stringify(value)}, not a regular expression of RE2 (no look-around, no back-references).`,
      ]
  }
  if (key === '$inGroup' || key === '$notInGroup') return [`${place}: there are no saved groups.`]
  return []
}
