import { normalCriticalValue } from '../../statistics/distributions.ts'
import { isComputable } from '../../statistics/not-computable.ts'
import { type DecisionDesign, type PlannedComparison, requiredUnits } from '../../statistics/power/sample-plan.ts'
import type { AlphaSpending } from '../../statistics/sequential/alpha-spending.ts'
import { confidenceSequenceOf } from '../../statistics/sequential/confidence-sequence.ts'
import { spendingBoundaries } from '../../statistics/sequential/group-sequential-boundaries.ts'

/** A way to decide, with the critical value of |difference|/standard error at each look that it takes. */
export interface Method {
  name: string
  /** Units of both arms at the last look. */
  maximumUnits: number
  /** By units; a look that is missing is not taken. */
  criticalValues: ReadonlyMap<number, number>
  /** Whether the many looks are what the method is made for; else they show what peeking does. */
  isSequential: boolean
}

const SPENDING: AlphaSpending = { family: 'OBRIEN_FLEMING' }
/** Every 2 % of the maximum sample. */
const PLANNED_LOOKS = 50

/** The first look comes with the first pair of units of any sample up to twice this. */
const FINEST_LOOKS = 50_000

/** Information fractions of many looks from the first units on: a fifth at a constant ratio, the others at equal distances. */
export function manyLooks(looks: number): number[] {
  const early = Math.floor(looks / 5)
  const late = looks - early
  return [
    ...Array.from({ length: early }, (_, look) => FINEST_LOOKS ** (look / early - 1)),
    ...Array.from({ length: late }, (_, look) => (look + 1) / late),
  ].sort((a, b) => a - b)
}

/** The methods that the product offers, each planned for the same effect with a power of 80 %. */
export function methodsFor(comparison: Omit<PlannedComparison, 'design'>, effect: number, looks: number): Method[] {
  const { alpha } = comparison
  const unitsFor = (design: DecisionDesign) => {
    const units = requiredUnits({ ...comparison, design }, effect, 0.8)
    if (!isComputable(units)) throw new Error(units.message)
    return even(units)
  }
  const planned = Array.from({ length: PLANNED_LOOKS }, (_, look) => (look + 1) / PLANNED_LOOKS)
  const fixedUnits = unitsFor({ kind: 'FIXED_HORIZON' })
  const spendingUnits = unitsFor({ kind: 'GROUP_SEQUENTIAL', spending: SPENDING, fractions: planned })
  const alwaysUnits = unitsFor({ kind: 'ALWAYS_VALID' })
  const many = manyLooks(looks)
  const constant = new Map(many.map((fraction) => [even(fixedUnits * fraction), normalCriticalValue(alpha)]))
  const fixed = { maximumUnits: fixedUnits, criticalValues: constant, isSequential: false }
  return [
    { name: 'FIXED_HORIZON', ...fixed },
    {
      name: `GROUP_SEQUENTIAL, ${PLANNED_LOOKS} looks`,
      maximumUnits: spendingUnits,
      criticalValues: spent(planned, spendingUnits, alpha),
      isSequential: true,
    },
    {
      name: `GROUP_SEQUENTIAL, ${looks} looks`,
      maximumUnits: spendingUnits,
      criticalValues: spent(many, spendingUnits, alpha),
      isSequential: true,
    },
    {
      name: 'ALWAYS_VALID',
      maximumUnits: alwaysUnits,
      criticalValues: new Map(
        many.map((fraction) => {
          const units = even(alwaysUnits * fraction)
          return [units, sequenceCriticalValue(units, alwaysUnits, alpha)]
        }),
      ),
      isSequential: true,
    },
    // With a flat prior, P(better) beyond 1 − alpha/2 either way is z beyond the critical value.
    { name: 'BAYESIAN, flat prior', ...fixed },
  ]
}

const boundaries = new Map<string, readonly number[]>()

/** Critical values of the same looks at any sample, computed once. */
function spent(fractions: readonly number[], maximumUnits: number, alpha: number): Map<number, number> {
  const key = `${fractions.length} ${alpha}`
  const known = boundaries.get(key) ?? spendingBoundaries(SPENDING, fractions, alpha).criticalValues
  boundaries.set(key, known)
  // The first looks round to the same units, where nothing is spent yet; the last of them stands.
  return new Map(fractions.map((fraction, look) => [even(maximumUnits * fraction), known[look]!]))
}

function sequenceCriticalValue(units: number, tuningUnits: number, alpha: number): number {
  const look = confidenceSequenceOf({ units, estimate: 0, standardError: 1 }, alpha, tuningUnits)
  return isComputable(look) ? look.criticalValue : Number.POSITIVE_INFINITY
}

/** Whole pairs of units, at least one. */
function even(units: number): number {
  return 2 * Math.max(1, Math.ceil(units / 2 - 1e-9))
}
