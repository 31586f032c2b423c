import { HISTOGRAM_SUMS, MOMENTS } from './aggregate.sql.ts'

/** Of retention a unit counts once its window has passed; those whose window the end has cut off never do. */
const COUNTED_UNTIL = 'least($3::timestamptz, x.ended_at)'

/** Whether the units that were first exposed on a day count for a metric. */
const IS_MATURE = (day: string) =>
  `(m.matures_after is null or (${day} + 1)::timestamp at time zone x.time_zone + m.matures_after <= ${COUNTED_UNTIL})`

/** Days whose units count for a metric of retention by now: results change with them, though nothing comes in. */
const MATURE_DAYS = `
  select sum(greatest(0, ((${COUNTED_UNTIL} - m.matures_after) at time zone x.time_zone)::date - (x.started_at at time zone x.time_zone)::date))
  from attributed_metric m where m.organization_id = $1 and m.experiment_id = i.experiment_id and m.matures_after is not null`

/** A sum as a float8. PostgreSQL refuses a numeric that is nearer to 0 than any float8; nothing that counts is that small. */
const float8 = (sum: string) => `case when abs(${sum}) < 1e-300 then 0 else ${sum}::float8 end`

/**
 * `$1` organization, `$2` experiments, `$3` now, `$4` a slice of each: one row for each, in their order, with its cells as JSON; days
 * are summed up but in the series, which has no slices.
 */
export const AGGREGATES = `
select i.experiment_id, i.slice,
  (select coalesce(sum(version), 0) from experiment_change where organization_id = $1 and experiment_id = i.experiment_id)
    + coalesce((${MATURE_DAYS}), 0) as version,
  (select jsonb_agg(jsonb_build_object('epoch', epoch, 'variantId', variant_id, 'units', units, 'contaminated', contaminated, 'w', w, 'ww', ww))
   from (
     select epoch, variant_id, sum(units) as units, sum(contaminated) as contaminated, ${float8('sum(w)')} as w, ${float8('sum(ww)')} as ww
     from daily_exposure where organization_id = $1 and experiment_id = i.experiment_id and slice = i.slice group by 1, 2) e) as exposures,
  (select jsonb_agg(jsonb_build_object('metricId', m.metric_id, 'epoch', m.epoch, 'variantId', m.variant_id,
     ${MOMENTS.map((sum) => `'${sum}', ${sum}`).join(', ')}, 'weighted', weighted))
   from (
     select metric_id, epoch, variant_id, m.matures_after, ${MOMENTS.map((sum) => `${float8(`sum(${sum})`)} as ${sum}`).join(', ')}
     from daily_metric d left join attributed_metric m using (organization_id, experiment_id, metric_id)
     where organization_id = $1 and experiment_id = i.experiment_id and slice = i.slice and ${IS_MATURE('d.day')} group by 1, 2, 3, 4) m
   left join lateral (
     select jsonb_build_object('wx', ${float8('sum(wx)')}, 'wy', ${float8('sum(wy)')}, 'wwx', ${float8('sum(wwx)')}, 'wwy', ${float8('sum(wwy)')},
       'wwxx', ${float8('sum(wwxx)')}, 'wwyy', ${float8('sum(wwyy)')}, 'wwxy', ${float8('sum(wwxy)')}) as weighted
     from daily_weighted w
     where w.organization_id = $1 and w.experiment_id = i.experiment_id and w.slice = i.slice and w.metric_id = m.metric_id and w.epoch = m.epoch and w.variant_id = m.variant_id and ${IS_MATURE('w.day')}
     having count(*) > 0) w on true) as metrics,
  (select jsonb_agg(jsonb_build_object('metricId', metric_id, 'epoch', epoch, 'variantId', variant_id, 'units', units, 'w', w, 'ww', ww))
   from (
     select m.metric_id, e.epoch, e.variant_id, sum(e.units) as units, ${float8('sum(e.w)')} as w, ${float8('sum(e.ww)')} as ww
     from attributed_metric m join daily_exposure e using (organization_id, experiment_id)
     where m.organization_id = $1 and m.experiment_id = i.experiment_id and e.slice = i.slice and m.matures_after is not null and ${IS_MATURE('e.day')}
     group by 1, 2, 3) r) as matured,
  (select jsonb_agg(jsonb_build_object('metricId', metric_id, 'epoch', epoch, 'variantId', variant_id, 'buckets', buckets, 'counts', h, 'products', nh, 'squares', bb))
   from (
     select metric_id, epoch, variant_id, jsonb_agg(bucket order by bucket) as buckets,
       ${HISTOGRAM_SUMS.map((sum) => `jsonb_agg(${sum} order by bucket) as ${sum}`).join(', ')}
     from (
       select metric_id, epoch, variant_id, bucket, ${HISTOGRAM_SUMS.map((sum) => `${float8(`sum(${sum})`)} as ${sum}`).join(', ')}
       from value_histogram where organization_id = $1 and experiment_id = i.experiment_id and slice = i.slice
       group by 1, 2, 3, 4 having sum(h) <> 0) b
     group by 1, 2, 3) v) as histograms,
  (select jsonb_agg(jsonb_build_object('metricId', metric_id, 'variantId', variant_id, 'day', day, 'events', events,
     'numerator', numerator, 'denominator', denominator) order by metric_id, variant_id, day)
   from (
     select metric_id, variant_id, day, sum(events) as events, ${float8('sum(numerator)')} as numerator, ${float8('sum(denominator)')} as denominator
     from event_series where organization_id = $1 and experiment_id = i.experiment_id and i.slice = 0 group by 1, 2, 3) s) as series
from unnest($2::int[], $4::int2[]) with ordinality as i (experiment_id, slice, position)
left join attributed_experiment a on a.organization_id = $1 and a.experiment_id = i.experiment_id
-- what has left the attribution index still has results
left join experiment e on e.organization_id = $1 and e.id = i.experiment_id
cross join lateral (
  select coalesce(a.time_zone, e.time_zone, 'UTC') as time_zone, coalesce(a.started_at, e.started_at) as started_at,
    coalesce(a.ended_at, e.ended_at) as ended_at) x
order by i.position`

/** `$1` organization, `$2` experiments. */
export const EXPOSED_UNITS = `
select experiment_id, sum(units) as units from daily_exposure
where organization_id = $1 and experiment_id = any($2::int[]) and slice = 0 group by 1`

/**
 * `$1` organization, `$2` experiment, `$3` days, `$4` now. The days are those of the experiment, with today so far added; days before
 * the first exposure, and the hours before the start, are none of them. Less than a day is taken for one.
 */
export const UNITS_PER_DAY = `
select coalesce(sum(d.units) filter (where d.day >= x.today - $3::int), 0)::float8
  / greatest(1, extract(epoch from $4::timestamptz
      - greatest(greatest(min(d.day), x.today - $3::int)::timestamp at time zone x.time_zone, x.started_at))::float8 / 86400) as rate
from (
  select started_at, time_zone, ($4::timestamptz at time zone time_zone)::date as today
  from experiment where organization_id = $1 and id = $2) x
join daily_exposure d on d.organization_id = $1 and d.experiment_id = $2 and d.slice = 0 and d.units > 0
group by x.started_at, x.time_zone, x.today`
