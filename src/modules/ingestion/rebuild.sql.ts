import {
  ADD_DELTAS,
  ADD_TO_EXPOSURES,
  CHANGED_BY_DELTAS,
  EXPOSURE_CELL,
  EXPOSURE_SUMS,
  HISTOGRAM_CELL,
  HISTOGRAM_SUMS,
  METRIC_CELL,
  MOMENTS,
  RAISE_VERSIONS,
  SERIES_CELL,
  SERIES_SUMS,
  UNIT_SUMS,
  WEIGHTED,
} from './aggregate.sql.ts'
import { deriveFromLog } from './derive-from-log.sql.ts'

/** `delta`: what is missing in the rows of `table`, cell by cell, to be what `expected` says. */
function differenceAs(
  delta: string,
  table: string,
  expected: string,
  cell: readonly string[],
  sums: readonly string[],
): string {
  return `
${delta} as materialized (
  select ${cell.join(', ')}, ${sums.map((sum) => `sum(${sum}) as ${sum}`).join(', ')}
  from (
    select ${[...cell, ...sums].join(', ')} from ${expected}
    union all
    select ${cell.join(', ')}, ${sums.map((sum) => `-${sum}`).join(', ')} from ${table} where organization_id = $1 and experiment_id = $3) d
  group by ${cell.join(', ')})`
}

function countOf(delta: string, sums: readonly string[]): string {
  return `(select jsonb_build_object('checked', count(*), 'differing', count(*) filter (where ${sums.map((sum) => `${sum} <> 0`).join(' or ')})) from ${delta})`
}

/**
 * Recomputes everything that is derived for one experiment from its exposures and the log, compares it row by row with what
 * stands, and puts right what differs. Runs while no batch of the organization is under way.
 * `$1` organization, `$2` slot, `$3` experiment. Answers how many rows of each kind were checked, and how many differed.
 */
export const REBUILD = `
with ${deriveFromLog('$3')},
-- a row of zeros says the same as no row
total_compared as materialized (
  select unit_type, unit_id, metric_id, coalesce(t.variant_id, u.variant_id) as variant_id, coalesce(t.epoch, u.epoch) as epoch,
    coalesce(t.day, u.day) as day, coalesce(t.slices, u.slices) as slices, case when t.experiment_id is null then u.weight else t.w end as w,
    ${UNIT_SUMS.map((sum) => `coalesce(t.${sum}, 0) as ${sum}`).join(', ')},
    (${UNIT_SUMS.map((sum) => `coalesce(t.${sum}, 0)`).join(', ')}) is distinct from (${UNIT_SUMS.map((sum) => `coalesce(u.${sum}, 0)`).join(', ')})
    or (t.experiment_id is not null
      and (t.variant_id, t.epoch, t.day, t.slices, t.w) is distinct from (u.variant_id, u.epoch, u.day, u.slices, u.weight)) as differs
  from total t
  full join (select * from unit_total where organization_id = $1 and experiment_id = $3) u using (unit_type, unit_id, metric_id)),
total_corrected as (
  insert into unit_total (organization_id, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, day, slices, weight, ${UNIT_SUMS.join(', ')})
  select $1, unit_type, unit_id, $3, metric_id, variant_id, epoch, day, slices, w, ${UNIT_SUMS.join(', ')} from total_compared where differs
  order by unit_type, unit_id, metric_id
  on conflict (organization_id, unit_type, unit_id, experiment_id, metric_id) do update set
    variant_id = excluded.variant_id, epoch = excluded.epoch, day = excluded.day, slices = excluded.slices, weight = excluded.weight,
    ${UNIT_SUMS.map((sum) => `${sum} = excluded.${sum}`).join(', ')}),
values_compared as materialized (
  select unit_type, unit_id, metric_id, coalesce(t.variant_id, u.variant_id) as variant_id, coalesce(t.epoch, u.epoch) as epoch,
    coalesce(t.slices, u.slices) as slices, coalesce(t.buckets, '{}') as buckets, coalesce(t.counts, '{}') as counts,
    (coalesce(t.buckets, '{}'), coalesce(t.counts, '{}')) is distinct from (coalesce(u.buckets, '{}'), coalesce(u.counts, '{}'))
    or (t.experiment_id is not null and (t.variant_id, t.epoch, t.slices) is distinct from (u.variant_id, u.epoch, u.slices)) as differs
  from unit_value t
  full join (select * from unit_values where organization_id = $1 and experiment_id = $3) u using (unit_type, unit_id, metric_id)),
values_corrected as (
  insert into unit_values (organization_id, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, slices, buckets, counts)
  select $1, unit_type, unit_id, $3, metric_id, variant_id, epoch, slices, buckets, counts from values_compared where differs
  order by unit_type, unit_id, metric_id
  on conflict (organization_id, unit_type, unit_id, experiment_id, metric_id) do update set
    variant_id = excluded.variant_id, epoch = excluded.epoch, slices = excluded.slices, buckets = excluded.buckets, counts = excluded.counts),
${differenceAs('exposure_delta', 'daily_exposure', 'exposure_expected', EXPOSURE_CELL, EXPOSURE_SUMS)},
${differenceAs('metric_delta', 'daily_metric', 'metric_expected', METRIC_CELL, MOMENTS)},
${differenceAs('weighted_delta', 'daily_weighted', 'weighted_expected', METRIC_CELL, WEIGHTED)},
${differenceAs('histogram_delta', 'value_histogram', 'histogram_expected', HISTOGRAM_CELL, HISTOGRAM_SUMS)},
${differenceAs('series_delta', 'event_series', 'series_expected', SERIES_CELL, SERIES_SUMS)},
exposures_changed as (${ADD_TO_EXPOSURES}),
${ADD_DELTAS},
changed as (
  select experiment_id from exposures_changed union ${CHANGED_BY_DELTAS}),
raised as (${RAISE_VERSIONS})
select
  (select jsonb_build_object('checked', count(*), 'differing', count(*) filter (where differs)) from total_compared) as "UNIT_TOTAL",
  (select jsonb_build_object('checked', count(*), 'differing', count(*) filter (where differs)) from values_compared) as "UNIT_VALUES",
  ${countOf('exposure_delta', EXPOSURE_SUMS)} as "DAILY_EXPOSURE",
  ${countOf('metric_delta', MOMENTS)} as "DAILY_METRIC",
  ${countOf('weighted_delta', WEIGHTED)} as "DAILY_WEIGHTED",
  ${countOf('histogram_delta', HISTOGRAM_SUMS)} as "VALUE_HISTOGRAM",
  ${countOf('series_delta', SERIES_SUMS)} as "EVENT_SERIES",
  array(select experiment_id from raised) as experiments`
