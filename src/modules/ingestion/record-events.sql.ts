import { ADD_TO_AGGREGATES, AMOUNT, IN_REACH, RAISE_VERSIONS } from './aggregate.sql.ts'

/**
 * Takes in a batch of events: log what is new, meet the exposures of the units, add to their totals, and from the totals
 * before and after derive what changes in the aggregates. Runs under the shared locks of the units' stripes.
 *
 * `$1` organization, `$2` slot, `$3` distinct keys; then one row for each event and unit: `$4` keys, `$5` unit types,
 * `$6` unit ids, `$7` names, `$8` values, `$9` times, `$10` properties; `$11` time of receipt.
 * Answers the keys that were known already, and the experiments whose aggregates changed.
 */
export const RECORD_EVENTS = `
with fresh as (
  insert into event_key (organization_id, idempotency_key, received_on)
  select $1::uuid, key, ($11::timestamptz at time zone 'UTC')::date from unnest($3::uuid[]) as k (key) order by key
  on conflict do nothing
  returning idempotency_key),
logged as materialized (
  insert into event (organization_id, unit_type, unit_id, occurred_at, received_at, name, value, properties)
  select $1, i.unit_type, i.unit_id, i.occurred_at, $11, i.name, i.value, i.properties::jsonb
  from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::timestamptz[], $10::text[])
    as i (key, unit_type, unit_id, name, value, occurred_at, properties)
  where i.key in (select idempotency_key from fresh)
  returning unit_type, unit_id, name, value, occurred_at, properties),
-- each unit's exposures are looked up once for an event, not once for a metric
reached as materialized (
  select l.*, x.experiment_id, x.variant_id, x.epoch, x.day as exposure_day, x.first_at, x.inverse_propensity, e.ended_at, e.time_zone
  from logged l
  cross join lateral (
    select experiment_id, variant_id, epoch, day, first_at, inverse_propensity from exposure
    where organization_id = $1 and unit_type = l.unit_type and unit_id = l.unit_id and not contaminated and not excluded offset 0) x
  cross join lateral (
    select ended_at, time_zone from attributed_experiment where organization_id = $1 and experiment_id = x.experiment_id offset 0) e),
credited as materialized (
  select l.unit_type, l.unit_id, l.experiment_id, s.metric_id, l.variant_id, l.epoch, l.exposure_day, l.inverse_propensity,
    (l.occurred_at at time zone l.time_zone)::date as event_day, l.occurred_at >= l.first_at as counts, s.side, s.amount
  from reached l
  cross join lateral (
    select s.metric_id, s.side, ${AMOUNT} as amount from metric_source s, (select l.first_at, l.ended_at) x
    where s.organization_id = $1 and s.experiment_id = l.experiment_id and s.event_name = l.name and ${IN_REACH} offset 0) s),
credit as (
  select unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, exposure_day as day, inverse_propensity,
    coalesce(sum(amount) filter (where side = 'n' and counts), 0) as numerator,
    coalesce(sum(amount) filter (where side = 'd' and counts), 0) as denominator,
    coalesce(sum(amount) filter (where side = 'n' and not counts), 0) as covariate
  from credited group by 1, 2, 3, 4, 5, 6, 7, 8),
total as materialized (
  insert into unit_total as t (organization_id, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, day, weight, numerator, denominator, covariate)
  select $1, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, day, inverse_propensity, numerator, denominator, covariate
  from credit order by unit_type, unit_id, experiment_id, metric_id
  on conflict (organization_id, unit_type, unit_id, experiment_id, metric_id) do update set
    variant_id = excluded.variant_id, epoch = excluded.epoch, day = excluded.day, weight = excluded.weight,
    numerator = t.numerator + excluded.numerator, denominator = t.denominator + excluded.denominator, covariate = t.covariate + excluded.covariate
  returning new.experiment_id, new.metric_id, new.epoch, new.day, new.variant_id, new.weight as w, old.numerator as numerator_before,
    old.denominator as denominator_before, old.covariate as covariate_before, new.numerator, new.denominator, new.covariate),
contribution as (
  select experiment_id, metric_id, epoch, day, variant_id, w, numerator, denominator, covariate, 1 as sign from total
  union all
  select experiment_id, metric_id, epoch, day, variant_id, w, numerator_before, denominator_before, covariate_before, -1
  from total where numerator_before is not null),
series as (
  select experiment_id, metric_id, event_day as day, variant_id, count(*) filter (where side = 'n') as events,
    coalesce(sum(amount) filter (where side = 'n'), 0) as numerator, coalesce(sum(amount) filter (where side = 'd'), 0) as denominator
  from credited where counts group by 1, 2, 3, 4),
${ADD_TO_AGGREGATES},
changed as (
  select experiment_id from metric_changed union select experiment_id from weighted_changed union select experiment_id from series_changed),
raised as (${RAISE_VERSIONS})
select
  array(select key::text from unnest($3::uuid[]) as k (key) where key not in (select idempotency_key from fresh)) as known,
  array(select experiment_id from raised) as experiments`
