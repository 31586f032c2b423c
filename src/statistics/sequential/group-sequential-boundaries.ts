import { assertAlpha, assertPositive } from '../domain-checks.ts'
import { type AlphaSpending, alphaSpent } from './alpha-spending.ts'
import { BoundaryCrossing } from './boundary-crossing.ts'

/** Boundaries of a group-sequential test: at look k reject when |Z| (one-sided: Z) is at least criticalValues[k]. */
export interface GroupSequentialBoundaries {
  fractions: readonly number[]
  /** Infinity where nothing can be spent yet. */
  criticalValues: readonly number[]
  /** Probability of having rejected by each look when there is no effect. */
  cumulativeAlpha: readonly number[]
  sides: 1 | 2
}

/**
 * Boundaries that spend alpha as information arrives; the number and times of the looks need not be known beforehand, only the
 * maximum sample. Boundaries up to a look do not depend on the looks after it.
 * @param fractions - what alpha is spent by, such as information fractions of the looks; at least one, ascending, in (0, 1]; at 1
 *   all that is left is spent
 * @param information - of the looks, ascending, on any scale, where it does not grow as the fractions do
 * @see Lan, DeMets (1983), Biometrika 70, 659–663; two clocks: Lan, DeMets (1989), Statistics in Medicine 8, 1191–1198
 * @throws RangeError if a parameter is out of range
 */
export function spendingBoundaries(
  spending: AlphaSpending,
  fractions: readonly number[],
  alpha: number,
  sides: 1 | 2 = 2,
  information: readonly number[] = fractions,
): GroupSequentialBoundaries {
  assertAlpha(alpha)
  assertFractions(fractions)
  assertAscending(information)
  const key = JSON.stringify([spending, fractions, alpha, sides, information])
  const before = known.get(key)
  if (before) return before
  const boundaries = boundariesThatSpend(spending, fractions, alpha, sides, information)
  const [oldest] = known.keys()
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest)
  known.set(key, boundaries)
  return boundaries
}

/** Boundaries already asked for: all comparisons of an experiment look together, and again at every reading. */
const known = new Map<string, GroupSequentialBoundaries>()
const MOST_KNOWN = 500

function boundariesThatSpend(
  spending: AlphaSpending,
  fractions: readonly number[],
  alpha: number,
  sides: 1 | 2,
  information: readonly number[],
): GroupSequentialBoundaries {
  const process = new BoundaryCrossing(sides)
  const criticalValues: number[] = []
  const cumulativeAlpha: number[] = []
  for (const [look, fraction] of fractions.entries()) {
    const spent = alphaSpent(spending, fraction, alpha, sides)
    const now = information[look]!
    const criticalValue = process.criticalValueFor(now, Math.max(0, spent - (cumulativeAlpha.at(-1) ?? 0)))
    criticalValues.push(criticalValue)
    cumulativeAlpha.push(spent)
    const next = information[look + 1]
    if (next !== undefined) process.proceed(now, criticalValue, next)
  }
  return { fractions, criticalValues, cumulativeAlpha, sides }
}

/**
 * Boundaries of fixed shape c·t^(shape − ½): Pocock's constant one at shape ½, O'Brien and Fleming's c/√t at shape 0, and those
 * between. All looks must be planned.
 * @param fractions - information fractions of the looks, at least one, ascending, in (0, 1]
 * @param shape - Δ of Wang and Tsiatis
 * @see Pocock (1977), Biometrika 64, 191–199; O'Brien, Fleming (1979), Biometrics 35, 549–556; Wang, Tsiatis (1987), Biometrics
 *   43, 193–199
 * @throws RangeError if a parameter is out of range
 */
export function shapedBoundaries(
  shape: number,
  fractions: readonly number[],
  alpha: number,
  sides: 1 | 2 = 2,
): GroupSequentialBoundaries {
  assertAlpha(alpha)
  assertFractions(fractions)
  if (!Number.isFinite(shape)) throw new RangeError(`shape is ${shape}; it must be finite.`)
  const scaled = (constant: number) => fractions.map((fraction) => constant * fraction ** (shape - 0.5))
  const spentBy = (constant: number) => crossingProbabilities({ fractions, criticalValues: scaled(constant), sides })
  let low = 0
  let high = 40
  // Halving on the constant: the probability falls as it grows.
  for (let step = 0; step < 60 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2
    if ((spentBy(middle).at(-1)?.either ?? 0) > alpha) low = middle
    else high = middle
  }
  const constant = (low + high) / 2
  return {
    fractions,
    criticalValues: scaled(constant),
    cumulativeAlpha: spentBy(constant).map(({ either }) => either),
    sides,
  }
}

/**
 * Cumulative probability of having crossed by each look.
 * @param drift - expected Z at information fraction 1; 0 for no effect
 */
export function crossingProbabilities(
  { fractions, criticalValues, sides }: Pick<GroupSequentialBoundaries, 'fractions' | 'criticalValues' | 'sides'>,
  drift = 0,
): { upper: number; either: number }[] {
  const process = new BoundaryCrossing(sides, drift)
  let upper = 0
  let either = 0
  return fractions.map((fraction, look) => {
    const crossing = process.crossing(fraction, criticalValues[look]!)
    upper += crossing.upper
    either += crossing.upper + crossing.lower
    const next = fractions[look + 1]
    if (next !== undefined) process.proceed(fraction, criticalValues[look]!, next)
    return { upper, either }
  })
}

function assertFractions(fractions: readonly number[]): void {
  if (fractions.length === 0) throw new RangeError('There is no information fraction; a test takes at least one look.')
  assertAscending(fractions)
  for (const fraction of fractions) {
    if (fraction > 1) throw new RangeError(`An information fraction is ${fraction}; it must not exceed 1.`)
  }
}

function assertAscending(information: readonly number[]): void {
  for (const [look, value] of information.entries()) {
    assertPositive(value, 'An information fraction')
    if (look > 0 && value <= information[look - 1]!) {
      throw new RangeError(`Information fraction ${value} does not exceed ${information[look - 1]} before it.`)
    }
  }
}
