/**
 * What the events and the exposures statement have in common: from signed contributions of units to the aggregates.
 * Both write rows in key order, so that two writers cannot deadlock, and both say `$1` for the organization and `$2` for
 * the slot of the writer.
 */

export const MOMENTS = ['x', 'y', 'c', 'd', 'xx', 'yy', 'cc', 'dd', 'xy', 'xc', 'xd', 'yc', 'yd', 'cd'] as const
export const WEIGHTED = ['wx', 'wy', 'wwx', 'wwy', 'wwxx', 'wwyy', 'wwxy'] as const

/** Of `capped`: the sum of how a product of columns, such as `w * x * x`, has changed. */
function changeOf(name: string): string {
  const factors = [...name]
  const before = factors.map((factor) => (factor === 'w' ? factor : `${factor}0`))
  return `sum(${factors.join(' * ')} - ${before.join(' * ')}) as ${name}`
}

function addTo(table: string, from: string, keys: readonly string[], sums: readonly string[]): string {
  return `
  insert into ${table} as a (organization_id, slot, ${[...keys, ...sums].join(', ')})
  select $1, $2, ${[...keys, ...sums].join(', ')} from ${from}
  where ${sums.map((sum) => `${sum} <> 0`).join(' or ')}
  order by ${keys.join(', ')}
  on conflict (organization_id, ${keys.join(', ')}, slot) do update set ${sums.map((sum) => `${sum} = a.${sum} + excluded.${sum}`).join(', ')}
  returning experiment_id`
}

export const METRIC_CELL = ['experiment_id', 'slice', 'metric_id', 'epoch', 'day', 'variant_id'] as const

export const HISTOGRAM_CELL = ['experiment_id', 'slice', 'metric_id', 'epoch', 'variant_id', 'bucket'] as const
export const HISTOGRAM_SUMS = ['h', 'nh', 'bb'] as const

export const SERIES_CELL = ['experiment_id', 'metric_id', 'day', 'variant_id'] as const
export const SERIES_SUMS = ['events', 'numerator', 'denominator'] as const
export const EXPOSURE_CELL = ['experiment_id', 'slice', 'epoch', 'day', 'variant_id'] as const
export const EXPOSURE_SUMS = ['units', 'contaminated', 'w', 'ww'] as const

/** Every unit counts in slice 0, and in one slice of each dimension of its experiment. */
export const EACH_SLICE = "unnest('{0}'::int2[] || slices) as slice"

/** Cells of all slices that a unit is in. */
function unsliced(cell: readonly string[]): string[] {
  return [...cell.filter((column) => column !== 'slice'), 'slices']
}
const UNSLICED_CELL = unsliced(METRIC_CELL)
/** What all contributions have; the rest needs a denominator or a covariate, which few have. */
const PLAIN = ['x', 'xx'] as const

function sliced(cell: readonly string[], sums: readonly string[], from: string): string {
  return `
  select ${cell.join(', ')}, ${sums.map((sum) => `sum(${sum}) as ${sum}`).join(', ')}
  from (select ${EACH_SLICE}, u.* from (${from}) u) s group by ${cell.join(', ')}`
}

/**
 * From `contribution` (experiment_id, metric_id, epoch, day, variant_id, slices, w; numerator, denominator, covariate,
 * denominator_covariate, and the same as they were `_before`, 0 for none) the changes of the sums of each cell.
 */
export function momentsAs(metric: string, weighted: string): string {
  const changes = (sums: readonly string[], condition: string) => `
  select ${UNSLICED_CELL.join(', ')}, ${sums.map(changeOf).join(', ')} from capped ${condition} group by ${UNSLICED_CELL.join(', ')}`
  const shown = (sums: readonly string[]) =>
    MOMENTS.map((sum) => (sums.includes(sum) ? sum : `0::numeric as ${sum}`)).join(', ')
  const further = MOMENTS.filter((sum) => !PLAIN.some((plain) => plain === sum))
  return `
-- few metrics have a cap
cap as materialized (
  select experiment_id, metric_id, numerator_cap from attributed_metric
  where organization_id = $1 and numerator_cap is not null and experiment_id in (select experiment_id from contribution)),
capped as materialized (
  select ${UNSLICED_CELL.map((column) => `t.${column}`).join(', ')}, t.w,
    least(t.numerator, cap.numerator_cap) as x, t.denominator as y,
    least(t.covariate, cap.numerator_cap) as c, t.denominator_covariate as d,
    least(t.numerator_before, cap.numerator_cap) as x0, t.denominator_before as y0,
    least(t.covariate_before, cap.numerator_cap) as c0, t.denominator_covariate_before as d0
  from contribution t left join cap using (experiment_id, metric_id)),
${metric} as (${sliced(
    METRIC_CELL,
    MOMENTS,
    `
    select ${UNSLICED_CELL.join(', ')}, ${shown(PLAIN)} from (${changes(PLAIN, '')}) p
    union all
    select ${UNSLICED_CELL.join(', ')}, ${shown(further)}
    from (${changes(further, 'where y <> 0 or y0 <> 0 or c <> 0 or c0 <> 0 or d <> 0 or d0 <> 0')}) f`,
  )}),
${weighted} as (${sliced(METRIC_CELL, WEIGHTED, changes(WEIGHTED, 'where w is not null'))})`
}

