import type { EntityManager } from '@mikro-orm/postgresql'
import type { Experiment } from '../experiments/experiment.entity.ts'
import { isRate, type MetricDefinition, type PropertyFilter } from '../metrics/metric-definition.ts'

/** A metric of an experiment, at the version that the experiment keeps. */
export interface AttributedMetric {
  metricId: number
  definition: MetricDefinition
}

/** What attribution needs to know of an experiment, or of whatever else counts the events of its units. */
export type AttributedSubject = Pick<
  Experiment,
  'organizationId' | 'id' | 'unitType' | 'timeZone' | 'assignmentAlgorithm' | 'startedAt'
>

interface SourceRow {
  metricId: number
  side: 'n' | 'd'
  eventName: string
  counts: boolean
  filter: string | null
}

/**
 * Writes what the events and exposures of an experiment count for, in the transaction that starts it. An ended
 * experiment stays for as long as events are accepted: late ones of its span still count.
 */
export async function indexExperiment(
  em: EntityManager,
  experiment: AttributedSubject,
  metrics: readonly AttributedMetric[],
): Promise<void> {
  const key = [experiment.organizationId, experiment.id]
  await em.execute(
    `insert into attributed_experiment (organization_id, experiment_id, unit_type, time_zone, is_adaptive, started_at) values (?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
    [
      ...key,
      experiment.unitType,
      experiment.timeZone,
      experiment.assignmentAlgorithm === 'THOMPSON',
      experiment.startedAt,
    ],
  )
  for (const { metricId, definition } of metrics) {
    await em.execute(
      'insert into attributed_metric (organization_id, experiment_id, metric_id, numerator_cap, matures_after) values (?, ?, ?, ?, make_interval(secs => ?)) on conflict do nothing',
      [
        ...key,
        metricId,
        capOf(definition),
        definition.kind === 'RETENTION' ? secondsOf(definition.conversionWindowHours) : null,
      ],
    )
    for (const source of sourcesOf(metricId, definition)) {
      await em.execute(
        `insert into metric_source (organization_id, experiment_id, event_name, metric_id, side, filter, counts, keeps_values, conversion_window, covariate_window, window_start)
         values (?, ?, ?, ?, ?, ?::jsonpath, ?, ?, make_interval(secs => ?), make_interval(secs => ?), make_interval(secs => ?)) on conflict do nothing`,
        [
          ...key,
          source.eventName,
          source.metricId,
          source.side,
          source.filter,
          source.counts,
          definition.kind === 'QUANTILE',
          secondsOf(definition.conversionWindowHours),
          secondsOf(definition.covariateWindowHours),
          secondsOf(definition.windowStartHours),
        ],
      )
    }
  }
}

/** Forgets an experiment: nothing counts for it any more. */
export async function unindexExperiment(em: EntityManager, { organizationId, id }: Experiment): Promise<void> {
  for (const table of ['metric_source', 'attributed_metric', 'attributed_experiment']) {
    await em.execute(`delete from ${table} where organization_id = ? and experiment_id = ?`, [organizationId, id])
  }
}

/** A unit converts once, however many events it has. */
function capOf({ kind, capPerUnit }: MetricDefinition): number | null {
  return isRate(kind) ? 1 : capPerUnit
}

function secondsOf(hours: number | null | undefined): number | null {
  return hours == null ? null : hours * 3_600
}

function sourcesOf(metricId: number, { kind, numerator, denominator }: MetricDefinition): SourceRow[] {
  // Of a quantile, the number of values is what tells how they cluster by unit.
  const isCount = isRate(kind) || kind === 'COUNT' || kind === 'QUANTILE'
  return (['n', 'd'] as const).flatMap((side) => {
    const source = side === 'n' ? numerator : denominator
    if (!source) return []
    const counts = isCount || (kind === 'RATIO' && source.aggregate === 'COUNT')
    return [{ metricId, side, eventName: source.eventName, counts, filter: jsonPathOf(source.filters) }]
  })
}

const COMPARISONS: Record<Exclude<PropertyFilter['operator'], 'IN'>, string> = {
  EQUALS: '==',
  GREATER_THAN: '>',
  GREATER_OR_EQUAL: '>=',
  LESS_THAN: '<',
  LESS_OR_EQUAL: '<=',
}

/**
 * The filters as one predicate of PostgreSQL's jsonpath, all of which must hold; null for none. Strict, so that a list is
 * not taken apart. Names and values are JSON literals, in which nothing is left to escape.
 */
export function jsonPathOf(filters: readonly PropertyFilter[]): string | null {
  if (filters.length === 0) return null
  const conditions = filters.map(({ property, operator, value }) => {
    const path = `$.${JSON.stringify(property)}`
    if (operator !== 'IN') return `${path} ${COMPARISONS[operator]} ${JSON.stringify(value)}`
    return (value as unknown[]).map((one) => `${path} == ${JSON.stringify(one)}`).join(' || ') || 'false'
  })
  return `strict ${conditions.map((condition) => `(${condition})`).join(' && ')}`
}
