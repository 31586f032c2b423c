import { creditEvents } from './credit-events.sql.ts'
import { MOVE_CONTRIBUTIONS, MOVED, REMOVED } from './move-contributions.sql.ts'

/** `$1` organization, `$2` experiment: whether a unit is overridden whose contributions still stand, or may come. */
export const HAS_OVERRIDDEN = `
select exists (
  select from "override" o
  join attributed_experiment x using (organization_id, experiment_id)
  left join exposure e on e.organization_id = o.organization_id and e.unit_type = x.unit_type and e.unit_id = o.unit_id
    and e.experiment_id = o.experiment_id
  where o.organization_id = $1 and o.experiment_id = $2 and e.excluded is not true) as found`

/**
 * Takes the overridden units out of the analysis, for good: they have met a variant that nobody drew for them. Those not yet
 * exposed are noted too, so that no exposure on its way can bring them in.
 * `$1` organization, `$2` slot, `$3` experiment, `$4` now.
 */
export const EXCLUDE_OVERRIDDEN = `
with met as materialized (
  insert into exposure as e (organization_id, unit_type, unit_id, experiment_id, variant_id, epoch, day, first_at, excluded)
  select o.organization_id, x.unit_type, o.unit_id, o.experiment_id, o.variant_id, 1, ($4::timestamptz at time zone x.time_zone)::date, $4, true
  from "override" o join attributed_experiment x using (organization_id, experiment_id)
  where o.organization_id = $1 and o.experiment_id = $3
  order by o.unit_id
  on conflict (organization_id, unit_type, unit_id, experiment_id) do update set excluded = true where not e.excluded
  returning ${MOVED}),${MOVE_CONTRIBUTIONS}
select experiment_id from raised`

/** Forgets the exposures after the end of an experiment. `$1` organization, `$2` slot, `$3` experiment, `$4` its end. */
export const REMOVE_LATE_EXPOSURES = `
with met as materialized (
  delete from exposure where organization_id = $1 and experiment_id = $3 and first_at >= $4
  returning ${REMOVED}),${MOVE_CONTRIBUTIONS}
select experiment_id from raised`

/**
 * Takes back the credit of events after the end of an experiment, before the index says that it has ended.
 * `$1` organization, `$2` slot, `$3` experiment, `$4` its end, `$5` how far ahead of their receipt events may happen.
 */
export const TAKE_BACK_LATE_EVENTS = `
with logged as materialized (
  select unit_type, unit_id, name, value, occurred_at, properties from event
  where organization_id = $1 and received_at >= $4::timestamptz - $5::interval and occurred_at >= $4),${creditEvents('-', ' and experiment_id = $3')}
select experiment_id from raised`
