import {
  ADD_TO_AGGREGATES,
  AMOUNT,
  BUCKET,
  CHANGED_BY_DELTAS,
  IN_REACH,
  RAISE_VERSIONS,
  UNIT_SUMS,
  unitSums,
  valuesOf,
} from './aggregate.sql.ts'

/**
 * From `logged` (unit_type, unit_id, name, value, occurred_at, properties) to `raised`: meet the exposures of the units, add to
 * their totals, and from the totals before and after derive what changes in the aggregates.
 * @param sign - empty to credit events, `-` to take the credit of events back
 * @param only - further condition on the exposures that are met, beginning with `and`; all are unless told
 */
export function creditEvents(sign: '' | '-', only = ''): string {
  return `
-- each unit's exposures are looked up once for an event, not once for a metric
reached as materialized (
  select l.*, x.experiment_id, x.variant_id, x.epoch, x.day as exposure_day, x.slices, x.first_at, x.inverse_propensity, e.ended_at, e.time_zone
  from logged l
  cross join lateral (
    select experiment_id, variant_id, epoch, day, slices, first_at, inverse_propensity from exposure
    where organization_id = $1 and unit_type = l.unit_type and unit_id = l.unit_id and not contaminated and not excluded${only} offset 0) x
  cross join lateral (
    select ended_at, time_zone from attributed_experiment where organization_id = $1 and experiment_id = x.experiment_id offset 0) e),
credited as materialized (
  select l.unit_type, l.unit_id, l.experiment_id, s.metric_id, l.variant_id, l.epoch, l.exposure_day, l.slices, l.inverse_propensity,
    (l.occurred_at at time zone l.time_zone)::date as event_day, l.occurred_at >= l.first_at as counts, s.side, ${AMOUNT} as amount, ${BUCKET} as bucket
  from reached l
  cross join lateral (select l.first_at, l.ended_at) x
  -- by experiment and name alone, so that the few there are can be remembered
  cross join lateral (
    select * from metric_source where organization_id = $1 and experiment_id = l.experiment_id and event_name = l.name offset 0) s
  where ${IN_REACH}),
credit as (
  select unit_type, unit_id, experiment_id, metric_id,
    ${['variant_id', 'epoch', 'slices', 'inverse_propensity'].map((column) => `any_value(${column}) as ${column}`).join(', ')}, any_value(exposure_day) as day,
    ${unitSums(sign)}
  from credited group by 1, 2, 3, 4),
contribution as materialized (
  insert into unit_total as t (organization_id, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, day, slices, weight,
    ${UNIT_SUMS.join(', ')})
  select $1, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, day, slices, inverse_propensity, ${UNIT_SUMS.join(', ')}
  from credit order by unit_type, unit_id, experiment_id, metric_id
  on conflict (organization_id, unit_type, unit_id, experiment_id, metric_id) do update set
    variant_id = excluded.variant_id, epoch = excluded.epoch, day = excluded.day, slices = excluded.slices, weight = excluded.weight,
    ${UNIT_SUMS.map((sum) => `${sum} = t.${sum} + excluded.${sum}`).join(', ')}
  returning new.experiment_id, new.metric_id, new.epoch, new.day, new.variant_id, new.slices, new.weight as w,
    ${UNIT_SUMS.map((sum) => `new.${sum}, coalesce(old.${sum}, 0) as ${sum}_before`).join(', ')}),
values_credit as (${valuesOf('', `${sign}count(*)`)}),
values_total as materialized (
  insert into unit_values as t (organization_id, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, slices, buckets, counts)
  select $1, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, slices, buckets, counts
  from values_credit order by unit_type, unit_id, experiment_id, metric_id
  on conflict (organization_id, unit_type, unit_id, experiment_id, metric_id) do update set
    variant_id = excluded.variant_id, epoch = excluded.epoch, slices = excluded.slices,
    (buckets, counts) = (
      select coalesce(array_agg(bucket order by bucket), '{}'), coalesce(array_agg(n order by bucket), '{}')
      from (
        select bucket, sum(n)::int as n from unnest(t.buckets || excluded.buckets, t.counts || excluded.counts) as u (bucket, n)
        group by bucket having sum(n) <> 0) m)
  returning new.experiment_id, new.metric_id, new.epoch, new.variant_id, new.slices, new.buckets, new.counts,
    old.buckets as buckets_before, old.counts as counts_before),
value_contribution as (
  select experiment_id, metric_id, epoch, variant_id, slices, buckets, counts, 1 as sign from values_total
  union all
  select experiment_id, metric_id, epoch, variant_id, slices, buckets_before, counts_before, -1 from values_total where buckets_before is not null),
series_delta as (
  select experiment_id, metric_id, event_day as day, variant_id, ${sign}count(*) filter (where side = 'n') as events,
    coalesce(${sign}sum(amount) filter (where side = 'n'), 0) as numerator,
    coalesce(${sign}sum(amount) filter (where side = 'd'), 0) as denominator
  from credited where counts group by 1, 2, 3, 4),
${ADD_TO_AGGREGATES},
changed as (${CHANGED_BY_DELTAS}),
raised as (${RAISE_VERSIONS})`
}
