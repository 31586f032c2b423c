import {
  ADD_TO_AGGREGATES,
  ADD_TO_EXPOSURES,
  AMOUNT,
  BUCKET,
  CHANGED_BY_DELTAS,
  EACH_SLICE,
  EXPOSURE_CELL,
  IN_REACH,
  NO_SUMS,
  NOTHING_BEFORE,
  RAISE_VERSIONS,
  UNIT_SUMS,
  unitSums,
  valuesOf,
} from './aggregate.sql.ts'

/** What `met` returns of each unit whose exposure has changed: where it stood and where it stands now. */
export const MOVED = `
  new.unit_type, new.unit_id, new.experiment_id,
  old.unit_id is not null and not old.contaminated and not old.excluded as was_counted,
  not new.contaminated and not new.excluded as is_counted,
  coalesce(old.contaminated and not old.excluded, false) as was_contaminated, new.contaminated and not new.excluded as is_contaminated,
  old.epoch as old_epoch, old.day as old_day, old.slices as old_slices, old.variant_id as old_variant, old.first_at as old_first_at, old.inverse_propensity as old_w,
  new.epoch as new_epoch, new.day as new_day, new.slices as new_slices, new.variant_id as new_variant, new.first_at as new_first_at, new.inverse_propensity as new_w`

/** The same of each unit whose exposure is deleted. */
export const REMOVED = `
  old.unit_type, old.unit_id, old.experiment_id,
  not old.contaminated and not old.excluded as was_counted, false as is_counted,
  old.contaminated and not old.excluded as was_contaminated, false as is_contaminated,
  old.epoch as old_epoch, old.day as old_day, old.slices as old_slices, old.variant_id as old_variant, old.first_at as old_first_at, old.inverse_propensity as old_w,
  null::int as new_epoch, null::date as new_day, null::int2[] as new_slices, null::int as new_variant, null::timestamptz as new_first_at, null::numeric as new_w`

/**
 * From `met` to `raised`: reads the log of these units once, and moves what they contribute away from where it stood, to where
 * it belongs now. A unit that counts no more contributes nothing, in whatever order that was found out.
 */
