import { creditEvents } from './credit-events.sql.ts'

/** The columns of the log that are written alike for all units of an event. */
const COLUMNS =
  'organization_id, idempotency_key, unit_type, unit_id, occurred_at, received_at, name, value, properties'
const LOGGED = 'idempotency_key, unit_type, unit_id, name, value, occurred_at, properties'
const rows = (key: string) => `
  select $1, ${key}, i.unit_type, i.unit_id, i.occurred_at, $11, i.name, i.value, i.properties::jsonb
  from unnest($3::uuid[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::timestamptz[], $10::text[])
    as i (key, is_further, unit_type, unit_id, name, value, occurred_at, properties)`

/**
 * Takes in a batch of events: log what is new, meet the exposures of the units, add to their totals, and from the totals
 * before and after derive what changes in the aggregates. Runs under the shared locks of the units' stripes.
 *
 * `$1` organization, `$2` slot; then one row for each event and unit: `$3` keys, `$4` whether the unit is a further one of its
 * event, `$5` unit types, `$6` unit ids, `$7` names, `$8` values, `$9` times, `$10` properties; `$11` time of receipt.
 * Answers the keys that were known already, and the experiments whose aggregates changed.
 */
export const RECORD_EVENTS = `
with own as materialized (
  insert into event (${COLUMNS})${rows('i.key')}
  where not i.is_further order by i.key
  on conflict (idempotency_key, organization_id) where idempotency_key is not null do nothing
  returning ${LOGGED}),
further as (
  insert into event (${COLUMNS})${rows('null')}
  -- without a further unit in the batch nothing is read
  where true = any ($4) and i.is_further and i.key in (select idempotency_key from own)
  returning ${LOGGED}),
logged as materialized (
  select * from own union all select * from further),${creditEvents('')}
select
  array(select key::text from unnest($3::uuid[]) as k (key) where key not in (select idempotency_key from own)) as known,
  array(select experiment_id from raised) as experiments`
