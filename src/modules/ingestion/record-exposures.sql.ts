import { MOVE_CONTRIBUTIONS, MOVED } from './move-contributions.sql.ts'

/**
 * Takes in a batch of exposures: keeps those that tell something new (the first of a unit, an earlier one, another variant),
 * reads the log of these units once, and moves what they contribute: away from where it stood, to where it belongs now.
 * Runs under the exclusive locks of the units' stripes.
 *
 * `$1` organization, `$2` slot; then one row for each exposure: `$3` unit types, `$4` unit ids, `$5` experiments,
 * `$6` variants, `$7` times, `$8` contexts, `$9` slices.
 * Answers the units that changed, and the experiments whose aggregates changed.
 */
export const RECORD_EXPOSURES = `
with input as materialized (
  select i.unit_type, i.unit_id, i.experiment_id, x.time_zone, x.is_adaptive, min(i.occurred_at) as first_at,
    (array_agg(i.variant_id order by i.occurred_at, i.variant_id))[1] as variant_id,
    min(i.variant_id) <> max(i.variant_id) as contaminated,
    (array_agg(i.context order by i.occurred_at, i.variant_id))[1]::jsonb as context,
    (array_agg(i.slices order by i.occurred_at, i.variant_id))[1]::int2[] as slices
  from unnest($3::text[], $4::text[], $5::int[], $6::int[], $7::timestamptz[], $8::text[], $9::text[])
    as i (unit_type, unit_id, experiment_id, variant_id, occurred_at, context, slices)
  cross join lateral (
    select time_zone, is_adaptive, ended_at from attributed_experiment
    where organization_id = $1 and experiment_id = i.experiment_id offset 0) x
  -- it may have ended since the exposure was checked
  where i.occurred_at < coalesce(x.ended_at, 'infinity')
  group by 1, 2, 3, 4, 5),
news as materialized (
  select i.*, coalesce(a.epoch, p.number, 1) as epoch,
    case when i.is_adaptive then round((1 / coalesce(a.propensity, p.share))::numeric, 12) end as inverse_propensity
  from input i
  left join lateral (
    -- the unit's few exposures first: without statistics the planner would walk all units of the experiment instead
    select * from (
      select * from exposure where organization_id = $1 and unit_type = i.unit_type and unit_id = i.unit_id offset 0) u
    where u.experiment_id = i.experiment_id) e on true
  left join lateral (
    select epoch, propensity from assignment
    where organization_id = $1 and unit_type = i.unit_type and unit_id = i.unit_id and experiment_id = i.experiment_id
      and variant_id = i.variant_id offset 0) a on true
  left join lateral (
    select number, nullif((weights ->> i.variant_id::text)::float8, 0) / 10000 as share from allocation_epoch
    where organization_id = $1 and experiment_id = i.experiment_id and started_at <= i.first_at
    order by started_at desc limit 1) p on true
  where e.unit_id is null or (not e.excluded and (
    (i.first_at, i.variant_id) < (e.first_at, e.variant_id) or (not e.contaminated and (i.contaminated or i.variant_id <> e.variant_id))))),
met as materialized (
  insert into exposure as e (organization_id, unit_type, unit_id, experiment_id, variant_id, epoch, day, first_at, inverse_propensity, contaminated, context, slices)
  select $1::uuid, unit_type, unit_id, experiment_id, variant_id, epoch, (first_at at time zone time_zone)::date, first_at, inverse_propensity, contaminated, context, slices
  from news order by unit_type, unit_id, experiment_id
  on conflict (organization_id, unit_type, unit_id, experiment_id) do update set
    contaminated = e.contaminated or excluded.contaminated or e.variant_id <> excluded.variant_id,
    variant_id = case when (excluded.first_at, excluded.variant_id) < (e.first_at, e.variant_id) then excluded.variant_id else e.variant_id end,
    epoch = case when (excluded.first_at, excluded.variant_id) < (e.first_at, e.variant_id) then excluded.epoch else e.epoch end,
    day = case when (excluded.first_at, excluded.variant_id) < (e.first_at, e.variant_id) then excluded.day else e.day end,
    inverse_propensity = case when (excluded.first_at, excluded.variant_id) < (e.first_at, e.variant_id) then excluded.inverse_propensity else e.inverse_propensity end,
    context = case when (excluded.first_at, excluded.variant_id) < (e.first_at, e.variant_id) then excluded.context else e.context end,
    slices = case when (excluded.first_at, excluded.variant_id) < (e.first_at, e.variant_id) then excluded.slices else e.slices end,
    first_at = least(e.first_at, excluded.first_at)
  returning ${MOVED}),${MOVE_CONTRIBUTIONS}
select
  array(select unit_type from met order by unit_type, unit_id, experiment_id) as unit_types,
  array(select unit_id from met order by unit_type, unit_id, experiment_id) as unit_ids,
  array(select experiment_id from met order by unit_type, unit_id, experiment_id) as experiment_ids,
  array(select experiment_id from raised) as experiments`
