/** `$1` organization, `$2` experiment, `$3` version, `$4` when, `$5` results as exact JSON. */
export const KEEP_STATE = `
insert into result_state (organization_id, experiment_id, version, computed_at, results)
select $1::uuid, $2::int, $3::bigint, $4::timestamptz, $5::text
on conflict do nothing`

/** `$1` organization, `$2` experiments, `$3` when: the newest state of each at or before it. */
export const STATES_AT = `
select experiment_id, newest.results
from (select distinct unnest($2::int[])) as asked (experiment_id)
cross join lateral (
  select results from result_state s
  where s.organization_id = $1 and s.experiment_id = asked.experiment_id and s.computed_at <= $3
  order by s.computed_at desc, s.version desc limit 1) newest`

/** `$1` organization, `$2` experiments, `$3` a version of each: those states of them that are kept. */
export const STATES_OF = `
select s.experiment_id, s.results
from (select distinct * from unnest($2::int[], $3::bigint[])) as asked (experiment_id, version)
join result_state s on s.organization_id = $1 and s.experiment_id = asked.experiment_id and s.version = asked.version`

/** Thins the states of the organization of the transaction: before `$1` the last one of each hour is enough. */
export const THIN_STATES = `
with ranked as (
  select experiment_id, version,
    row_number() over (partition by experiment_id, date_trunc('hour', computed_at) order by version desc) as rank
  from result_state where organization_id = assay_organization_id() and computed_at < $1),
removed as (
  delete from result_state s using ranked r
  where r.rank > 1 and s.organization_id = assay_organization_id() and s.experiment_id = r.experiment_id and s.version = r.version
  returning 1)
select count(*)::int as removed from removed`
