/**
 * Adds samples to the sums of the windows in which they were taken. A sample belongs to a window if it lies wholly inside; keys that
 * were used before count nothing. `$1` organization, `$2` samples as JSON; no two with the same rollout and key.
 * Answers `place` of each sample with a window, and whether it was new.
 */
export const RECORD_HEALTH = `
with input as materialized (
  select i.*, w.number as window_number
  from jsonb_to_recordset($2::jsonb) as i (place int, rollout_id int, key uuid, arm text, "from" timestamptz, "to" timestamptz,
    requests bigint, errors bigint, latency_count bigint, latency_sum numeric, latency_sum_of_squares numeric,
    quality_count bigint, quality_sum numeric, quality_sum_of_squares numeric, percentiles jsonb, buckets jsonb)
  -- a rollout that has ended has forgotten the keys of its samples
  join rollout r on r.organization_id = $1 and r.id = i.rollout_id and r.ended_at is null
  cross join lateral (
    select number from rollout_window
    where organization_id = $1 and rollout_id = i.rollout_id and started_at <= i."from" and (ended_at is null or i."to" <= ended_at)
    order by number desc limit 1) w),
fresh as (
  insert into rollout_sample_key (organization_id, rollout_id, sample_key)
  select $1, rollout_id, key from input order by rollout_id, key
  on conflict do nothing returning rollout_id, sample_key),
news as materialized (
  select i.* from input i join fresh f on f.rollout_id = i.rollout_id and f.sample_key = i.key),
summed as (
  insert into rollout_health as h (organization_id, rollout_id, window_number, arm, requests, errors, latency_count, latency_sum,
    latency_sum_of_squares, quality_count, quality_sum, quality_sum_of_squares, percentiles, newest_at,
    newest_requests_at, newest_latency_at, newest_buckets_at, newest_quality_at)
  select $1, rollout_id, window_number, arm, sum(requests), sum(errors), sum(latency_count), sum(latency_sum),
    sum(latency_sum_of_squares), sum(quality_count), sum(quality_sum), sum(quality_sum_of_squares),
    (array_agg(percentiles order by "to" desc) filter (where percentiles is not null))[1], max("to"),
    max("to") filter (where requests > 0), max("to") filter (where latency_count > 0),
    max("to") filter (where jsonb_array_length(buckets) > 0), max("to") filter (where quality_count > 0)
  from news group by rollout_id, window_number, arm order by rollout_id, window_number, arm
  on conflict (organization_id, rollout_id, window_number, arm) do update set
    requests = h.requests + excluded.requests, errors = h.errors + excluded.errors,
    latency_count = h.latency_count + excluded.latency_count, latency_sum = h.latency_sum + excluded.latency_sum,
    latency_sum_of_squares = h.latency_sum_of_squares + excluded.latency_sum_of_squares,
    quality_count = h.quality_count + excluded.quality_count, quality_sum = h.quality_sum + excluded.quality_sum,
    quality_sum_of_squares = h.quality_sum_of_squares + excluded.quality_sum_of_squares,
    percentiles = coalesce(case when excluded.newest_at >= h.newest_at then excluded.percentiles end, h.percentiles, excluded.percentiles),
    newest_at = greatest(h.newest_at, excluded.newest_at),
    newest_requests_at = greatest(h.newest_requests_at, excluded.newest_requests_at),
    newest_latency_at = greatest(h.newest_latency_at, excluded.newest_latency_at),
    newest_buckets_at = greatest(h.newest_buckets_at, excluded.newest_buckets_at),
    newest_quality_at = greatest(h.newest_quality_at, excluded.newest_quality_at)),
counted as (
  insert into rollout_latency_bucket as b (organization_id, rollout_id, window_number, arm, lower_bound, requests)
  select $1, n.rollout_id, n.window_number, n.arm, c."lowerBound", sum(c.requests)
  from news n, jsonb_to_recordset(n.buckets) as c ("lowerBound" float8, requests bigint)
  group by 2, 3, 4, 5 order by 2, 3, 4, 5
  on conflict (organization_id, rollout_id, window_number, arm, lower_bound) do update set requests = b.requests + excluded.requests)
select i.place, n.place is not null as is_new from input i left join news n on n.place = i.place`

/** `$1` organization, `$2` rollouts: their open windows, or the last one of those that ended. */
export const CURRENT_WINDOWS = `
select r.id as rollout_id, w.number, w.started_at, w.attribution_id, w.newest_treatment_exposure_at, w.newest_control_exposure_at
from rollout r join rollout_window w on w.organization_id = r.organization_id and w.rollout_id = r.id and w.number = r.window_number
where r.organization_id = $1 and r.id = any($2::int[])`

/** `$1` organization, `$2` rollouts, `$3` windows: the sums of each arm that has any. */
export const WINDOW_HEALTH = `
select h.rollout_id, h.arm, h.requests::float8, h.errors::float8, h.latency_count::float8, h.latency_sum::float8,
  h.latency_sum_of_squares::float8, h.quality_count::float8, h.quality_sum::float8, h.quality_sum_of_squares::float8,
  h.percentiles, h.newest_at, h.newest_requests_at, h.newest_latency_at, h.newest_buckets_at, h.newest_quality_at,
  (select jsonb_agg(jsonb_build_object('lowerBound', b.lower_bound, 'requests', b.requests) order by b.lower_bound)
   from rollout_latency_bucket b
   where b.organization_id = h.organization_id and b.rollout_id = h.rollout_id and b.window_number = h.window_number and b.arm = h.arm) as buckets
from unnest($2::int[], $3::int[]) as w (rollout_id, number)
join rollout_health h on h.organization_id = $1 and h.rollout_id = w.rollout_id and h.window_number = w.number`

/**
 * `$1` organization, `$2` attribution ids, `$3` and `$4` when units of the treatment and of the control were met, null for none; at
 * most one write a second and arm.
 */
export const NOTE_EXPOSURES = `
update rollout_window w set
  newest_treatment_exposure_at = greatest(w.newest_treatment_exposure_at, n.treatment_at),
  newest_control_exposure_at = greatest(w.newest_control_exposure_at, n.control_at)
from unnest($2::int[], $3::timestamptz[], $4::timestamptz[]) as n (id, treatment_at, control_at)
where w.organization_id = $1 and w.attribution_id = n.id
  and (n.treatment_at - interval '1 second' > coalesce(w.newest_treatment_exposure_at, '-infinity')
    or n.control_at - interval '1 second' > coalesce(w.newest_control_exposure_at, '-infinity'))`
