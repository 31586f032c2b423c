import { checkNumber, type InputPath } from '../../shared/input-rules.ts'
import type { Margin } from '../../statistics/guardrails/margin-distance.ts'

const GREATEST = { ABSOLUTE: 1e12, RELATIVE: 10 }

/** How much worse a metric may be in a treatment than in the control; null: nothing is said about it. */
export type NonInferiorityMargin = Margin

export function checkMargin(path: InputPath, margin: NonInferiorityMargin | null): NonInferiorityMargin | null {
  if (!margin) return null
  const { value, scale } = margin
  return { value: checkNumber([...path, 'value'], value, { min: 0, max: GREATEST[scale] }), scale }
}

/** What is tolerated: `0.02` or `5 % of the control's mean`. */
export function marginInWords({ value, scale }: NonInferiorityMargin): string {
  return scale === 'ABSOLUTE' ? String(value) : `${Number((100 * value).toPrecision(10))} % of the mean of the control`
}
