/** `$1` organization's lock space: whether no other process purges it. */
export const TAKE_TURN = 'select pg_try_advisory_xact_lock($1, -1) as taken'

/** `$1` organization, `$2` a moment: whether experiments ended before it are still attributed. */
export const HAS_ENDED = `
select exists (select from attributed_experiment where organization_id = $1 and ended_at < $2) as found`

/** `$1` organization, `$2` a moment: takes experiments that ended before it off the attribution index; which units count stays known. */
export const FORGET_ENDED = `
with ended as (
  delete from attributed_experiment where organization_id = $1 and ended_at < $2 returning experiment_id),
sources as (
  delete from metric_source where organization_id = $1 and experiment_id in (select experiment_id from ended))
select count(*)::int as removed from ended`

/**
 * `$1` organization, `$2` since when events are kept in any case, `$3` how far ahead of its receipt an event may happen, `$4` rows at the
 * most: removes events that nothing can count any more.
 */
export const PURGE_EVENTS = `
with reach as materialized (
  select least($2::timestamptz, (select min(started_at) from attributed_experiment where organization_id = $1))
    - coalesce((select max(covariate_window) from metric_source where organization_id = $1), '0') - $3::interval as since),
removed as (
  delete from event where ctid = any (array(
    select ctid from event where organization_id = $1 and received_at < (select since from reach) limit $4))
  returning 1)
select count(*)::int as removed from removed`
