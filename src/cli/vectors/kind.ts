import type { Interval } from '../../statistics/interval.ts'
import { isComputable, NotComputable } from '../../statistics/not-computable.ts'
import {
  type ArmEstimate,
  estimateMean,
  estimateProportion,
  type SampleSummary,
} from '../../statistics/sample-summary.ts'

/** Computes what the reference files expect of one kind of case; throws RangeError for impossible input. */
// biome-ignore lint/suspicious/noExplicitAny: the fields of an input depend on its kind
export type Kind = (input: any) => unknown

/** Thrown for an option of a kind that no method offers; such a case is skipped. */
export class NotOffered extends Error {
  constructor(option: string, value: unknown) {
    super(`no method offers the ${option} ${JSON.stringify(value)}`)
  }
}

/** @throws NotOffered unless the value is among those offered */
export function assertOffered<T>(option: string, value: unknown, offered: readonly T[]): asserts value is T {
  if (!(offered as readonly unknown[]).includes(value)) throw new NotOffered(option, value)
}

/** Sides of a test, two unless said otherwise. @throws RangeError unless there are one or two */
export function sidesOf({ sides = 2 }: { sides?: number }): 1 | 2 {
  if (sides !== 1 && sides !== 2) throw new RangeError(`A test has one side or two, not ${sides}.`)
  return sides
}

export interface ProportionInput {
  n: number
  conversions: number
}

export interface SampleInput {
  n: number
  sum: number
  sumsq: number
}

export function proportionOf({ n, conversions }: ProportionInput): ArmEstimate | NotComputable {
  return estimateProportion(n, conversions)
}

export function sampleOf({ n, sum, sumsq }: SampleInput): SampleSummary {
  return { count: n, sum, sumOfSquares: sumsq }
}

/** An arm of either form: conversions or sums. */
export function armOf(arm: ProportionInput | SampleInput): ArmEstimate | NotComputable {
  return 'conversions' in arm ? proportionOf(arm) : estimateMean(sampleOf(arm))
}

/** Both arms, or the reason of the first that has none. */
export function both<T extends object>(
  control: T | NotComputable,
  treatment: T | NotComputable,
): { control: T; treatment: T } | NotComputable {
  if (!isComputable(control)) return control
  return isComputable(treatment) ? { control, treatment } : treatment
}

/** `[lower, upper]`, as the files write intervals. */
export function pairOf(interval: Interval | NotComputable): [number, number] | NotComputable {
  return isComputable(interval) ? [interval.lower, interval.upper] : interval
}

/** An interval at each level, or the reason if there is none at any. */
export function atLevels(
  levels: readonly number[],
  at: (alpha: number) => Interval | NotComputable,
): Record<string, unknown> | NotComputable {
  const pairs = levels.map((level) => pairOf(at(1 - level)))
  const reason = pairs.find((pair) => pair instanceof NotComputable)
  if (reason instanceof NotComputable && pairs.every((pair) => !isComputable(pair))) return reason
  return Object.fromEntries(levels.map((level, index) => [String(level), pairs[index]]))
}

/** The same fields, each with the same reason. */
export function none(reason: NotComputable, ...fields: string[]): Record<string, NotComputable> {
  return Object.fromEntries(fields.map((field) => [field, reason]))
}
