import { checkCount, checkText, fail, type InputPath } from '../../shared/input-rules.ts'

/** An attribute of the exposure context by which results can be grouped, declared before the start. */
export interface Dimension {
  /** Name of the attribute. */
  key: string
  /** The values that have a slice of their own; all others are together. */
  values: readonly string[]
}

/** The units with one value of a dimension. */
export interface Slice {
  /** By which the aggregates know it; 0 is every unit. */
  number: number
  /** Null: none of the declared values, or none at all. */
  value: string | null
}

const MAX_DIMENSIONS = 5
const MAX_VALUES = 20
const MAX_KEY = 100
const MAX_VALUE = 200
/** The declared values and the rest. */
const SLICES_EACH = MAX_VALUES + 1

/** @throws DomainError ANALYSIS_INVALID, BAD_USER_INPUT, TEXT_INVALID */
export function checkDimensions(path: InputPath, dimensions: readonly Dimension[]): Dimension[] {
  checkCount(path, dimensions, MAX_DIMENSIONS)
  checkDiffer(
    path,
    dimensions.map(({ key }) => key),
  )
  return dimensions.map(({ key, values }, index) => {
    const at = [...path, index, 'values']
    checkText([...path, index, 'key'], key, { min: 1, max: MAX_KEY })
    checkCount(at, values, MAX_VALUES)
    if (values.length === 0) fail('ANALYSIS_INVALID', at, 'is empty; a dimension declares at least one value.')
    for (const [place, value] of values.entries()) checkText([...at, place], value, { min: 1, max: MAX_VALUE })
    checkDiffer(at, values)
    return { key, values: [...values] }
  })
}

function checkDiffer(path: InputPath, texts: readonly string[]): void {
  const repeated = texts.find((text, index) => texts.indexOf(text) !== index)
  if (repeated !== undefined) fail('ANALYSIS_INVALID', path, `names ${JSON.stringify(repeated)} twice.`)
}

/** The slices of a dimension, in the order of its values, the rest last; null if there is no such dimension. */
export function slicesOfDimension(dimensions: readonly Dimension[], key: string): Slice[] | null {
  const place = dimensions.findIndex((dimension) => dimension.key === key)
  if (place < 0) return null
  const { values } = dimensions[place]!
  return [...values, null].map((value, index) => ({
    number: numberOf(place, value === null ? MAX_VALUES : index),
    value,
  }))
}

/** Numbers of the slices within which a plan compares; none unless it stratifies. */
export function strataOf({
  dimensions,
  stratifyBy,
}: {
  dimensions: readonly Dimension[]
  stratifyBy: string | null
}): number[] {
  const strata = stratifyBy === null ? null : slicesOfDimension(dimensions, stratifyBy)
  return (strata ?? []).map(({ number }) => number)
}

/** In which slice of each dimension a unit is that was exposed in a context; null without dimensions. */
export function slicesOf(
  dimensions: readonly Dimension[],
  context: Readonly<Record<string, unknown>> | null | undefined,
): number[] | null {
  if (dimensions.length === 0) return null
  return dimensions.map(({ key, values }, place) => {
    const given = context && Object.hasOwn(context, key) ? context[key] : null
    const index = typeof given === 'object' ? -1 : values.indexOf(String(given))
    return numberOf(place, index < 0 ? MAX_VALUES : index)
  })
}

function numberOf(dimension: number, value: number): number {
  return 1 + dimension * SLICES_EACH + value
}
