import { NotComputable } from '../../../src/statistics/not-computable.ts'

/** NaN nowhere, Infinity only where the method declares it, in results of any shape. */
export function unsoundIn(result: unknown, infiniteFields: readonly string[], path = 'result'): string[] {
  if (result instanceof NotComputable) return result.message ? [] : [`${path} has no message`]
  if (typeof result === 'number') {
    const isAllowed = Number.isFinite(result) || infiniteFields.some((field) => path.endsWith(field))
    return Number.isNaN(result) || !isAllowed ? [`${path} is ${result}`] : []
  }
  if (result !== null && typeof result === 'object') {
    return Object.entries(result).flatMap(([key, inner]) => unsoundIn(inner, infiniteFields, `${path}.${key}`))
  }
  return result === undefined ? [`${path} is missing`] : []
}
