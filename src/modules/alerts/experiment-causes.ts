import type { Experiment } from '../experiments/experiment.entity.ts'
import { isLive } from '../experiments/experiment-status.ts'
import type { MetricResult } from '../results/metric-result.ts'
import type { Results } from '../results/results.ts'
import type { AlertKind } from './alert.entity.ts'
import { levelJump } from './level-jump.ts'

/** Why an alert should be open now. */
export interface AlertCause {
  kind: AlertKind
  /** Tells causes of one kind apart. */
  cause: string
  message: string
}

/** Always-valid p-value at which a sample ratio mismatch is alarming; a chi-square looked at every minute would alarm by itself. */
const SHOWN_MISMATCH = 0.01
/** Share of units seen in several variants above which somebody should look. */
const MOST_CONTAMINATED = 0.01
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The kinds that follow from the results of an experiment. */
export const RESULT_KINDS: readonly AlertKind[] = [
  'SAMPLE_RATIO_MISMATCH',
  'CONTAMINATED_UNITS',
  'NO_DATA',
  'METRIC_JUMP',
  'GUARDRAIL_WORSE',
]

type Watched = Pick<Experiment, 'key' | 'status' | 'startedAt' | 'timeZone' | 'automation'>

/** Everything about an experiment that somebody should look at now; nothing once it has ended. */
export function experimentCauses(experiment: Watched, results: Results, now: Date): AlertCause[] {
  if (!isLive(experiment.status)) return []
  return [
    ...unhealthy(experiment, results),
    ...withoutData(experiment, results, now),
    ...jumps(experiment, results, now),
    ...worseGuardrails(experiment, results),
  ]
}

function unhealthy({ key }: Watched, { health, exposedUnits }: Results): AlertCause[] {
  const causes: AlertCause[] = []
  const { pValue, alwaysValidPValue, epochs } = health.sampleRatioMismatch
  const isShown = (alwaysValidPValue ?? 1) <= SHOWN_MISMATCH
  // Where the sequential test says nothing: a variant without weight has units, or the allocation adapts.
  if (isShown || epochs.some((epoch) => epoch.alwaysValidPValue === null && epoch.isMismatch)) {
    const p = alwaysValidPValue ?? pValue
    const shown = p === null ? '' : ` (p = ${p.toPrecision(2)})`
    causes.push({
      kind: 'SAMPLE_RATIO_MISMATCH',
      cause: '',
      message: `The units of ${key} did not arrive in the proportions of the weights${shown}.`,
    })
  }
  const contaminated = health.multipleVariantUnits
  if (contaminated > MOST_CONTAMINATED * (exposedUnits + contaminated)) {
    causes.push({
      kind: 'CONTAMINATED_UNITS',
      cause: '',
      message: `${contaminated} units of ${key} met several variants, more than 1 % of all.`,
    })
  }
  return causes
}

function withoutData({ key, status, startedAt, automation }: Watched, results: Results, now: Date): AlertCause[] {
  const { noDataHours } = automation
  if (status !== 'RUNNING' || noDataHours === null || !startedAt) return []
  if (now.getTime() - startedAt.getTime() < noDataHours * HOUR_MS) return []
  if (results.exposedUnits === 0) {
    return [{ kind: 'NO_DATA', cause: '', message: `${key} has run for ${noDataHours} hours without a unit.` }]
  }
  return results.metrics.filter(isSilent).map(({ metric }) => ({
    kind: 'NO_DATA',
    cause: metric.key,
    message: `${key} has run for ${noDataHours} hours, and its metric ${metric.key} has no event.`,
  }))
}

function isSilent({ series }: MetricResult): boolean {
  return series.every(({ events, denominator }) => events === 0 && denominator === 0)
}

function jumps({ key, startedAt, timeZone }: Watched, { metrics }: Results, now: Date): AlertCause[] {
  const yesterday = dayOf(new Date(now.getTime() - DAY_MS), timeZone)
  const first = dayOf(new Date(startedAt!.getTime() + DAY_MS), timeZone)
  return metrics.flatMap((metric) => {
    const jump = levelJump(levelsOf(metric), yesterday, first)
    if (!jump) return []
    const message = `On ${yesterday} the metric ${metric.metric.key} of ${key} was ${short(jump.level)}; usual on that day of the week is ${short(jump.usual)}.`
    return [{ kind: 'METRIC_JUMP', cause: metric.metric.key, message }]
  })
}

/** A day's ratio, or its sum, of all variants together. */
function levelsOf({ definition, series }: MetricResult): Map<string, number> {
  return new Map(
    [...Map.groupBy(series, ({ day }) => day)].map(([day, points]) => {
      const numerator = points.reduce((sum, point) => sum + point.numerator, 0)
      const denominator = points.reduce((sum, point) => sum + point.denominator, 0)
      if (definition.kind !== 'RATIO') return [day, numerator]
      return [day, denominator > 0 ? numerator / denominator : 0]
    }),
  )
}

/** Guardrails on which a treatment is shown to be worse than their margin tolerates. */
function worseGuardrails({ key }: Watched, { metrics }: Results): AlertCause[] {
  return metrics
    .filter(({ role }) => role === 'GUARDRAIL')
    .flatMap(({ metric, comparisons }) =>
      comparisons.flatMap(({ variant, nonInferiority }) => {
        if (nonInferiority?.verdict !== 'INFERIOR') return []
        const message = `${variant.key} of ${key} is worse on ${metric.key}. ${nonInferiority.reason.message}`
        return [{ kind: 'GUARDRAIL_WORSE' as const, cause: `${metric.key}:${variant.key}`, message }]
      }),
    )
}

function dayOf(time: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(time)
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}
