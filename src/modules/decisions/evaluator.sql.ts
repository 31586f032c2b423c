/** `$1` organization, `$2` experiment: what was stored last, locked; made when there is nothing yet. */
export const LOCK_WATCH = `
insert into experiment_watch as w (organization_id, experiment_id) values ($1, $2)
on conflict (organization_id, experiment_id) do update set experiment_id = w.experiment_id
returning version, recommendation, winner_variant_id`

/** `$1` organization, `$2` experiment, `$3` version of the aggregates, `$4` recommendation, `$5` winner. */
export const REMEMBER = `
update experiment_watch set version = $3, recommendation = $4, winner_variant_id = $5
where organization_id = $1 and experiment_id = $2`

/** `$1` organization, `$2` experiment, `$3` when, `$4` version, `$5` exposed units, `$6` recommendation, `$7` points as JSON. */
export const HISTORY = `
insert into result_point (organization_id, experiment_id, metric_id, computed_at, version, exposed_units, recommendation, result)
select $1, $2, p."metricId", $3, $4, $5, $6, p.result
from jsonb_to_recordset($7::jsonb) as p ("metricId" int, result jsonb)
on conflict do nothing`

/** Thins the history of the organization of the transaction: before `$1` the last point of each hour is enough. */
export const THIN_HISTORY = `
with ranked as (
  select organization_id, experiment_id, metric_id, version,
    row_number() over (partition by experiment_id, metric_id, date_trunc('hour', computed_at) order by version desc) as rank
  from result_point where organization_id = assay_organization_id() and computed_at < $1),
removed as (
  delete from result_point p using ranked r
  where r.rank > 1 and p.organization_id = r.organization_id and p.experiment_id = r.experiment_id
    and p.metric_id = r.metric_id and p.version = r.version
  returning 1)
select count(*)::int as removed from removed`

/** `$1` organization, `$2` experiment, `$3` metric, `$4` from, `$5` to, `$6` most points: evenly thinned, the last one always. */
export const READ_HISTORY = `
select extract(epoch from computed_at)::float8 * 1000 as computed_at_ms, version, exposed_units, recommendation, result from (
  select *, row_number() over (order by version desc) - 1 as back, count(*) over () as points
  from result_point
  where organization_id = $1 and experiment_id = $2 and metric_id = $3
    and ($4::timestamptz is null or computed_at >= $4) and ($5::timestamptz is null or computed_at < $5)) p
where back % ceil(points::numeric / $6::int) = 0
order by version`
