import { operandProblem, shown } from './operand-problem.ts'
import { isOperators, isRecord, KNOWN_OPERATORS } from './targeting.ts'

/** Levels of objects and lists inside each other; the evaluation recurses no deeper. */
const MOST_DEPTH = 12
/** Values of any kind, the elements of lists included. */
const MOST_PARTS = 2_000
/** Characters of the condition as JSON. */
const MOST_TEXT = 50_000
/** Characters of a name in a message. */
const MOST_SHOWN = 80
const MOST_PROBLEMS = 20
const LISTS = new Set(['$and', '$or', '$nor'])
/** An attribute of this name is part of the language, though it looks like an operator. */
const GROUPS_ATTRIBUTE = '$groups'

/**
 * What is wrong with a targeting condition, each naming the place, the rule and the value; none when it can be saved.
 * Stricter than the evaluation, which takes anything: an operator that would never do what it says is told here.
 * @returns at most 20 problems
 */
export function conditionProblems(condition: unknown): string[] {
  const walk = new ConditionWalk()
  walk.condition(condition, 'The condition', '', 0)
  if (walk.problems.length > 0) return walk.problems
  // Only now is the depth known to be small enough to write it out.
  const { length } = JSON.stringify(condition)
  return length > MOST_TEXT ? [`The condition has ${length} characters as JSON; it may have ${MOST_TEXT}.`] : []
}

class ConditionWalk {
  readonly problems: string[] = []
  #parts = 0
  #isOver = false

  /** Attributes and their expected values, or conditions joined by `$and`, `$or`, `$nor` and `$not`. */
  condition(value: unknown, place: string, prefix: string, depth: number): void {
    if (!this.#enter(value, place, depth)) return
    if (!isRecord(value)) {
      this.#tell(`${place} must be an object; it is ${shown(value)}.`)
      return
    }
    for (const [key, child] of Object.entries(value)) {
      if (this.#isOver) return
      const inside = joined(prefix, key)
      if (LISTS.has(key)) this.#conditions(child, inside, depth + 1)
      else if (key === '$not') this.condition(child, inside, inside, depth + 1)
      else if (!key.startsWith('$') || key === GROUPS_ATTRIBUTE) this.#expected(child, inside, depth + 1)
      else if (isOperator(key)) this.#tell(`${inside} needs an attribute to apply to.`)
      else this.#tell(unknownOperator(inside))
    }
  }

  #conditions(list: unknown, place: string, depth: number): void {
    if (!this.#enter(list, place, depth)) return
    if (!Array.isArray(list) || !list.every(isRecord)) {
      this.#tell(
        `${place} must be a list of conditions; it is ${shown(list)}${Array.isArray(list) ? ' of other values' : ''}.`,
      )
      return
    }
    list.forEach((each, index) => {
      this.condition(each, `${place}[${index}]`, `${place}[${index}]`, depth + 1)
    })
  }

  /** A value to be equal to, or operators. */
  #expected(value: unknown, place: string, depth: number): void {
    if (isOperators(value)) {
      if (!this.#enter(value, place, depth)) return
      for (const [operator, operand] of Object.entries(value)) {
        if (this.#isOver) return
        this.#operator(operator, operand, joined(place, operator), depth + 1)
      }
    } else this.#literal(value, place, depth)
  }

  #operator(operator: string, operand: unknown, place: string, depth: number): void {
    if (!isOperator(operator)) {
      this.#tell(
        LISTS.has(operator)
          ? `${place} must stand outside of the attribute: it joins conditions, not values.`
          : unknownOperator(place),
      )
      return
    }
    const problem = operandProblem(operator, operand)
    if (problem) this.#tell(`${place} ${problem}`)
    else if (operator === '$elemMatch' && !isOperators(operand)) this.condition(operand, place, place, depth)
    else if (operator === '$all' || operator === '$alli') this.#each(operand as unknown[], place, depth)
    else this.#expected(operand, place, depth)
  }

  #each(list: readonly unknown[], place: string, depth: number): void {
    if (!this.#enter(list, place, depth)) return
    list.forEach((expected, index) => {
      this.#expected(expected, `${place}[${index}]`, depth + 1)
    })
  }

  /** A value that an attribute is compared with as a whole. */
  #literal(value: unknown, place: string, depth: number): void {
    if (!this.#enter(value, place, depth) || typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      if (this.#isOver) return
      const inside = Array.isArray(value) ? `${place}[${key}]` : joined(place, key)
      if (!Array.isArray(value) && isOperator(key)) {
        this.#tell(
          `${inside} is part of a value to be equal to; operators stand alone, and a part of ${place} is named with a dot.`,
        )
      }
      this.#literal(child, inside, depth + 1)
    }
  }

  /** Counts a value; false when it is beyond a limit and must not be looked into. */
  #enter(value: unknown, place: string, depth: number): boolean {
    if (this.#isOver) return false
    if (++this.#parts > MOST_PARTS) {
      this.#tell(`The condition has more than ${MOST_PARTS} parts.`)
      this.#isOver = true
      return false
    }
    if (depth > MOST_DEPTH && typeof value === 'object' && value !== null) {
      this.#tell(`${place} lies deeper than ${MOST_DEPTH} levels.`)
      return false
    }
    return true
  }

  #tell(problem: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(problem)
    else this.#isOver = true
  }
}

function joined(place: string, key: string): string {
  const name = key.length > MOST_SHOWN ? `${key.slice(0, MOST_SHOWN)}…` : key
  return place === '' ? name : `${place}.${name}`
}

function isOperator(key: string): boolean {
  return KNOWN_OPERATORS.has(key)
}

function unknownOperator(place: string): string {
  return `${place} is not an operator; the operators are ${[...KNOWN_OPERATORS].join(', ')}.`
}
