import { creditEvents } from './credit-events.sql.ts'

/**
 * Takes in a batch of events: log what is new, meet the exposures of the units, add to their totals, and from the totals
 * before and after derive what changes in the aggregates. Runs under the shared locks of the units' stripes.
 *
 * `$1` organization, `$2` slot; then one row for each event and unit: `$3` keys, `$4` unit types, `$5` unit ids, `$6` names,
 * `$7` values, `$8` times, `$9` properties; `$10` time of receipt.
 * Answers the keys that were known already, and the experiments whose aggregates changed.
 */
export const RECORD_EVENTS = `
with fresh as (
  insert into event_key (organization_id, idempotency_key, received_on)
  select distinct $1::uuid, key, ($10::timestamptz at time zone 'UTC')::date from unnest($3::uuid[]) as k (key) order by key
  on conflict do nothing
  returning idempotency_key),
logged as materialized (
  insert into event (organization_id, unit_type, unit_id, occurred_at, received_at, name, value, properties)
  select $1, i.unit_type, i.unit_id, i.occurred_at, $10, i.name, i.value, i.properties::jsonb
  from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::timestamptz[], $9::text[])
    as i (key, unit_type, unit_id, name, value, occurred_at, properties)
  where i.key in (select idempotency_key from fresh)
  returning unit_type, unit_id, name, value, occurred_at, properties),${creditEvents('')}
select
  array(select key::text from unnest($3::uuid[]) as k (key) where key not in (select idempotency_key from fresh)) as known,
  array(select experiment_id from raised) as experiments`
