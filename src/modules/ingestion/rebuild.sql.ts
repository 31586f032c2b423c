import {
  ADD_DELTAS,
  ADD_TO_EXPOSURES,
  EXPOSURE_CELL,
  EXPOSURE_SUMS,
  METRIC_CELL,
  MOMENTS,
  RAISE_VERSIONS,
  SERIES_CELL,
  SERIES_SUMS,
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
    coalesce(t.day, u.day) as day, case when t.experiment_id is null then u.weight else t.w end as w,
    coalesce(t.numerator, 0) as numerator, coalesce(t.denominator, 0) as denominator, coalesce(t.covariate, 0) as covariate,
    (coalesce(t.numerator, 0), coalesce(t.denominator, 0), coalesce(t.covariate, 0))
      is distinct from (coalesce(u.numerator, 0), coalesce(u.denominator, 0), coalesce(u.covariate, 0))
    or (t.experiment_id is not null and (t.variant_id, t.epoch, t.day, t.w) is distinct from (u.variant_id, u.epoch, u.day, u.weight)) as differs
  from total t
  full join (select * from unit_total where organization_id = $1 and experiment_id = $3) u using (unit_type, unit_id, metric_id)),
total_corrected as (
  insert into unit_total (organization_id, unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, day, weight, numerator, denominator, covariate)
  select $1, unit_type, unit_id, $3, metric_id, variant_id, epoch, day, w, numerator, denominator, covariate from total_compared where differs
  order by unit_type, unit_id, metric_id
  on conflict (organization_id, unit_type, unit_id, experiment_id, metric_id) do update set
    variant_id = excluded.variant_id, epoch = excluded.epoch, day = excluded.day, weight = excluded.weight,
    numerator = excluded.numerator, denominator = excluded.denominator, covariate = excluded.covariate),
${differenceAs('exposure_delta', 'daily_exposure', 'exposure_expected', EXPOSURE_CELL, EXPOSURE_SUMS)},
${differenceAs('metric_delta', 'daily_metric', 'metric_expected', METRIC_CELL, MOMENTS)},
${differenceAs('weighted_delta', 'daily_weighted', 'weighted_expected', METRIC_CELL, WEIGHTED)},
${differenceAs('series_delta', 'event_series', 'series_expected', SERIES_CELL, SERIES_SUMS)},
exposures_changed as (${ADD_TO_EXPOSURES}),
${ADD_DELTAS},
changed as (
  select experiment_id from exposures_changed union select experiment_id from metric_changed
  union select experiment_id from weighted_changed union select experiment_id from series_changed),
raised as (${RAISE_VERSIONS})
select
  (select jsonb_build_object('checked', count(*), 'differing', count(*) filter (where differs)) from total_compared) as "UNIT_TOTAL",
  ${countOf('exposure_delta', EXPOSURE_SUMS)} as "DAILY_EXPOSURE",
  ${countOf('metric_delta', MOMENTS)} as "DAILY_METRIC",
  ${countOf('weighted_delta', WEIGHTED)} as "DAILY_WEIGHTED",
  ${countOf('series_delta', SERIES_SUMS)} as "EVENT_SERIES",
  array(select experiment_id from raised) as experiments`
