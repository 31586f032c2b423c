import { linearRegex } from './linear-regex.ts'
import { asComparable, asText, isAmong, isSameJson, jsonType, valueAt, versionKey } from './targeting-values.ts'

export type Condition = Readonly<Record<string, unknown>>
/** Members by id of a saved group. */
export type SavedGroups = Readonly<Record<string, readonly unknown[]>>

/**
 * Whether attributes meet a condition in GrowthBook's language, decided as the GrowthBook SDK for JavaScript decides.
 * Total over attributes of any shape and depth, and over every condition without problems (`conditionProblems`, which
 * bounds its depth); an operator or a list that makes no sense is not met.
 * @see https://docs.growthbook.io/lib/build-your-own#condition-evaluation
 */
export function meetsCondition(attributes: unknown, condition: Condition, groups: SavedGroups = {}): boolean {
  return Object.entries(condition).every(([key, value]) => {
    switch (key) {
      case '$or':
        return isConditions(value) && meetsAny(attributes, value, groups)
      case '$nor':
        return isConditions(value) && !meetsAny(attributes, value, groups)
      case '$and':
        return isConditions(value) && value.every((each) => meetsCondition(attributes, each, groups))
      case '$not':
        return isRecord(value) && !meetsCondition(attributes, value, groups)
      default:
        return meetsValue(value, valueAt(attributes, key), groups)
    }
  })
}

function meetsAny(attributes: unknown, list: readonly Condition[], groups: SavedGroups): boolean {
  return list.length === 0 || list.some((each) => meetsCondition(attributes, each, groups))
}

function isConditions(list: unknown): list is Condition[] {
  return Array.isArray(list) && list.every(isRecord)
}

export function isRecord(value: unknown): value is Condition {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether all keys are operators: then the value says how to compare, else it is itself compared with. */
export function isOperators(value: unknown): value is Condition {
  return isRecord(value) && Object.keys(value).length > 0 && Object.keys(value).every((key) => key.startsWith('$'))
}

function meetsValue(expected: unknown, actual: unknown, groups: SavedGroups, ignoreCase = false): boolean {
  if (isOperators(expected)) {
    return Object.entries(expected).every(([operator, operand]) => meetsOperator(operator, operand, actual, groups))
  }
  if (typeof expected === 'string') {
    const text = asText(actual)
    return ignoreCase ? text.toLowerCase() === expected.toLowerCase() : text === expected
  }
  if (typeof expected === 'number') return Number(asComparable(actual)) === expected
  if (typeof expected === 'boolean') return actual !== null && Boolean(actual) === expected
  return isSameJson(expected, actual)
}

type Operator = (actual: unknown, operand: unknown, groups: SavedGroups) => boolean

const OPERATORS: Readonly<Record<string, Operator>> = {
  $eq: (actual, operand) => actual === operand,
  $ne: (actual, operand) => actual !== operand,
  $lt: (actual, operand) => asComparable(actual) < asComparable(operand),
  $lte: (actual, operand) => asComparable(actual) <= asComparable(operand),
  $gt: (actual, operand) => asComparable(actual) > asComparable(operand),
  $gte: (actual, operand) => asComparable(actual) >= asComparable(operand),
  $veq: (actual, operand) => versionKey(actual) === versionKey(operand),
  $vne: (actual, operand) => versionKey(actual) !== versionKey(operand),
  $vlt: (actual, operand) => versionKey(actual) < versionKey(operand),
  $vlte: (actual, operand) => versionKey(actual) <= versionKey(operand),
  $vgt: (actual, operand) => versionKey(actual) > versionKey(operand),
  $vgte: (actual, operand) => versionKey(actual) >= versionKey(operand),
  $exists: (actual, operand) => (operand ? actual !== null : actual === null),
  $in: (actual, operand) => Array.isArray(operand) && isAmong(actual, operand),
  $ini: (actual, operand) => Array.isArray(operand) && isAmong(actual, operand, true),
  $nin: (actual, operand) => Array.isArray(operand) && !isAmong(actual, operand),
  $nini: (actual, operand) => Array.isArray(operand) && !isAmong(actual, operand, true),
  $inGroup: (actual, operand, groups) => isAmong(actual, groupOf(groups, operand)),
  $notInGroup: (actual, operand, groups) => !isAmong(actual, groupOf(groups, operand)),
  $not: (actual, operand, groups) => !meetsValue(operand, actual, groups),
  $size: (actual, operand, groups) => Array.isArray(actual) && meetsValue(operand, actual.length, groups),
  // A null in the list meets nothing, not even the empty condition.
  $elemMatch: (actual, operand, groups) =>
    Array.isArray(actual) && actual.some((element) => element !== null && meetsElement(element, operand, groups)),
  $all: (actual, operand, groups) => containsAll(actual, operand, groups, false),
  $alli: (actual, operand, groups) => containsAll(actual, operand, groups, true),
  $regex: (actual, operand) => matches(actual, operand, false),
  $regexi: (actual, operand) => matches(actual, operand, true),
  $type: (actual, operand) => jsonType(actual) === operand,
}

export const KNOWN_OPERATORS: ReadonlySet<string> = new Set(Object.keys(OPERATORS))

function meetsOperator(operator: string, operand: unknown, actual: unknown, groups: SavedGroups): boolean {
  return Object.hasOwn(OPERATORS, operator) && OPERATORS[operator]!(actual, operand, groups)
}

function meetsElement(element: unknown, operand: unknown, groups: SavedGroups): boolean {
  return isRecord(operand) && !isOperators(operand)
    ? meetsCondition(element, operand, groups)
    : meetsValue(operand, element, groups)
}

function containsAll(actual: unknown, operand: unknown, groups: SavedGroups, ignoreCase: boolean): boolean {
  return (
    Array.isArray(actual) &&
    Array.isArray(operand) &&
    operand.every((expected) => actual.some((element) => meetsValue(expected, element, groups, ignoreCase)))
  )
}

function matches(actual: unknown, operand: unknown, ignoreCase: boolean): boolean {
  return typeof operand === 'string' && (linearRegex(operand, ignoreCase)?.matcher(asText(actual)).find() ?? false)
}

function groupOf(groups: SavedGroups, id: unknown): readonly unknown[] {
  return typeof id === 'string' && Object.hasOwn(groups, id) ? groups[id]! : []
}