export const MOVE_CONTRIBUTIONS = `
-- where each unit stood and stands, while it counts
stand as materialized (
  select m.unit_type, m.unit_id, m.experiment_id, s.*, x.ended_at, x.time_zone
  from met m
  cross join lateral (
    select -1 as sign, old_epoch as epoch, old_day as exposure_day, old_slices as slices, old_variant as variant_id, old_first_at as first_at, old_w as w where was_counted
    union all
    select 1, new_epoch, new_day, new_slices, new_variant, new_first_at, new_w where is_counted) s
  cross join lateral (
    select ended_at, time_zone from attributed_experiment where organization_id = $1 and experiment_id = m.experiment_id offset 0) x),
-- the log is read once for each unit, over the longest reach of any metric of its experiments
reach as materialized (
  select st.unit_type, st.unit_id, min(st.first_at - w.before) as since, max(st.first_at + w.after) as until
  from stand st
  cross join lateral (
    select coalesce(max(covariate_window), '0') as before, coalesce(max(coalesce(conversion_window, 'infinity')), '0') as after
    from metric_source where organization_id = $1 and experiment_id = st.experiment_id offset 0) w
  group by 1, 2),
seen as materialized (
  select r.unit_type, r.unit_id, l.* from reach r cross join lateral (
    select name, value, occurred_at, properties from event
    where organization_id = $1 and unit_type = r.unit_type and unit_id = r.unit_id and occurred_at >= r.since and occurred_at < r.until offset 0) l),
credited as materialized (
  select x.unit_type, x.unit_id, x.experiment_id, s.metric_id, x.sign, x.variant_id, x.epoch, x.exposure_day, x.slices, x.w,
    (l.occurred_at at time zone x.time_zone)::date as event_day, l.occurred_at >= x.first_at as counts, s.side, s.amount, s.bucket
  from seen l
  join stand x using (unit_type, unit_id)
  cross join lateral (
    select s.metric_id, s.side, ${AMOUNT} as amount, ${BUCKET} as bucket from metric_source s
    where s.organization_id = $1 and s.experiment_id = x.experiment_id and s.event_name = l.name and ${IN_REACH} offset 0) s),
recomputed as materialized (
  select unit_type, unit_id, experiment_id, metric_id, epoch, exposure_day as day, slices, variant_id, w,
    ${unitSums()}
  from credited where sign = 1 group by 1, 2, 3, 4, 5, 6, 7, 8, 9),
before as materialized (
  select t.*, m.is_counted, m.new_epoch, m.new_day, m.new_slices, m.new_variant, m.new_w from met m cross join lateral (
    select unit_type, unit_id, experiment_id, metric_id, epoch, day, slices, variant_id, weight as w, ${UNIT_SUMS.join(', ')} from unit_total
    where organization_id = $1 and unit_type = m.unit_type and unit_id = m.unit_id and experiment_id = m.experiment_id offset 0) t
  where m.was_counted),
kept as (
  insert into unit_total (organization_id, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, day, slices, weight, ${UNIT_SUMS.join(', ')})
  select $1, unit_type, unit_id, experiment_id, metric_id, coalesce(r.variant_id, b.new_variant, b.variant_id), coalesce(r.epoch, b.new_epoch, b.epoch),
    coalesce(r.day, b.new_day, b.day), coalesce(r.slices, b.new_slices, b.slices), coalesce(r.w, b.new_w, b.w),
    ${UNIT_SUMS.map((sum) => `coalesce(r.${sum}, 0)`).join(', ')}
  from recomputed r full join before b using (unit_type, unit_id, experiment_id, metric_id)
  order by unit_type, unit_id, experiment_id, metric_id
  on conflict (organization_id, unit_type, unit_id, experiment_id, metric_id) do update set
    ${UNIT_SUMS.map((sum) => `${sum} = excluded.${sum}`).join(', ')},
    variant_id = excluded.variant_id, epoch = excluded.epoch, day = excluded.day, slices = excluded.slices, weight = excluded.weight),
contribution as (
  select experiment_id, metric_id, epoch, day, variant_id, slices, w, ${UNIT_SUMS.join(', ')}, ${NOTHING_BEFORE} from recomputed
  union all
  select experiment_id, metric_id, epoch, day, variant_id, slices, w, ${NO_SUMS}, ${UNIT_SUMS.join(', ')} from before),
recomputed_values as materialized (${valuesOf(' and sign = 1')}),
values_before as materialized (
  select t.*, m.new_epoch, m.new_slices, m.new_variant from met m cross join lateral (
    select unit_type, unit_id, experiment_id, metric_id, epoch, slices, variant_id, buckets, counts from unit_values
    where organization_id = $1 and unit_type = m.unit_type and unit_id = m.unit_id and experiment_id = m.experiment_id offset 0) t
  where m.was_counted),
values_kept as (
  insert into unit_values (organization_id, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, slices, buckets, counts)
  select $1, unit_type, unit_id, experiment_id, metric_id, coalesce(r.variant_id, b.new_variant, b.variant_id), coalesce(r.epoch, b.new_epoch, b.epoch),
    coalesce(r.slices, b.new_slices, b.slices), coalesce(r.buckets, '{}'), coalesce(r.counts, '{}')
  from recomputed_values r full join values_before b using (unit_type, unit_id, experiment_id, metric_id)
  order by unit_type, unit_id, experiment_id, metric_id
  on conflict (organization_id, unit_type, unit_id, experiment_id, metric_id) do update set
    variant_id = excluded.variant_id, epoch = excluded.epoch, slices = excluded.slices, buckets = excluded.buckets, counts = excluded.counts),
value_contribution as (
  select experiment_id, metric_id, epoch, variant_id, slices, buckets, counts, 1 as sign from recomputed_values
  union all
  select experiment_id, metric_id, epoch, variant_id, slices, buckets, counts, -1 from values_before),
series_delta as (
  select experiment_id, metric_id, event_day as day, variant_id, coalesce(sum(sign) filter (where side = 'n'), 0) as events,
    coalesce(sum(sign * amount) filter (where side = 'n'), 0) as numerator, coalesce(sum(sign * amount) filter (where side = 'd'), 0) as denominator
  from credited where counts group by 1, 2, 3, 4),
exposure_delta as (
  select ${EXPOSURE_CELL.join(', ')}, sum(units) as units, sum(contaminated) as contaminated,
    sum(units * coalesce(w, 0)) as w, sum(units * coalesce(w * w, 0)) as ww
  from (
    select ${EACH_SLICE}, experiment_id, epoch, day, variant_id, w, units, contaminated
    from (
      select experiment_id, epoch, exposure_day as day, slices, variant_id, w, sign as units, 0 as contaminated from stand
      union all select experiment_id, new_epoch, new_day, new_slices, new_variant, null, 0, 1 from met where is_contaminated
      union all select experiment_id, old_epoch, old_day, old_slices, old_variant, null, 0, -1 from met where was_contaminated) m) d
  group by ${EXPOSURE_CELL.join(', ')}),
exposures_changed as (${ADD_TO_EXPOSURES}),
${ADD_TO_AGGREGATES},
changed as (
  select experiment_id from exposures_changed union ${CHANGED_BY_DELTAS}),
raised as (${RAISE_VERSIONS})`
