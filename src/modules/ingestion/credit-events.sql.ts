import { ADD_TO_AGGREGATES, AMOUNT, IN_REACH, RAISE_VERSIONS } from './aggregate.sql.ts'

/**
 * From `logged` (unit_type, unit_id, name, value, occurred_at, properties) to `raised`: meet the exposures of the units, add to
 * their totals, and from the totals before and after derive what changes in the aggregates.
 * @param sign - `+` to credit events, `-` to take the credit of events back
 * @param only - further condition on the exposures that are met, beginning with `and`; all are unless told
 */
export function creditEvents(sign: '+' | '-', only = ''): string {
  return `
-- each unit's exposures are looked up once for an event, not once for a metric
reached as materialized (
  select l.*, x.experiment_id, x.variant_id, x.epoch, x.day as exposure_day, x.first_at, x.inverse_propensity, e.ended_at, e.time_zone
  from logged l
  cross join lateral (
    select experiment_id, variant_id, epoch, day, first_at, inverse_propensity from exposure
    where organization_id = $1 and unit_type = l.unit_type and unit_id = l.unit_id and not contaminated and not excluded${only} offset 0) x
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
    coalesce(${sign} sum(amount) filter (where side = 'n' and counts), 0) as numerator,
    coalesce(${sign} sum(amount) filter (where side = 'd' and counts), 0) as denominator,
    coalesce(${sign} sum(amount) filter (where side = 'n' and not counts), 0) as covariate
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
series_delta as (
  select experiment_id, metric_id, event_day as day, variant_id, ${sign} count(*) filter (where side = 'n') as events,
    coalesce(${sign} sum(amount) filter (where side = 'n'), 0) as numerator,
    coalesce(${sign} sum(amount) filter (where side = 'd'), 0) as denominator
  from credited where counts group by 1, 2, 3, 4),
${ADD_TO_AGGREGATES},
changed as (
  select experiment_id from metric_changed union select experiment_id from weighted_changed union select experiment_id from series_changed),
raised as (${RAISE_VERSIONS})`
}
