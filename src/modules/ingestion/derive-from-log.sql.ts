import {
  AMOUNT,
  BUCKET,
  EACH_SLICE,
  EXPOSURE_CELL,
  histogramAs,
  IN_REACH,
  momentsAs,
  NOTHING_BEFORE,
  UNIT_SUMS,
  unitSums,
  valuesOf,
} from './aggregate.sql.ts'

/**
 * What the exposures of one experiment and the log say that its aggregates are: `total` and `unit_value` (of each unit for
 * each metric), `exposure_expected`, `metric_expected`, `weighted_expected`, `histogram_expected` and `series_expected`. `$1` is the
 * organization.
 * @param experiment - SQL for its id
 * @param until - SQL for a moment: only what happened before it counts, however late it came; everything unless told
 */
export function deriveFromLog(experiment: string, until?: string): string {
  const happened = (column: string) => (until ? ` and ${column} < ${until}` : '')
  return `
stand as materialized (
  select e.unit_type, e.unit_id, e.experiment_id, e.variant_id, e.epoch, e.day, e.slices, e.first_at, e.inverse_propensity as w,
    e.contaminated, x.ended_at, x.time_zone
  from exposure e join attributed_experiment x using (organization_id, experiment_id)
  where e.organization_id = $1 and e.experiment_id = ${experiment} and not e.excluded${happened('e.first_at')}),
credited as materialized (
  select x.unit_type, x.unit_id, x.experiment_id, s.metric_id, x.variant_id, x.epoch, x.day, x.slices, x.w,
    (l.occurred_at at time zone x.time_zone)::date as event_day, l.occurred_at >= x.first_at as counts, s.side, s.amount, s.bucket
  from stand x
  join event l on l.organization_id = $1 and l.unit_type = x.unit_type and l.unit_id = x.unit_id${happened('l.occurred_at')}
  cross join lateral (
    select s.metric_id, s.side, ${AMOUNT} as amount, ${BUCKET} as bucket from metric_source s
    where s.organization_id = $1 and s.experiment_id = x.experiment_id and s.event_name = l.name and ${IN_REACH} offset 0) s
  where not x.contaminated),
total as materialized (
  select unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, day, slices, w,
    ${unitSums()}
  from credited group by 1, 2, 3, 4, 5, 6, 7, 8, 9),
contribution as (
  select experiment_id, metric_id, epoch, day, variant_id, slices, w, ${UNIT_SUMS.join(', ')}, ${NOTHING_BEFORE} from total),
${momentsAs('metric_expected', 'weighted_expected')},
unit_value as materialized (${valuesOf('')}),
value_contribution as (
  select experiment_id, metric_id, epoch, variant_id, slices, buckets, counts, 1 as sign from unit_value),
${histogramAs('histogram_expected')},
series_expected as (
  select experiment_id, metric_id, event_day as day, variant_id, count(*) filter (where side = 'n') as events,
    coalesce(sum(amount) filter (where side = 'n'), 0) as numerator, coalesce(sum(amount) filter (where side = 'd'), 0) as denominator
  from credited where counts group by 1, 2, 3, 4),
exposure_expected as (
  select ${EXPOSURE_CELL.join(', ')}, count(*) filter (where not contaminated) as units, count(*) filter (where contaminated) as contaminated,
    coalesce(sum(w) filter (where not contaminated), 0) as w, coalesce(sum(w * w) filter (where not contaminated), 0) as ww
  from (select ${EACH_SLICE}, * from stand) s group by ${EXPOSURE_CELL.join(', ')})`
}
