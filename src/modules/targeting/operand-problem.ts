import { linearRegex } from './linear-regex.ts'
import { JSON_TYPES } from './targeting-values.ts'

/** What an operator takes; `null` from `problem` means that the operand is fit. */
type OperandRule = (operand: unknown) => string | null

const isScalar = (value: unknown) => typeof value !== 'object' || value === null
const isOrderable = (value: unknown) => typeof value === 'string' || typeof value === 'number'

const scalar = rule(isScalar, 'a text, a number, a boolean or null')
const orderable = rule(isOrderable, 'a number or a text')
const version = rule(isOrderable, 'a version, as a text or a number')
const list = rule(Array.isArray, 'a list')
const scalars = rule(
  (operand) => Array.isArray(operand) && operand.every(isScalar),
  'a list of texts, numbers, booleans or null',
)

const RULES: Readonly<Record<string, OperandRule>> = {
  $eq: scalar,
  $ne: scalar,
  $lt: orderable,
  $lte: orderable,
  $gt: orderable,
  $gte: orderable,
  $veq: version,
  $vne: version,
  $vlt: version,
  $vlte: version,
  $vgt: version,
  $vgte: version,
  $exists: rule((operand) => typeof operand === 'boolean', 'true or false'),
  $type: rule((operand) => JSON_TYPES.includes(operand as string), `one of ${JSON_TYPES.join(', ')}`),
  $in: scalars,
  $nin: scalars,
  $ini: scalars,
  $nini: scalars,
  $all: list,
  $alli: list,
  $size: rule(
    (operand) => Number.isInteger(operand) || (!isScalar(operand) && !Array.isArray(operand)),
    'an integer or operators that compare one',
  ),
  $elemMatch: rule((operand) => !isScalar(operand) && !Array.isArray(operand), 'a condition or operators'),
  $regex: (operand) => patternProblem(operand, false),
  $regexi: (operand) => patternProblem(operand, true),
  $inGroup: () => 'refers to a saved group; there are none.',
  $notInGroup: () => 'refers to a saved group; there are none.',
}

/** What is wrong with the operand of a known operator, as the rest of a sentence about its place; null when it is fit. */
export function operandProblem(operator: string, operand: unknown): string | null {
  return Object.hasOwn(RULES, operator) ? RULES[operator]!(operand) : null
}

/** A value as a message shows it: short, and never the whole of a list or an object. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

function rule(isFit: (operand: unknown) => boolean, wanted: string): OperandRule {
  return (operand) => (isFit(operand) ? null : `must be ${wanted}; it is ${shown(operand)}.`)
}

function patternProblem(pattern: unknown, ignoreCase: boolean): string | null {
  if (typeof pattern !== 'string') return `must be a text; it is ${shown(pattern)}.`
  return linearRegex(pattern, ignoreCase)
    ? null
    : `is ${shown(pattern)}, not a regular expression of RE2 (no look-around, no back-references, at most 1,000 characters, no long repetition of repetitions).`
}
