import { nullStandardErrorOf, standardErrorOf } from '../../statistics/comparison.ts'
import { isComputable } from '../../statistics/not-computable.ts'
import { requiredUnits } from '../../statistics/power/sample-plan.ts'
import { seededRandom } from '../simulation/random.ts'
import { type Method, methodsFor } from './methods.ts'
import type { Population } from './population.ts'

/** A share of runs, with the standard error that comes from their number. */
export interface Share {
  value: number
  error: number
}

export interface Calibration {
  population: string
  method: string
  isSequential: boolean
  /** Share of runs without an effect that a single look at the end called significant. */
  oneLook: Share
  /** The same of runs with all looks. */
  manyLooks: Share
  /** Share of runs with the planned effect whose intervals cover it: at all looks for a sequential method, else at the last. */
  coverage: Share
  /** Share of runs with the planned effect that were called significant in its direction. */
  power: Share
  /** Mean sample of runs with the planned effect, over that of the fixed design. */
  meanSample: number
  maximumSample: number
}

/** What one method made of one run. */
interface Outcome {
  crossedAt: number | null
  crossedUp: boolean
  rejectedAtEnd: boolean
  coveredAlways: boolean
  coveredAtEnd: boolean
}

export interface CalibrationOptions {
  runs: number
  looks: number
  alpha: number
  seed: number
}

/** Simulates a population without an effect and with the planned one, and judges each run by every method. */
export function calibratePopulation(population: Population, options: CalibrationOptions): Calibration[] {
  const { runs, looks, alpha, seed } = options
  const lift = plannedLift(population, alpha)
  const methods = methodsFor(comparisonOf(population, lift, alpha), population.mean * lift, looks)
  const fixed = methods[0]!.maximumUnits
  const withoutEffect = simulate(population, 0, methods, runs, seed)
  const withEffect = simulate(population, lift, methods, runs, seed + runs)
  return methods.map((method, index) => {
    const [none, some] = [withoutEffect[index]!, withEffect[index]!]
    const share = (outcomes: readonly Outcome[], isHit: (outcome: Outcome) => boolean): Share => {
      const value = outcomes.filter(isHit).length / runs
      return { value, error: Math.sqrt((value * (1 - value)) / runs) }
    }
    const meanUnits = some.reduce((sum, { crossedAt }) => sum + (crossedAt ?? method.maximumUnits), 0) / runs
    return {
      population: population.name,
      method: method.name,
      isSequential: method.isSequential,
      oneLook: share(none, ({ rejectedAtEnd }) => rejectedAtEnd),
      manyLooks: share(none, ({ crossedAt }) => crossedAt !== null),
      coverage: share(some, (outcome) => (method.isSequential ? outcome.coveredAlways : outcome.coveredAtEnd)),
      power: share(some, (outcome) =>
        method.isSequential ? outcome.crossedAt !== null && outcome.crossedUp : outcome.rejectedAtEnd,
      ),
      meanSample: method.isSequential ? meanUnits / fixed : 1,
      maximumSample: method.maximumUnits / fixed,
    }
  })
}

function simulate(
  population: Population,
  lift: number,
  methods: readonly Method[],
  runs: number,
  seed: number,
): Outcome[][] {
  const looks = [...new Set(methods.flatMap(({ criticalValues }) => [...criticalValues.keys()]))].sort((a, b) => a - b)
  const truth = population.mean * lift
  const criticalValues = methods.map((method) => looks.map((units) => method.criticalValues.get(units)))
  const outcomes = methods.map((): Outcome[] => [])
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(seed + run * 7919)
    const pair = population.pair(lift)
    const current = methods.map(
      (): Outcome => ({
        crossedAt: null,
        crossedUp: false,
        rejectedAtEnd: false,
        coveredAlways: true,
        coveredAtEnd: true,
      }),
    )
    let reached = { control: 0, treatment: 0 }
    for (const [look, units] of looks.entries()) {
      const controlUnits = Math.round(units * population.controlShare)
      const next = { control: controlUnits, treatment: units - controlUnits }
      pair.add(random, next.control - reached.control, next.treatment - reached.treatment)
      reached = next
      if (!pair.isPastBurnIn()) continue
      const difference = pair.difference()
      if (!isComputable(difference)) continue
      const nullError = nullStandardErrorOf(difference)
      const ownError = standardErrorOf(difference)
      if (nullError === 0) continue
      const statistic = difference.estimate / nullError
      methods.forEach((method, index) => {
        const criticalValue = criticalValues[index]![look]
        if (criticalValue !== undefined) {
          judge(current[index]!, units, method, {
            statistic,
            criticalValue,
            miss: difference.estimate - truth,
            ownError,
          })
        }
      })
    }
    for (const [index, outcome] of current.entries()) outcomes[index]!.push(outcome)
  }
  return outcomes
}

function judge(
  outcome: Outcome,
  units: number,
  { maximumUnits }: Method,
  look: { statistic: number; criticalValue: number; miss: number; ownError: number },
): void {
  const isSignificant = Math.abs(look.statistic) >= look.criticalValue
  const isCovered = Math.abs(look.miss) <= look.criticalValue * look.ownError
  if (isSignificant && outcome.crossedAt === null) {
    outcome.crossedAt = units
    outcome.crossedUp = look.statistic > 0
  }
  outcome.coveredAlways &&= isCovered
  if (units === maximumUnits) {
    outcome.coveredAtEnd = isCovered
    outcome.rejectedAtEnd = isSignificant
  }
}

function comparisonOf(population: Population, lift: number, alpha: number) {
  return {
    controlShare: population.controlShare,
    treatmentShare: 1 - population.controlShare,
    controlVariance: population.unitVariance(0),
    treatmentVariance: population.unitVariance(lift),
    ...(population.pooledVariance && { nullVariance: population.pooledVariance(lift) }),
    alpha,
  }
}

/** The lift for which the fixed design needs the population's sample, with a power of 80 %. */
function plannedLift(population: Population, alpha: number): number {
  let low = 0
  let high = 1
  for (let step = 0; step < 60; step++) {
    const lift = (low + high) / 2
    const design = { kind: 'FIXED_HORIZON' } as const
    const units = requiredUnits({ ...comparisonOf(population, lift, alpha), design }, population.mean * lift, 0.8)
    if (isComputable(units) && units > population.fixedUnits) low = lift
    else high = lift
  }
  return high
}