/** From `value_contribution` (experiment_id, metric_id, epoch, variant_id, slices, buckets, counts, sign) the sums of each bucket. */
export function histogramAs(histogram: string): string {
  const cell = unsliced(HISTOGRAM_CELL).join(', ')
  return `
${histogram} as (${sliced(
    HISTOGRAM_CELL,
    HISTOGRAM_SUMS,
    `
    select ${cell}, sum(sign * n) as h, sum(sign * n * total) as nh, sum(sign * (below * below - (below - n) * (below - n))) as bb
    from value_contribution t cross join lateral (
      select bucket, n, sum(n) over (order by bucket) as below, sum(n) over () as total
      from unnest(t.buckets, t.counts) as u (bucket, n)) v
    group by ${cell}`,
  )})`
}

/** Adds `metric_delta`, `weighted_delta`, `histogram_delta` and `series_delta` (with the cells and sums above) to the aggregates. */
export const ADD_DELTAS = `
metric_changed as (${addTo('daily_metric', 'metric_delta', METRIC_CELL, MOMENTS)}),
weighted_changed as (${addTo('daily_weighted', 'weighted_delta', METRIC_CELL, WEIGHTED)}),
histogram_changed as (${addTo('value_histogram', 'histogram_delta', HISTOGRAM_CELL, HISTOGRAM_SUMS)}),
series_changed as (${addTo('event_series', 'series_delta', SERIES_CELL, SERIES_SUMS)})`

/** What ADD_DELTAS has changed. */
export const CHANGED_BY_DELTAS = `
  select experiment_id from metric_changed union select experiment_id from weighted_changed
  union select experiment_id from histogram_changed union select experiment_id from series_changed`

/** From `contribution`, `value_contribution` and `series_delta` to the aggregates. */
export const ADD_TO_AGGREGATES = `${momentsAs('metric_delta', 'weighted_delta')},${histogramAs('histogram_delta')},${ADD_DELTAS}`

/** From `exposure_delta` to the counts of units. */
export const ADD_TO_EXPOSURES = addTo('daily_exposure', 'exposure_delta', EXPOSURE_CELL, EXPOSURE_SUMS)

/** Raises the change counters of `changed` (experiment_id). */
export const RAISE_VERSIONS = `
  insert into experiment_change as v (organization_id, experiment_id, slot, version)
  select $1, experiment_id, $2, 1 from changed order by experiment_id
  on conflict (organization_id, experiment_id, slot) do update set version = v.version + 1
  returning experiment_id`

/** Whether and as what an event counts for a source: a condition on `l` (event), `x` (exposure with first_at, ended_at) and `s`. */
export const IN_REACH = `
  l.occurred_at < least(x.first_at + coalesce(s.conversion_window, 'infinity'), coalesce(x.ended_at, 'infinity'))
  and (l.occurred_at >= x.first_at + coalesce(s.window_start, '0')
    or (l.occurred_at < x.first_at and l.occurred_at >= x.first_at - s.covariate_window))
  and (not s.keeps_values or l.value is not null)
  and (s.filter is null or l.properties @@ s.filter)`

/** An event without a value adds nothing to a sum above the line, and counts once below it: visits rarely have values. */
export const AMOUNT = "case when s.counts then 1 else coalesce(l.value, case s.side when 'd' then 1 else 0 end) end"

/**
 * The bucket that a value (of `l`) falls into, if the source (`s`) keeps values: buckets are 1 % wide, as `bucketBounds` says
 * too; values nearer to 0 than a billionth are in bucket 0.
 */
export const BUCKET = `case when s.keeps_values then
  sign(l.value)::int * case when abs(l.value) < 1e-9 then 0 else ceil(ln(abs(l.value)::float8) / ln(1.01::float8))::int + 2084 end end`

/** From `credited` (with unit, place, bucket and whether it counts) the values of each unit. */
export function valuesOf(condition: string, count = 'count(*)'): string {
  return `
  select unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, slices,
    array_agg(bucket order by bucket) as buckets, array_agg(n order by bucket) as counts
  from (
    select unit_type, unit_id, experiment_id, metric_id, variant_id, epoch, slices, bucket, (${count})::int as n
    from credited where bucket is not null and counts${condition} group by 1, 2, 3, 4, 5, 6, 7, 8) c
  group by 1, 2, 3, 4, 5, 6, 7`
}

/** What one unit contributes to one metric; the covariates are numerator and denominator from before its first exposure. */
export const UNIT_SUMS = ['numerator', 'denominator', 'covariate', 'denominator_covariate'] as const

/** In a `contribution`. */
export const NO_SUMS = UNIT_SUMS.map(() => '0::numeric').join(', ')
export const NOTHING_BEFORE = UNIT_SUMS.map((sum) => `0::numeric as ${sum}_before`).join(', ')

/** The sums of a unit over its `credited` rows. */
export function unitSums(sign: '' | '-' = ''): string {
  const sums = [
    `side = 'n' and counts`,
    `side = 'd' and counts`,
    `side = 'n' and not counts`,
    `side = 'd' and not counts`,
  ]
  return UNIT_SUMS.map(
    (name, index) => `coalesce(${sign}sum(amount) filter (where ${sums[index]}), 0) as ${name}`,
  ).join(',\n    ')
}
